//! A request on one line, for people: what it was, which vault, how it was answered.

use super::request::Request;

/// The columns of a request's line. Never the body.
pub(crate) struct Line {
    /// The operation, or the method and path if it was none.
    pub(crate) operation: String,
    pub(crate) vault: String,
    pub(crate) status: String,
    /// The error, or what tells this request from others like it.
    pub(crate) detail: String,
}

impl Line {
    pub(crate) fn of(request: &Request) -> Self {
        let operation = request.operation().map(|operation| operation.to_string());
        let status = match request.status() {
            Some(status) => status.to_string(),
            None if request.is_disconnected() && request.fault().is_some() => "no answer".into(),
            None if request.is_disconnected() => "client went away".into(),
            None => "in flight".into(),
        };
        let detail = match (request.error_code(), request.error_message()) {
            // Of a wrong signature the message goes on for pages.
            (Some(code), Some(message)) => format!("{code}: {}", message.lines().next().unwrap_or_default()),
            _ => {
                let range = request.header("content-range").or(request.header("range")).unwrap_or_default();
                let range = request.job_seen().map_or(range, |job| job.status.as_str());
                let dropped = request.body().map_or(0, |body| body.dropped());
                if dropped == 0 { range.into() } else { format!("{range}  ({dropped} bytes of the body dropped)") }
            }
        };
        let detail = match request.fault() {
            Some(fault) => format!("{detail}  [fault: {fault}]").trim_start().to_owned(),
            None => detail,
        };
        let detail = match request.interruption() {
            Some(why) => format!("{detail}  [the body broke off: {why}]").trim_start().to_owned(),
            None => detail,
        };
        Line {
            operation: operation.unwrap_or_else(|| format!("{} {}", request.method(), request.path())),
            vault: request.vault().unwrap_or("-").into(),
            status,
            detail,
        }
    }
}

/// The columns with two spaces between them, and the mock's explanation of a refusal if it has one.
pub(crate) fn line(request: &Request) -> String {
    let Line { operation, vault, status, detail } = Line::of(request);
    let hint = request.explanation().map(|hint| format!("  ({hint})")).unwrap_or_default();
    format!("{operation}  {vault}  {status}  {detail}{hint}").trim_end().to_owned()
}

/// A name or path as a headline or a hint quotes it: the beginning of a very long one.
pub(crate) fn short(text: &str) -> String {
    cut(text, 80)
}

/// The beginning of a text that is longer than so many characters.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    format!("{}...", text.chars().take(longest.saturating_sub(3)).collect::<String>())
}
