//! What a client wrote about an archive or a job.

use std::sync::Arc;

/// At most 1,024 characters of printable ASCII (0x20 to 0x7E), leading spaces removed (api.md section 4).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Description(Option<Arc<str>>);

impl Description {
    /// `None` if the text is longer than the service takes or holds something that is not printable ASCII.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let printable = text.bytes().all(|b| (0x20..=0x7e).contains(&b));
        if !printable || text.len() > 1024 {
            return None;
        }
        let kept = text.trim_start_matches(' ');
        Some(Description((!kept.is_empty()).then(|| kept.into())))
    }

    /// The text, or `None` where none was given: an archive without a description shows null in a list of uploads.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text as an inventory shows it: `""` where there is none (observed.md 3.5).
    pub(crate) fn text(&self) -> &str {
        self.get().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_leading_spaces_go() {
        let text = |given: &str| Description::parse(given).unwrap().text().to_owned();
        assert_eq!(text("  double  spaces  here "), "double  spaces  here ");
        assert_eq!(text(""), "");
        assert_eq!(Description::parse("   "), Some(Description::default()));
        assert_eq!(text(&"x".repeat(1024)).len(), 1024);
        for bad in ["tab\there", "ü", "bell\u{7}", "\u{7f}", &"x".repeat(1025)] {
            assert_eq!(Description::parse(bad), None, "{bad:?}");
        }
    }
}
