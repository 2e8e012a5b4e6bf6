//! Whether the mock is running.

use axum::extract::State;
use serde::Serialize;

use crate::control::ClockControl;
use crate::domain::words::Timestamp;

use super::answer::Json;
use super::endpoint::Routes;
use super::forms::Text;
use super::parts::Parts;
use super::read::{Nothing, Query};

/// The state of the program.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Health {
    /// Always `running`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
    /// The time on the mock's clock.
    now: Text<Timestamp>,
}

pub(super) fn routes() -> Routes {
    Routes::default().get("/health", "Whether the mock is running", health)
}

async fn health(State(parts): State<Parts>, _: Query<Nothing>) -> Json<Health> {
    let now = Text(ClockControl(&parts.mock).now());
    Json(Health { status: "running", version: env!("CARGO_PKG_VERSION"), now })
}
