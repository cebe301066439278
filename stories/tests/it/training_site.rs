//! A training organisation's site as stories play it.
use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Value, json};

/// A training organisation's site: what it answers can be changed while it runs.
pub struct Site {
    pub url: String,
    said: Arc<Mutex<Said>>,
}

pub struct Said {
    pub status: u16,
    pub courses: Value,
    pub learned: Value,
    pub asked: Vec<Value>,
    /// Questions about learners wait for their answer as long as this is set.
    pub is_slow: bool,
}

impl Site {
    pub async fn open() -> Self {
        let nothing = || json!({"items": []});
        let said =
            Said { status: 200, courses: nothing(), learned: nothing(), asked: vec![], is_slow: false };
        let said = Arc::new(Mutex::new(said));
        let courses = |State(said): State<Arc<Mutex<Said>>>| async move {
            let said = said.lock().unwrap();
            (StatusCode::from_u16(said.status).unwrap(), Json(said.courses.clone()))
        };
        let learned = |State(said): State<Arc<Mutex<Said>>>, Json(question): Json<Value>| async move {
            said.lock().unwrap().asked.push(question);
            while said.lock().unwrap().is_slow {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            let said = said.lock().unwrap();
            (StatusCode::from_u16(said.status).unwrap(), Json(said.learned.clone()))
        };
        let router = Router::new()
            .route("/api/v1/courses", get(courses))
            .route("/api/v1/hub/learned", axum::routing::post(learned))
            .with_state(Arc::clone(&said));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, said }
    }

    pub fn says(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.said.lock().unwrap());
    }
}

pub fn course(id: &str, title: &str, seconds: u32) -> Value {
    json!({"id": id, "title": title, "subject": "public", "topic": "消防安全", "teacher": "王工", "hours": "0.2",
        "price": "0.00", "free": true, "lectures": [{"id": "l", "title": "一", "seconds": seconds}]})
}
