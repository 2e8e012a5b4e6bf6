//! The endpoint that returns the mock to its state at the start.

use axum::extract::State;
use axum::response::NoContent;
use serde::Deserialize;

use crate::control::{ResetPart, reset, reset_parts};

use super::endpoint::Routes;
use super::error::ApiError;
use super::parts::Parts;
use super::read::Body;

/// What to reset.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The parts to reset. Without it, everything is reset, and the state at the start of the program is restored.
    only: Option<Vec<PartForm>>,
}

/// A part of the state.
#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum PartForm {
    /// The record.
    Requests,
    /// The faults.
    Faults,
    /// The jobs, their notifications, and the rules for jobs.
    Jobs,
    /// The vaults with everything in them.
    Vaults,
    /// The advances of the clock, and what is measured with it in an account: provisioned capacity and the use of the
    /// retrieval limits. Refused while there are vaults, unless they are reset too.
    Clock,
}

impl From<PartForm> for ResetPart {
    fn from(part: PartForm) -> Self {
        match part {
            PartForm::Requests => ResetPart::Requests,
            PartForm::Faults => ResetPart::Faults,
            PartForm::Jobs => ResetPart::Jobs,
            PartForm::Vaults => ResetPart::Vaults,
            PartForm::Clock => ResetPart::Clock,
        }
    }
}

pub(super) fn routes() -> Routes {
    Routes::default().post("/reset", "Restores the state at the start, or parts of it", restore)
}

async fn restore(State(parts): State<Parts>, body: Body<Wanted>) -> Result<NoContent, ApiError> {
    if let Some(only) = body.form.only {
        let only: Vec<ResetPart> = only.into_iter().map(Into::into).collect();
        reset_parts(&parts.mock, &only)?;
        return Ok(NoContent);
    }
    reset(&parts.mock, &parts.expectations);
    if let Some(arrange) = parts.settings.arrange {
        // It may read and hash files.
        let arranged = tokio::task::spawn_blocking(move || arrange()).await;
        arranged.map_err(|error| ApiError::internal(format!("the initial state was not restored: {error}")))?;
    }
    Ok(NoContent)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::GlacierMock;
    use crate::control_api::ControlApi;

    fn post(mock: &GlacierMock, body: &str) -> String {
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        let length = body.len();
        let request = format!(
            "POST /_glacier-mock/v1/reset HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_full_reset_arranges_the_initial_state_again_or_says_that_this_failed() {
        let arranged = Arc::new(AtomicUsize::new(0));
        let counted = arranged.clone();
        let arrange = move || assert_eq!(counted.fetch_add(1, Ordering::SeqCst), 0, "the second time fails");
        let settings = ControlApi { arrange: Some(Arc::new(arrange)), ..ControlApi::default() };
        let mock =
            GlacierMock::builder().log(false).prepare().unwrap().listen(|mock| mock.control_api(settings)).unwrap();
        assert_eq!(post(&mock, r#"{"only": ["vaults", "jobs", "clock"]}"#), "HTTP/1.1 204 No Content");
        assert_eq!(arranged.load(Ordering::SeqCst), 0);
        assert_eq!(post(&mock, "{}"), "HTTP/1.1 204 No Content");
        assert_eq!(arranged.load(Ordering::SeqCst), 1);
        assert_eq!(post(&mock, ""), "HTTP/1.1 500 Internal Server Error");
    }
}
