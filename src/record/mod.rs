//! The record: every request of the code under test in order of arrival, with its response.

mod attempts;
mod body;
mod body_sum;
mod call;
mod closure;
mod condition;
mod end;
mod entry;
mod filter;
#[cfg(feature = "standalone")]
mod finished;
mod headers;
mod journal;
mod line;
mod request;

pub use self::attempts::{Attempts, Statuses};
pub use self::body::Body;
pub use self::call::Call;
pub(crate) use self::call::calls;
pub(crate) use self::closure::{Closure, Panicked, Panics, mark_serving_thread, text};
pub(crate) use self::condition::Condition;
pub(crate) use self::end::{End, Refusal};
pub(crate) use self::entry::{Arrival, Head, JobSeen, Waits, WallTime};
pub(crate) use self::filter::{Filter, answer_filters, example, filters};
pub(crate) use self::journal::{Journal, Limits, Open, Watch};
pub(crate) use self::line::{Line, cut, escape, escape_lines, line, short};
pub use self::request::Request;
