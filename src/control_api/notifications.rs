//! The endpoint of the notifications that jobs published.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::control::Notifications;
use crate::domain::vault::Notice;

use super::answer::Json;
use super::endpoint::Routes;
use super::forms::NotificationForm;
use super::parts::Parts;
use super::read::Query;

/// Which notifications to list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The name of a vault.
    vault: Option<String>,
}

/// The notifications of jobs that have ended.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Published {
    /// In the order in which the jobs ended.
    notifications: Vec<NotificationForm>,
}

pub(super) fn routes() -> Routes {
    Routes::default().get("/notifications", "The notifications that were published to SNS topics", list)
}

async fn list(State(parts): State<Parts>, query: Query<Wanted>) -> Json<Published> {
    let Query { form: Wanted { vault }, place } = query;
    let is_wanted = |notice: &&Notice| {
        place.selects(notice.place.account, &notice.place.region)
            && vault.as_deref().is_none_or(|vault| vault == notice.vault.as_str())
    };
    let notices = Notifications(&parts.mock).all();
    Json(Published { notifications: notices.iter().filter(is_wanted).map(NotificationForm::of).collect() })
}
