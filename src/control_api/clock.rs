//! Endpoints of the mock's clock.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::control::ClockControl;
use crate::domain::words::Timestamp;

use super::answer::Json;
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{EventForm, Text};
use super::parts::Parts;
use super::read::{Body, Nothing, Query};

/// The time on the mock's clock.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Now {
    now: Text<Timestamp>,
}

/// How far to move the clock.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Advance {
    by: Text<Duration>,
}

/// Where to move the clock.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct AdvanceTo {
    instant: Text<Timestamp>,
}

/// The time after the clock was moved, and what happened because of it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Advanced {
    now: Text<Timestamp>,
    /// In the order of their times.
    events: Vec<EventForm>,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/clock", "The time on the mock's clock", now)
        .post("/clock/advance", "Moves the clock ahead by a duration", advance)
        .post("/clock/advance_to", "Moves the clock ahead to a time", advance_to)
        .post("/clock/next_event", "Moves the clock ahead to the next scheduled event", next_event)
}

async fn now(State(parts): State<Parts>, _: Query<Nothing>) -> Json<Now> {
    Json(Now { now: Text(ClockControl(&parts.mock).now()) })
}

async fn advance(State(parts): State<Parts>, body: Body<Advance>) -> Json<Advanced> {
    let Text(by) = body.form.by;
    Json(advance_by(&parts, by))
}

async fn advance_to(State(parts): State<Parts>, body: Body<AdvanceTo>) -> Result<Json<Advanced>, ApiError> {
    let Text(instant) = body.form.instant;
    let by = ClockControl(&parts.mock).until(instant)?;
    Ok(Json(advance_by(&parts, by)))
}

fn advance_by(parts: &Parts, by: Duration) -> Advanced {
    let clock = ClockControl(&parts.mock);
    let events = clock.advance_with_events(by).iter().map(|(at, event)| EventForm::of(*at, event)).collect();
    Advanced { now: Text(clock.now()), events }
}

async fn next_event(State(parts): State<Parts>, _: Body<Nothing>) -> Json<Advanced> {
    let clock = ClockControl(&parts.mock);
    let events = clock.advance_to_next_event();
    let now = clock.now();
    Json(Advanced { now: Text(now), events: events.iter().map(|event| EventForm::of(now, event)).collect() })
}
