//! The description that a client gives to an archive or a job.

use std::sync::Arc;

/// A description: at most 1,024 characters of printable ASCII (0x20 to 0x7E).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Description(Option<Arc<str>>);

impl Description {
    /// Parses the description of an archive and removes leading spaces (api.md section 4). Returns `None` if the text
    /// is too long or contains a character that is not printable ASCII.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::checked(text, text.trim_start_matches(' '))
    }

    /// Parses the description of a job. It keeps its leading spaces, because the guide removes them only from
    /// `x-amz-archive-description` (observed.md 3.3).
    pub(crate) fn of_job(text: &str) -> Option<Self> {
        Self::checked(text, text)
    }

    fn checked(text: &str, kept: &str) -> Option<Self> {
        let printable = text.bytes().all(|b| (0x20..=0x7e).contains(&b));
        let fits = printable && text.len() <= 1024;
        fits.then(|| Description((!kept.is_empty()).then(|| kept.into())))
    }

    /// Returns a description that was saved.
    #[cfg(feature = "state")]
    pub(crate) fn restored(text: Option<&str>) -> Result<Self, String> {
        Self::of_job(text.unwrap_or_default()).ok_or_else(|| format!("{text:?} is not a description"))
    }

    /// Returns the text, or `None` without a description, which a list of uploads shows as null.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Returns the text as an inventory shows it: `""` without a description (observed.md 3.5).
    pub(crate) fn text(&self) -> &str {
        self.get().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_of_a_job_keeps_its_leading_spaces() {
        assert_eq!(Description::of_job("  a job ").unwrap().text(), "  a job ");
        assert_eq!(Description::of_job("   ").unwrap().get(), Some("   "));
        assert_eq!(Description::of_job(""), Some(Description::default()));
        assert_eq!(Description::of_job("\u{fc}"), None);
    }

    #[test]
    fn an_archive_description_loses_only_its_leading_spaces() {
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
