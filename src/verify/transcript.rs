//! The record as a text that is the same in every run.

use std::collections::HashMap;
use std::fmt;

use crate::domain::account::AccountRegion;
use crate::domain::words::{Operation, Timestamp};
use crate::record::Call;

use super::calls::Calls;
use super::names::Names;
use super::transcript_lines::lines;

/// Recorded calls as a text that is the same in every run, returned by
/// [`GlacierMock::transcript`](crate::GlacierMock::transcript) and [`Calls::transcript`]: for snapshots (insta,
/// expect-test), for golden files, and to compare two versions of a program.
///
/// Each call is one line: its operation, its vault, what it is about, and the statuses of its attempts. What differs
/// from run to run is replaced: IDs become `archive-1`, `job-1`, `upload-1` and `lock-1` in the order in which they
/// appear, and the data of an upload becomes its length and the first digits of its SHA-256. From a minute after the
/// first request on, a call begins with the time since then on the mock's clock, in hours and minutes. An account or
/// region other than that of the mock's client stands before the vault. Ports, request IDs, signatures and seconds do
/// not appear.
///
/// Transcripts are equal if their texts are. In a failed `assert_eq!` they show as texts.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
/// use glacier_mock::{GlacierMock, Operation};
///
/// let mock = GlacierMock::start();
/// let glacier = mock.client();
/// glacier.create_vault().vault_name("photos").send().await?;
/// mock.fault(Operation::UploadArchive).times(2).service_unavailable();
/// glacier.upload_archive().vault_name("photos").body(b"a cat".to_vec().into()).send().await?;
///
/// assert_eq!(
///     mock.transcript().to_string(),
///     "CreateVault  photos  201\n\
///      UploadArchive  photos  archive-1  5 bytes 51e46741  500 500 201"
/// );
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
#[must_use = "a transcript does nothing until it is displayed or compared"]
pub struct Transcript {
    calls: Vec<Call>,
    /// The account and region of the mock's own client.
    own_place: AccountRegion,
    /// When the first request of the record arrived.
    began: Timestamp,
    full: bool,
    by_resource: bool,
}

impl Calls {
    /// Returns these calls as a text that is the same in every run.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// use glacier_mock::GlacierMock;
    ///
    /// let mock = GlacierMock::start();
    /// for vault in ["photos", "films"] {
    ///     mock.client().create_vault().vault_name(vault).send().await?;
    /// }
    /// assert_eq!(mock.all_calls().vault("films").transcript().to_string(), "CreateVault  films  201");
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    pub fn transcript(&self) -> Transcript {
        let began = self.recorded().first().map(|call| call.first().service_time());
        // Without a first call there is no time to show.
        let began = began.unwrap_or_else(|| std::time::SystemTime::UNIX_EPOCH.into());
        Transcript { calls: self.to_vec(), own_place: self.own_place(), began, full: false, by_resource: false }
    }
}

impl Transcript {
    /// Adds to each call its query, the headers that matter, its parameters, each of several attempts with its fault,
    /// and the message of an error.
    pub fn full(self) -> Self {
        Transcript { full: true, ..self }
    }

    /// Groups the calls by what they are about: the account, each vault, each archive, each upload, each job. Use this for
    /// programs that make calls concurrently. The order of calls about different things depends on the run and does not
    /// show; calls of one operation that follow each other within a group are sorted, except polls of a job.
    pub fn by_resource(self) -> Self {
        Transcript { by_resource: true, ..self }
    }

    /// Returns what a call has before its vault: the account and region, if they are not those of the mock's client.
    fn place(&self, call: &Call) -> String {
        let place = call.last().place();
        if *place == self.own_place {
            return String::new();
        }
        format!("{}/{}/", place.account, place.region)
    }

    fn lines(&self, call: &Call, names: &mut Names) -> String {
        lines(call, &self.place(call), self.full, names)
    }

    /// Returns what calls are sorted by: the minute, and the lines without the numbers that are not given out yet.
    fn key(&self, call: &Call, names: &mut Names) -> (u64, String) {
        let minute = call.first().service_time().since(self.began).as_secs() / 60;
        (minute, names.anonymously(|names| self.lines(call, names)))
    }

    /// Returns the lines of each group, without the order in which the calls of different groups arrived.
    fn groups(&self) -> Vec<String> {
        let mut names = Names::new(self.began);
        let mut written = Vec::new();
        // The groups of a rank get their numbers in an order that depends on earlier numbers only.
        for rank in Rank::ALL {
            let mut groups = self.of_rank(rank);
            for group in &mut groups {
                for run in group.chunk_by_mut(|one, next| one.operation() == next.operation()) {
                    // Polls keep their order: the last one saw the end of the job.
                    if run[0].operation() != Some(Operation::DescribeJob) {
                        run.sort_by_cached_key(|call| self.key(call, &mut names));
                    }
                }
            }
            groups.sort_by_cached_key(|group| {
                let vault = group[0].vault().map(str::to_owned);
                let keys: Vec<_> = group.iter().map(|call| self.key(call, &mut names)).collect();
                (self.place(group[0]), vault, keys)
            });
            for group in groups {
                let lines: Vec<_> = group.iter().map(|call| self.lines(call, &mut names)).collect();
                written.push(lines.join("\n"));
            }
        }
        written
    }

    fn of_rank(&self, rank: Rank) -> Vec<Vec<&Call>> {
        let mut groups: Vec<Vec<&Call>> = Vec::new();
        let mut known = HashMap::new();
        for call in &self.calls {
            let (of, key) = resource(call);
            if of == rank {
                let at = *known.entry((self.place(call), key)).or_insert_with(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
                groups[at].push(call);
            }
        }
        groups
    }
}

/// The order of groups. Jobs come after the archives that they refer to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Account,
    Vault,
    Upload,
    Archive,
    Job,
}

impl Rank {
    const ALL: [Rank; 5] = [Rank::Account, Rank::Vault, Rank::Upload, Rank::Archive, Rank::Job];
}

/// Returns what a call is about.
fn resource(call: &Call) -> (Rank, Option<&str>) {
    if let Some(id) = call.upload_id() {
        (Rank::Upload, Some(id))
    } else if let Some(id) = call.job_id() {
        (Rank::Job, Some(id))
    } else if let Some(id) = call.archive_id() {
        (Rank::Archive, Some(id))
    } else {
        (if call.vault().is_some() { Rank::Vault } else { Rank::Account }, call.vault())
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.by_resource {
            return f.write_str(&self.groups().join("\n\n"));
        }
        let mut names = Names::new(self.began);
        self.calls.iter().enumerate().try_for_each(|(n, call)| {
            let line_break = if n > 0 { "\n" } else { "" };
            write!(f, "{line_break}{}", self.lines(call, &mut names))
        })
    }
}

/// Writes the text, so that a failed `assert_eq!` shows it.
impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}\n")
    }
}

impl PartialEq for Transcript {
    fn eq(&self, other: &Self) -> bool {
        let text = other.to_string();
        self == text.as_str()
    }
}

impl Eq for Transcript {}

impl PartialEq<str> for Transcript {
    fn eq(&self, other: &str) -> bool {
        let text = self.to_string();
        text == other
    }
}

impl PartialEq<&str> for Transcript {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl PartialEq<String> for Transcript {
    fn eq(&self, other: &String) -> bool {
        self == other.as_str()
    }
}
