//! The control API: what a test can do to a mock, over HTTP (docs/control-api.md).
//!
//! Each endpoint reads a form, calls the function of `control` that the fixture's method calls, and writes the result as
//! a form. The endpoints of a topic are in its file, whose `routes` is the list of them.

mod accounts;
mod answer;
mod archives;
mod clock;
mod console;
mod content;
mod contents;
#[cfg(test)]
mod describe;
mod endpoint;
mod error;
mod explain;
mod faults;
mod forms;
mod guard;
mod health;
mod job_rules;
mod jobs;
mod json;
mod kept;
mod notifications;
mod openapi;
mod outages;
mod parts;
mod path;
mod read;
mod request_stream;
mod requests;
mod reset;
mod state;
#[cfg(test)]
mod tests;
mod uploads;
mod vaults;
mod verify;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};

use self::endpoint::Routes;

pub(crate) use self::content::{ContentForm, RepeatForm};
pub(crate) use self::forms::{
    ArchivePage, NewLockForm, NewNotificationsForm, Object, PolicyForm, Text, TimingForm, VaultForm,
    VaultPropertiesForm, VaultSummaryForm, timing,
};
pub(crate) use self::parts::{ControlApi, Parts};

/// The path under which all of it is served. It cannot collide with a path of Glacier, which begins with an account.
const ROOT: &str = "/_glacier-mock";

/// The path of the current version.
const BASE: &str = "/_glacier-mock/v1";

/// The maximum length of a JSON body, in bytes.
const MAX_FORM: usize = 16 * 1024 * 1024;

/// Returns whether a request is for the control API or its console.
pub(crate) fn takes<B>(request: &hyper::Request<B>) -> bool {
    let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    request.uri().path().strip_prefix(ROOT).is_some_and(is_below) || console::is_browser_at_root(request)
}

/// Returns the endpoints of all topics.
fn endpoints() -> Routes {
    Routes::default()
        .merge(health::routes())
        .merge(reset::routes())
        .merge(state::routes())
        .merge(clock::routes())
        .merge(vaults::routes())
        .merge(archives::routes())
        .merge(uploads::routes())
        .merge(jobs::routes())
        .merge(job_rules::routes())
        .merge(notifications::routes())
        .merge(accounts::routes())
        .merge(explain::routes())
        .merge(outages::routes())
        .merge(faults::routes())
        .merge(requests::routes())
        .merge(request_stream::routes())
        .merge(verify::routes())
}

/// Returns the router of the control API for one mock.
pub(crate) fn router(parts: Parts) -> Router {
    endpoints()
        .into_router(&parts)
        .merge(openapi::routes())
        .merge(console::routes())
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(middleware::from_fn_with_state(parts, guard::guard))
}
