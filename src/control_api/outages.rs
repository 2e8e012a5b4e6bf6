//! The endpoint of outages: periods in which the port refuses connections.

use std::sync::Weak;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::{AppendHeaders, NoContent};
use hyper::header::{CONNECTION, HeaderName};
use serde::Deserialize;

use crate::control::Outages;
use crate::server::{OwnConnection, Server, StoppedConnections};
use crate::sync::task;

use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::Text;
use super::parts::Parts;
use super::read::Body;

/// How long a client has to receive the answer and close its connection.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// An outage.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct NewOutage {
    /// How long the port refuses connections, on the wall clock.
    r#for: Text<Duration>,
}

/// An answer after which the connection is closed.
type LastAnswer = (AppendHeaders<[(HeaderName, &'static str); 1]>, NoContent);

pub(super) fn routes() -> Routes {
    Routes::default().post("/outages", "Refuses connections for a time on the wall clock", begin)
}

/// The port refuses connections before the answer is sent, so a client that has the answer cannot connect again.
async fn begin(
    State(parts): State<Parts>,
    Extension(connection): Extension<OwnConnection>,
    body: Body<NewOutage>,
) -> Result<LastAnswer, ApiError> {
    let Text(duration) = body.form.r#for;
    if duration.is_zero() {
        return Err(ApiError::invalid("for: expected a duration above 0s"));
    }
    if let Some(server) = parts.server.upgrade() {
        let closed = connection.closed();
        let stopped = Outages(&server).begin_sparing(&connection)?;
        tokio::spawn(task(close_connections(closed, stopped)));
        tokio::spawn(task(end_after(duration, parts.server.clone())));
    }
    Ok((AppendHeaders([(CONNECTION, "close")]), NoContent))
}

/// Closes all connections when the client has closed the one with the answer.
async fn close_connections(closed: impl Future<Output = ()>, stopped: Option<StoppedConnections>) {
    // The connections are closed in any case.
    let _ = tokio::time::timeout(LAST_ANSWER, closed).await;
    drop(stopped);
}

/// Ends the outage after this time. The time of the server's runtime is never paused.
async fn end_after(duration: Duration, server: Weak<Server>) {
    tokio::time::sleep(duration).await;
    if let Some(server) = server.upgrade()
        && let Err(error) = Outages(&server).end()
    {
        tracing::error!(target: "glacier_mock", "{error}");
    }
}
