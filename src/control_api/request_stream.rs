//! The stream of requests that end, as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use hyper::HeaderMap;
use serde::Deserialize;

use crate::control::RecordControl;
use crate::mock::Mock;
use crate::record::{Filter, Request};
use crate::server::{ClientWatch, OwnConnection};

use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{RequestForm, within};
use super::parts::Parts;
use super::read::Query;

/// How often a comment is sent while no request ends, so that proxies keep the connection open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The maximum number of requests that are taken from the record at once.
const AT_ONCE: usize = 100;

/// Where the stream begins.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    /// Begins with the requests that ended after the one with this number. Without it, and without the header
    /// `Last-Event-ID`, the stream begins with the next request that ends.
    after: Option<usize>,
}

pub(super) fn routes() -> Routes {
    Routes::default().get("/requests/stream", "Server-sent events, one for each request that ends", stream).described(
        "The ID of an event is the number of its request. A client that sends it in the header `Last-Event-ID` \
             continues after it.",
    )
}

/// Server-sent events.
pub(super) struct Events(Response);

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        self.0
    }
}

async fn stream(
    State(parts): State<Parts>,
    client: Option<Extension<OwnConnection>>,
    headers: HeaderMap,
    query: Query<StreamQuery>,
) -> Result<Events, ApiError> {
    let record = RecordControl(&parts.mock);
    let place = match last_event(&headers)?.or(query.form.after) {
        Some(number) => record.place_after(number),
        None => record.next_place(),
    };
    let filter = within(Filter::default(), &query.place);
    let watch = client.map(|Extension(client)| client.watch());
    let reader = Reader { mock: parts.mock.clone(), filter, place, taken: VecDeque::new(), _watch: watch };
    let events = unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok::<_, Infallible>(event), reader))
    });
    Ok(Events(Sse::new(events).into_response()))
}

/// Returns the number of the last event that the client received before it lost the connection.
fn last_event(headers: &HeaderMap) -> Result<Option<usize>, ApiError> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    match value.to_str().map(str::parse) {
        Ok(Ok(number)) => Ok(Some(number)),
        _ => Err(ApiError::invalid("the header `Last-Event-ID` must be the number of a request")),
    }
}

/// A reader of the record. It takes the next requests only when the client has received the previous ones, so a slow
/// client uses no memory.
struct Reader {
    mock: Arc<Mock>,
    filter: Filter,
    /// The place of the next request, in the order in which requests end.
    place: usize,
    taken: VecDeque<Request>,
    /// Detects that the client has disconnected while no request ends.
    _watch: Option<ClientWatch>,
}

impl Reader {
    /// Returns the next event, or `None` when the mock has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(request) = self.taken.pop_front() {
                if self.filter.fits(&request) {
                    let event = Event::default().id(request.number().to_string());
                    // This cannot fail, because all keys of the form are strings.
                    return serde_json::to_string(&RequestForm::of(&request)).ok().map(|json| event.data(json));
                }
            }
            let finished = RecordControl(&self.mock).finished(self.place, AT_ONCE);
            match tokio::time::timeout(KEEP_ALIVE, finished).await {
                Ok(finished) => {
                    let (requests, next) = finished?;
                    (self.taken, self.place) = (requests.into(), next);
                }
                Err(_) => return Some(Event::default().comment("keep-alive")),
            }
        }
    }
}
