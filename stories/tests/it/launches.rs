//! Launches of cmi5 units: a token is given once, a session that ended takes nothing more, and a unit is told what its
//! publisher wrote for it.
use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{
    contents::{APPOINT, at_content, attribute, content_host, taught, text, zip_of},
    school::{Learner, School, at_both},
};

const UNIT: &str = "https://a.example/units/fire";

fn unit() -> Vec<u8> {
    let structure = format!(
        r#"<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"><course id="https://a.example/c">
        <title><langstring lang="zh-CN">消防</langstring></title></course>
        <au id="{UNIT}" moveOn="CompletedAndPassed" masteryScore="0.75" launchMethod="OwnWindow">
        <title><langstring lang="zh-CN">消防</langstring></title><url>index.html?x=1</url>
        <launchParameters>{{"level": 2}}</launchParameters><entitlementKey>xyz-123</entitlementKey></au></courseStructure>"#
    );
    zip_of(&[("cmi5.xml", &structure), ("index.html", "x")])
}

/// A launch as a unit finds it in its address.
struct Launch {
    fetch: String,
    endpoint: String,
    said: HashMap<String, String>,
}

impl Launch {
    async fn open(school: &School, learner: &Learner, lecture: &str) -> Self {
        let page = text(learner.client.call("GET", &format!("/lectures/{lecture}"), Value::Null).await);
        let frame = attribute(page.split_once("<iframe").unwrap().1, "data-src");
        let opened = text(at_content(school, "GET", &frame, "", "").await);
        let source = format!("http://{}{}", content_host(school), attribute(&opened, "data-source"));
        let said: HashMap<String, String> =
            url::Url::parse(&source).unwrap().query_pairs().into_owned().collect();
        Self { fetch: said["fetch"].clone(), endpoint: said["endpoint"].clone(), said }
    }

    async fn token(&self, school: &School) -> String {
        let answer = at_content(school, "POST", &self.fetch, "", "").await;
        format!("Basic {}", answer.json["auth-token"].as_str().unwrap())
    }

    async fn data(&self, school: &School, token: &str) -> Value {
        let mut state = url::Url::parse(&format!("{}activities/state", self.endpoint)).unwrap();
        for name in ["activityId", "registration"] {
            state.query_pairs_mut().append_pair(name, &self.said[name]);
        }
        state
            .query_pairs_mut()
            .append_pair("agent", &self.said["actor"])
            .append_pair("stateId", "LMS.LaunchData");
        at_content(school, "GET", state.as_str(), token, "").await.json
    }

