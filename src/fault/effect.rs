//! What a fault does.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::domain::error_code::ErrorCode;

/// What becomes of a request, or of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    // Before the service sees the request: nothing is stored.
    /// An error of the service's own.
    Refuse(ErrorCode),
    /// An answer that is not the service's: a proxy's, say.
    Answer { status: u16, content_type: &'static str, body: Bytes },
    /// No answer, ever.
    Hang,
    /// The connection is reset as soon as the head of the request is there.
    Reset,
    /// The request waits for so long on the wall's clock.
    Delay(Duration),

    // After it: the state has changed, the answer suffers.
    /// The connection is closed instead.
    LoseAnswer,
    /// The connection is reset instead.
    ResetAfterCommit,
    /// The body ends after so many bytes, with the connection.
    CutBodyAfter(u64),
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Refuse(code) => write!(f, "{code}"),
            Effect::Answer { status, .. } => write!(f, "a foreign {status}"),
            Effect::Hang => f.write_str("no answer"),
            Effect::Reset => f.write_str("a reset connection"),
            Effect::Delay(delay) => write!(f, "a delay of {delay:?}"),
            Effect::LoseAnswer => f.write_str("a lost answer"),
            Effect::ResetAfterCommit => f.write_str("a connection reset after the commit"),
            Effect::CutBodyAfter(bytes) => write!(f, "a body cut after {bytes} bytes"),
        }
    }
}
