//! The effects of a fault.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};

use crate::domain::failure::ErrorCode;

use super::throttle::Quota;

/// What happens to a request, or to its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Applies before the service processes the request. The service then processes the request later, or never.
    Before(Before),
    /// Applies after the service has changed its state. Only the response is affected.
    After(After),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// Answers with an error of the service.
    Refuse(ErrorCode),
    /// Answers requests beyond this quota with `ThrottlingException`.
    Throttle(Quota),
    /// Answers with a response that does not come from the service, for example one of a proxy.
    Answer { status: u16, content_type: String, body: Bytes },
    /// Never answers.
    Hang,
    /// Resets the connection as soon as this many bytes of the body have arrived; with `None`, as soon as the headers
    /// have.
    Reset(Option<u64>),
    /// Delays the request.
    Delay(Delay),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Closes the connection instead of answering.
    LoseAnswer,
    /// Resets the connection instead of answering.
    Reset,
    /// Delays the response.
    Delay(Delay),
    /// Sends a spoilt response.
    Spoil(Spoil),
}

/// What is wrong with a response. Byte positions count from 0 at the start of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    /// The connection closes after this many bytes of the body.
    Cut { after: u64 },
    /// One bit of this byte is inverted.
    Flip { at: u64 },
    /// The checksum header does not match the body.
    WrongChecksum,
    /// This header has another value.
    SetHeader(HeaderName, HeaderValue),
    /// This header is missing.
    DropHeader(HeaderName),
    /// The JSON ends in the wrong bracket.
    MalformedJson,
    /// The JSON ends after this many bytes. The connection stays open, and Content-Length matches the shorter body.
    TruncatedJson { after: u64 },
    /// Content-Length has this value.
    ContentLength(u64),
    /// The body stops after this many bytes, and the connection stays open.
    Stall { after: u64 },
    /// The body arrives slowly, in small pieces.
    Dribble { bytes_per_second: u64, on: Passing },
}

/// A duration, and the clock on which it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delay {
    pub(crate) time: Duration,
    pub(crate) on: Passing,
}

/// The clock on which a delay passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Passing {
    /// The mock's clock. Under paused tokio time such a delay takes no real time.
    #[default]
    Mock,
    /// The wall clock.
    Wall,
}

impl Effect {
    /// Returns the quota within which the fault does not apply.
    pub(crate) fn quota(&self) -> Option<Quota> {
        match self {
            Effect::Before(Before::Throttle(quota)) => Some(*quota),
            _ => None,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Before(before) => before.fmt(f),
            Effect::After(after) => after.fmt(f),
        }
    }
}

impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Before::Refuse(code) => write!(f, "{code}"),
            Before::Throttle(_) => write!(f, "{}", ErrorCode::ThrottlingException),
            Before::Answer { status, .. } => write!(f, "a custom response with status {status}"),
            Before::Hang => f.write_str("no answer"),
            Before::Reset(None) => f.write_str("a reset connection"),
            Before::Reset(Some(bytes)) => write!(f, "a connection reset after {bytes} bytes of the request"),
            Before::Delay(delay) => write!(f, "a delay of {delay}"),
        }
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            After::LoseAnswer => f.write_str("a lost answer"),
            After::Reset => f.write_str("a connection reset after the commit"),
            After::Delay(delay) => write!(f, "an answer delayed by {delay}"),
            After::Spoil(spoil) => spoil.fmt(f),
        }
    }
}

impl fmt::Display for Spoil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spoil::Cut { after } => write!(f, "a body cut after {after} bytes"),
            Spoil::Flip { at } => write!(f, "a bit flipped in byte {at}"),
            Spoil::WrongChecksum => f.write_str("a wrong checksum"),
            Spoil::SetHeader(name, value) => {
                write!(f, "the header {name}: {}", String::from_utf8_lossy(value.as_bytes()))
            }
            Spoil::DropHeader(name) => write!(f, "no header {name}"),
            Spoil::MalformedJson => f.write_str("malformed JSON"),
            Spoil::TruncatedJson { after } => write!(f, "JSON truncated after {after} bytes"),
            Spoil::ContentLength(length) => write!(f, "a Content-Length of {length}"),
            Spoil::Stall { after } => write!(f, "a body stalled after {after} bytes"),
            Spoil::Dribble { bytes_per_second, .. } => write!(f, "a body at {bytes_per_second} bytes a second"),
        }
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.time)
    }
}
