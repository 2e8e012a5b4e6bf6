//! What a client wrote about an archive or a job.

use std::sync::Arc;

/// At most 1,024 characters of printable ASCII (0x20 to 0x7E).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Description(Option<Arc<str>>);

impl Description {
    /// The description of an archive, without leading spaces (api.md section 4). `None` if the text is longer than the
    /// service takes or holds something that is not printable ASCII.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::checked(text, text.trim_start_matches(' '))
    }

    /// The description of a job. Only archives lose their leading spaces: the guide says so of
    /// `x-amz-archive-description` alone (observed.md 3.3).
    pub(crate) fn of_job(text: &str) -> Option<Self> {
        Self::checked(text, text)
    }

    fn checked(text: &str, kept: &str) -> Option<Self> {
        let printable = text.bytes().all(|b| (0x20..=0x7e).contains(&b));
        let fits = printable && text.len() <= 1024;
        fits.then(|| Description((!kept.is_empty()).then(|| kept.into())))
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
    fn a_jobs_description_keeps_its_leading_spaces() {
        assert_eq!(Description::of_job("  a job ").unwrap().text(), "  a job ");
        assert_eq!(Description::of_job("   ").unwrap().get(), Some("   "));
        assert_eq!(Description::of_job(""), Some(Description::default()));
        assert_eq!(Description::of_job("\u{fc}"), None);
    }

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
