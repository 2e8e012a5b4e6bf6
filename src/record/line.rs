//! A request on one line of a report: the operation, the vault, the response.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::domain::failure::ErrorCode;

use super::request::Request;

/// The columns of a request's line. They never contain the body.
pub(crate) struct Line {
    /// The operation, or the method and path if they match no operation.
    pub(crate) operation: String,
    pub(crate) vault: String,
    pub(crate) status: String,
    /// The error, or what distinguishes this request from similar ones.
    pub(crate) detail: String,
}

impl Line {
    pub(crate) fn of(request: &Request) -> Self {
        let operation = request.operation().map(|operation| operation.to_string());
        let status = match request.status() {
            Some(status) => status.to_string(),
            None if request.is_not_answered() => "no answer".into(),
            None if request.is_disconnected() => "client went away".into(),
            None => "in flight".into(),
        };
        let detail = match (request.error_code(), request.error_message()) {
            // The message for a wrong signature has many lines, and the first is enough here. Other messages have line
            // breaks only where they quote the request.
            (Some(code @ ErrorCode::InvalidSignatureException), Some(message)) => {
                format!("{code}: {}", message.lines().next().unwrap_or_default())
            }
            (Some(code), Some(message)) => format!("{code}: {message}"),
            _ => {
                let range = request.header("content-range").or(request.header("range")).unwrap_or_default();
                let range = request.job_seen().map_or(range, |job| job.status.as_str());
                let dropped = request.body().map_or(0, |body| body.dropped());
                if dropped == 0 { range.into() } else { format!("{range}  ({dropped} bytes of the body dropped)") }
            }
        };
        let detail = match request.unfinished_body() {
            Some(arrived) => format!("{detail}  ({arrived})").trim_start().to_owned(),
            None => detail,
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
            operation: operation.unwrap_or_else(|| format!("{} {}", request.method(), escape(request.path()))),
            vault: escape(request.vault().unwrap_or("-")).into_owned(),
            status,
            detail: escape(&detail).into_owned(),
        }
    }
}

/// Joins the columns with two spaces, and adds the mock's explanation of a refusal if there is one.
pub(crate) fn line(request: &Request) -> String {
    let Line { operation, vault, status, detail } = Line::of(request);
    let hint = request.explanation().map(|hint| format!("  ({hint})")).unwrap_or_default();
    format!("{operation}  {vault}  {status}  {detail}{}", escape(&hint)).trim_end().to_owned()
}

/// Makes text from a request safe to print on one line. Characters that would start a new line, move the cursor, ring
/// the bell, change colours or reorder the display become escapes, for example `\n` and `\u{1b}`.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unprintable(character) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", character.escape_default());
        } else {
            out.push(character);
        }
    }
    out.into()
}

/// Like [`escape`], for text from the mock that may have several lines and quote a request.
pub(crate) fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// Matches C0 and C1 controls and DEL, the line breaks of Unicode, the marks that change the direction of writing, and
/// invisible characters, which make two different names look equal.
fn is_unprintable(character: char) -> bool {
    let is_mark = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    is_mark || character.is_control()
}

/// Shortens a name or path for a headline or a hint.
pub(crate) fn short(text: &str) -> String {
    cut(&escape(text), 80)
}

/// Shortens a text to at most `longest` characters.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    format!("{}...", text.chars().take(longest.saturating_sub(3)).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape("a\nb\r\t\u{1b}[31m\u{7}\u{7f}\u{9b}2J"), r"a\nb\r\t\u{1b}[31m\u{7}\u{7f}\u{9b}2J");
        assert_eq!(escape("\u{2028}\u{202e}"), r"\u{2028}\u{202e}");
        assert_eq!(escape("\u{61c}\u{200b}\u{feff}\u{e0041}"), r"\u{61c}\u{200b}\u{feff}\u{e0041}");
        assert_eq!(escape("plain, \u{e9} and \u{6f22}"), "plain, \u{e9} and \u{6f22}");
        assert_eq!(escape_lines("one\ntwo\u{7}"), "one\ntwo\\u{7}");
    }
}
