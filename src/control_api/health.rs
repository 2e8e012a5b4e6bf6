//! Whether the mock is running.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::control::ClockControl;
use crate::domain::words::Timestamp;

use super::forms::Text;
use super::parts::Parts;
use super::read::{Nothing, Query};

/// The state of the program.
#[derive(Serialize, JsonSchema)]
struct Health {
    /// Always `running`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
    /// The time on the mock's clock.
    now: Text<Timestamp>,
}

pub(super) fn routes() -> ApiRouter<Parts> {
    ApiRouter::new().api_route("/health", get_with(health, |about| about.summary("Whether the mock is running")))
}

async fn health(State(parts): State<Parts>, _: Query<Nothing>) -> Json<Health> {
    let now = Text(ClockControl(&parts.mock).now());
    Json(Health { status: "running", version: env!("CARGO_PKG_VERSION"), now })
}
