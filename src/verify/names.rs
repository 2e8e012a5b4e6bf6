//! Names for what differs from run to run: `archive-1` for an ID, `T+4h00m` for a date.

use std::collections::HashMap;

use crate::domain::words::{ArchiveId, Timestamp};

/// What a name is for, in the form in which names begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Archive,
    Job,
    Upload,
    Lock,
    Marker,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Archive => "archive",
            Kind::Job => "job",
            Kind::Upload => "upload",
            Kind::Lock => "lock",
            Kind::Marker => "marker",
        }
    }
}

/// The names that a transcript has given out, in the order in which IDs appeared.
pub(super) struct Names {
    by_id: HashMap<String, String>,
    given: HashMap<Kind, usize>,
    /// The time that dates are relative to.
    began: Timestamp,
    /// Whether new IDs get no number. Calls are compared by texts without numbers before they are numbered.
    is_anonymous: bool,
}

impl Names {
    pub(super) fn new(began: Timestamp) -> Self {
        Names { by_id: HashMap::new(), given: HashMap::new(), began, is_anonymous: false }
    }

    /// Runs `write` with names that give no number to a new ID.
    pub(super) fn anonymously<T>(&mut self, write: impl FnOnce(&mut Names) -> T) -> T {
        self.is_anonymous = true;
        let written = write(self);
        self.is_anonymous = false;
        written
    }

    pub(super) fn name(&mut self, kind: Kind, id: &str) -> String {
        if let Some(name) = self.by_id.get(id) {
            return name.clone();
        }
        if self.is_anonymous {
            return kind.as_str().to_owned();
        }
        let number = self.given.entry(kind).or_default();
        *number += 1;
        let name = format!("{}-{number}", kind.as_str());
        self.by_id.insert(id.to_owned(), name.clone());
        name
    }

    /// Returns the time since the first request in hours and minutes. The seconds are left out, because the pauses
    /// before retries are random.
    pub(super) fn offset(&self, at: Timestamp) -> Offset {
        let (sign, distance) = if at < self.began { ('-', self.began.since(at)) } else { ('+', at.since(self.began)) };
        Offset { sign, minutes: distance.as_secs() / 60 }
    }

    /// Replaces IDs and dates in a text. Unknown words of an archive ID's length count as archives.
    pub(super) fn replace(&mut self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            let (before, from) = rest.split_at(start);
            let length = from.find(|c| !is_part(c)).unwrap_or(from.len());
            let word = from[..length].trim_end_matches(['.', ':']);
            // A word of punctuation only is copied whole.
            let word = if word.is_empty() { &from[..length] } else { word };
            out += before;
            out += &self.replace_word(word);
            rest = &from[word.len()..];
        }
        out + rest
    }

    fn replace_word(&mut self, word: &str) -> String {
        if let Some(name) = self.by_id.get(word) {
            return name.clone();
        }
        if let Some(at) = Timestamp::parse_utc(word).or_else(|| Timestamp::parse_basic(word)) {
            return format!("T{}", self.offset(at));
        }
        if word.len() == ArchiveId::LENGTH {
            return self.name(Kind::Archive, word);
        }
        word.to_owned()
    }
}

/// A time relative to the first request, in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    sign: char,
    minutes: u64,
}

impl Offset {
    pub(super) fn is_zero(self) -> bool {
        self.minutes == 0
    }
}

impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}h{:02}m", self.sign, self.minutes / 60, self.minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_dates_in_texts_are_replaced() {
        let mut names = Names::new("2026-01-31T00:00:00Z".parse().unwrap());
        let (known, unknown) = ("J".repeat(JOB), "A".repeat(ArchiveId::LENGTH));
        const JOB: usize = 92;
        assert_eq!(names.name(Kind::Job, &known), "job-1");
        assert_eq!(names.replace(&format!("no {known}: or {unknown}.")), "no job-1: or archive-1.");
        assert_eq!(names.replace("from 2026-01-31T04:05:06Z to 20260130T230000Z."), "from T+4h05m to T-1h00m.");
        for same in ["", "...", "a: b.", "2026-01-31", "é: ÄÖ.", "x-amz-part-size: 1048576"] {
            assert_eq!(names.replace(same), same);
        }
    }

    #[test]
    fn anonymous_names_have_no_number_and_are_not_remembered() {
        let mut names = Names::new("2026-01-31T00:00:00Z".parse().unwrap());
        assert_eq!(names.anonymously(|names| names.name(Kind::Upload, "u")), "upload");
        assert_eq!(names.name(Kind::Upload, "v"), "upload-1");
        assert_eq!(names.anonymously(|names| names.name(Kind::Upload, "v")), "upload-1");
        assert_eq!(names.name(Kind::Upload, "u"), "upload-2");
    }
}
