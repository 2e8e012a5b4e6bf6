//! What a fault does.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};

use crate::domain::failure::ErrorCode;

/// What becomes of a request, or of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The service does not see the request, or sees it later: nothing is stored.
    Before(Before),
    /// The state has changed, the answer suffers.
    After(After),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// An error of the service's own.
    Refuse(ErrorCode),
    /// An answer that is not the service's: a proxy's, say.
    Answer { status: u16, content_type: &'static str, body: Bytes },
    /// No answer, ever.
    Hang,
    /// The connection is reset as soon as so many bytes of the body are there; `None`: as soon as the head is.
    Reset(Option<u64>),
    /// The request waits.
    Delay(Delay),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The connection is closed instead.
    LoseAnswer,
    /// The connection is reset instead.
    Reset,
    /// The answer waits.
    Delay(Delay),
    /// The answer comes, and is not what it should be.
    Spoil(Spoil),
}

/// What is wrong with an answer. Bytes are counted from 0 in its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    /// It ends after so many bytes, with the connection.
    Cut { after: u64 },
    /// One bit of this byte is another.
    Flip { at: u64 },
    /// Its checksum header is that of something else.
    WrongChecksum,
    /// This header is another.
    SetHeader(HeaderName, HeaderValue),
    /// This header is not there.
    DropHeader(HeaderName),
    /// The JSON ends in the wrong bracket.
    MalformedJson,
    /// The JSON ends after so many bytes; the connection does not, and Content-Length agrees.
    TruncatedJson { after: u64 },
    /// Content-Length says this.
    ContentLength(u64),
    /// Nothing comes after so many bytes, and the connection stays open.
    Stall { after: u64 },
    /// It comes in small pieces.
    Dribble { bytes_per_second: u64, on: Passing },
}

/// A duration, and on which clock it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delay {
    pub(crate) time: Duration,
    pub(crate) on: Passing,
}

/// Where time passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Passing {
    /// On the mock's clock: under paused tokio time it costs nothing.
    #[default]
    Mock,
    /// On the wall's.
    Wall,
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
            Before::Answer { status, .. } => write!(f, "a foreign {status}"),
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
