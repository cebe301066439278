//! Serving a program: listener, background work, metrics, an orderly end.
use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::Request, middleware::Next, response::Response, routing::get};
use base::{Error, Result};
use jobs::Runner;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{net::TcpListener, sync::watch};

use crate::compose::Program;

/// A running job or an open request has this long to end after a stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` turns true; then finishes what is under way.
pub async fn serve(program: Program, listener: TcpListener, stop: watch::Receiver<bool>) -> Result<()> {
    let site = program.site.clone();
    let runner = Runner {
        db: site.db.clone(),
        clock: std::sync::Arc::clone(&site.clock),
        context: site.clone(),
        handlers: program.jobs,
        lease: jobs::LEASE,
    };
    let background = tokio::spawn(runner.run(stop.clone()));
    let mut service = program.routes.into_service(&site);
    if program.is_measured {
        service = service.layer(axum::middleware::from_fn(count));
    }
    let mut signal = stop.clone();
    let server = axum::serve(listener, service.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            let _ = signal.wait_for(|stopped| *stopped).await;
        });
    let mut deadline = stop;
    tokio::select! {
        served = server => served.map_err(Error::internal)?,
        () = async {
            let _ = deadline.wait_for(|stopped| *stopped).await;
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("requests were still open when the time to stop was over"),
    }
    let _ = tokio::time::timeout(GRACE, background).await;
    site.db.clone().close().await
}

async fn count(request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::counter!("http_requests_total", "method" => method, "status" => status).increment(1);
    metrics::histogram!("http_request_seconds").record(started.elapsed().as_secs_f64());
    response
}

/// Turns true when the process is asked to stop.
pub fn stop_signal() -> watch::Receiver<bool> {
    let (send, receive) = watch::channel(false);
    tokio::spawn(async move {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = async { match terminate.as_mut() { Some(t) => { t.recv().await; } None => std::future::pending().await } } => {}
        }
        let _ = send.send(true);
        // The channel closes with its sender; receivers keep the last value.
        std::future::pending::<()>().await;
    });
    receive
}

/// Collects metrics for the whole process.
pub fn record_metrics() -> Result<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().map_err(Error::internal)
}

/// What was measured is summed up so often, whether anyone asks or not: until then every request's time is held.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves `/metrics` on a listener of its own.
pub async fn serve_metrics(
    address: String,
    handle: PrometheusHandle,
    mut stop: watch::Receiver<bool>,
) -> Result<()> {
    let listener = TcpListener::bind(&address).await.map_err(Error::internal)?;
    let (mut stopped, upkeep) = (stop.clone(), handle.clone());
    tokio::spawn(async move {
        while tokio::time::timeout(UPKEEP, stopped.wait_for(|stopped| *stopped)).await.is_err() {
            upkeep.run_upkeep();
        }
    });
    let router = Router::new().route("/metrics", get(move || async move { handle.render() }));
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            let _ = stop.wait_for(|stopped| *stopped).await;
        })
        .await
        .map_err(Error::internal)
}