    /// Sends a statement; answers the status with the reason of a refusal.
    async fn say(&self, school: &School, token: &str, statement: (&str, u8, &str)) -> (u16, Value) {
        let (verb, number, at) = statement;
        let statement = json!({
            "id": format!("0190a5d4-1111-7000-8000-0000000000{number:02}"), "timestamp": at,
            "actor": serde_json::from_str::<Value>(&self.said["actor"]).unwrap(),
            "verb": {"id": format!("http://adlnet.gov/expapi/verbs/{verb}")}, "object": {"id": self.said["activityId"]},
        });
        let path = format!("{}statements", self.endpoint);
        let answer = at_content(school, "POST", &path, token, &statement.to_string()).await;
        (answer.status, answer.json["code"].clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_given_once_and_each_opening_is_a_session_of_its_own() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let learner = school.learner().await;
        let lecture = taught(&manager, &unit()).await;
        let first = Launch::open(&school, &learner, &lecture).await;
        let token = first.token(&school).await;
        let again = at_content(&school, "POST", &first.fetch, "", "").await;
        assert_eq!((again.status, &again.json["error-code"]), (200, &json!("1")), "cmi5 8.2.3");
        assert!(again.json["error-text"].is_string() && again.json.get("auth-token").is_none());
        for forged in [first.fetch.replace("seal=", "seal=0"), first.fetch.replace("session=0", "session=1")] {
            let refused = at_content(&school, "POST", &forged, "", "").await;
            assert_eq!(refused.json["error-code"], "2");
        }
        let cached = at_content(&school, "GET", &first.fetch, "", "").await;
        assert!(cached.status >= 400, "a GET could be cached: {}", cached.status);

        let second = Launch::open(&school, &learner, &lecture).await;
        let other = second.token(&school).await;
        assert_ne!(token, other);
        for name in ["registration", "activityId", "actor"] {
            assert_eq!(first.said[name], second.said[name], "{name}");
        }
        assert_ne!(first.said["activityId"], UNIT, "never the publisher's (cmi5 8.1)");

        let data = first.data(&school, &token).await;
        let session = |data: &Value| {
            data["contextTemplate"]["extensions"]["https://w3id.org/xapi/cmi5/context/extensions/sessionid"].clone()
        };
        assert_ne!(session(&data), session(&second.data(&school, &other).await));
        assert_eq!(data["contextTemplate"]["contextActivities"]["grouping"][0]["id"], UNIT);
        let told = json!({
            "launchMode": data["launchMode"], "launchMethod": data["launchMethod"], "moveOn": data["moveOn"],
            "masteryScore": data["masteryScore"], "launchParameters": data["launchParameters"],
            "entitlementKey": data["entitlementKey"],
        });
        let written = json!({
            "launchMode": "Normal", "launchMethod": "OwnWindow", "moveOn": "CompletedAndPassed", "masteryScore": 0.75,
            "launchParameters": "{\"level\": 2}", "entitlementKey": {"courseStructure": "xyz-123"},
        });
        assert_eq!(told, written);

        let read = at_content(&school, "GET", &format!("{}statements", first.endpoint), &token, "").await.json;
        let launched = &read["statements"][1];
        assert_eq!(launched["verb"]["id"], "http://adlnet.gov/expapi/verbs/launched", "{read}");
        let extensions = &launched["context"]["extensions"];
        assert_eq!(extensions["https://w3id.org/xapi/cmi5/context/extensions/masteryscore"], 0.75);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_terminated_takes_nothing_more() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let learner = school.learner().await;
        let lecture = taught(&manager, &unit()).await;
        let launch = Launch::open(&school, &learner, &lecture).await;
        let token = launch.token(&school).await;
        let at = |second: u8| format!("2026-11-23T10:00:{second:02}+08:00");
        let terminated = at(20);
        for (verb, number, at) in [("initialized", 1, at(1)), ("terminated", 2, terminated.clone())] {
            assert_eq!(launch.say(&school, &token, (verb, number, &at)).await.0, 200, "{verb}");
        }
        let refused = (403, json!("session_terminated"));
        assert_eq!(launch.say(&school, &token, ("passed", 3, &at(21))).await, refused);
        assert_eq!(launch.say(&school, &token, ("completed", 4, &terminated)).await, refused);
        let page = text(learner.client.call("GET", &format!("/lectures/{lecture}"), Value::Null).await);
        assert!(!page.contains("已通过"), "{page}");
        let again = launch.say(&school, &token, ("terminated", 2, &terminated)).await;
        assert_eq!(again.0, 200, "sent again as its answer was lost");
        let late = launch.say(&school, &token, ("completed", 5, &at(19))).await;
        assert_eq!(late.0, 200, "what was on its way is not lost");

        school.clock.advance(61);
        assert_eq!(launch.say(&school, &token, ("experienced", 6, &at(18))).await, refused);
        let read = at_content(&school, "GET", &format!("{}statements", launch.endpoint), &token, "").await;
        assert_eq!(read.json["code"], "session_terminated", "its token is over with it");
        let next = Launch::open(&school, &learner, &lecture).await;
        let token = next.token(&school).await;
        assert_eq!(
            next.say(&school, &token, ("initialized", 7, &at(59))).await.0,
            200,
            "another session goes on"
        );
    })
    .await;
}
