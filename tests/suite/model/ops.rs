//! What a test case is made of: operations as plain data, whose `Debug` output is the code that makes them.

use std::fmt;

/// One call, or some time that passes. Names follow the API.
#[derive(Clone, Debug)]
pub(super) enum Op {
    CreateVault(V),
    DescribeVault(V),
    ListVaults(Page),
    DeleteVault(V),
    UploadArchive(V, Data, Slip, Text),
    DeleteArchive(V, Id),
    /// With the size of the parts.
    InitiateMultipartUpload(V, u32, Text),
    /// With the number of the part.
    UploadMultipartPart(V, Id, u32, Data, Slip),
    CompleteMultipartUpload(V, Id, Claim),
    AbortMultipartUpload(V, Id),
    ListParts(V, Id, Page),
    ListMultipartUploads(V, Page),
    InitiateJob(V, Job, Text),
    DescribeJob(V, Id),
    /// With `statuscode` and `completed`.
    ListJobs(V, Text, Text, Page),
    GetJobOutput(V, Id, Cut),
    AddTagsToVault(V, Tags),
    RemoveTagsFromVault(V, Tags),
    ListTagsForVault(V),
    /// With topic and events.
    SetVaultNotifications(V, Text, &'static [&'static str]),
    GetVaultNotifications(V),
    DeleteVaultNotifications(V),
    SetVaultAccessPolicy(V, Policy),
    GetVaultAccessPolicy(V),
    DeleteVaultAccessPolicy(V),
    InitiateVaultLock(V, Policy),
    GetVaultLock(V),
    AbortVaultLock(V),
    CompleteVaultLock(V, Id),
    SetDataRetrievalPolicy(&'static [Rule]),
    GetDataRetrievalPolicy,
    PurchaseProvisionedCapacity,
    ListProvisionedCapacity,
    /// In minutes.
    Wait(u32),
}

/// Left out of the request if it is empty.
pub(super) type Text = &'static str;

/// A vault. The names sort otherwise than the letters.
#[derive(Clone, Copy, Debug)]
pub(super) enum V {
    A,
    B,
    C,
}

impl V {
    pub(super) fn name(self) -> &'static str {
        match self {
            V::A => "a",
            V::B => "B.2",
            V::C => "_c",
        }
    }
}

/// An archive, upload, job or lock, whichever the operation is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Id {
    /// The one that the mock gave out last.
    Last,
    /// In the order in which the mock gave them out, whatever became of them since; counted round.
    Nth(u8),
    Unknown,
}

/// `limit` and `marker`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page(pub(super) Option<i32>, pub(super) Mark);

/// A marker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Start,
    /// The one that a list of the kind gave out.
    Given(Id),
}

/// Bytes: how many, and which.
#[derive(Clone, Copy, Debug)]
pub(super) enum Data {
    Bytes(usize, u8),
    /// As many as the upload's parts have.
    WholePart(u8),
}

/// What is wrong about an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    Right,
    WrongTreeHash,
    WrongPayloadHash,
    /// The part begins a byte late.
    Misplaced,
    /// The range promises a byte more than there is.
    TooShort,
}

/// What the client says of the whole when it completes an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Honest,
    WrongSize,
    WrongHash,
    /// The slip of some SDKs (observed.md 3.8).
    HashOfNothing,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Job {
    /// With the tier.
    Archive(Id, Span, Text),
    /// With format, limit, marker, and the archives whose creation is the start and the end of the period.
    Inventory(Text, Text, Mark, Option<Id>, Option<Id>),
}

/// What an archive retrieval asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Span {
    /// No range.
    Whole,
    /// From this MiB up to that, exclusive.
    Mib(u32, u32),
    /// From this MiB to the archive's end.
    MibOnward(u32),
    Ragged(Text),
}

/// What is asked of a job's output.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    /// No range.
    All,
    /// First and last.
    Range(u64, u64),
    Onward(u64),
    OddRange(Text),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Tags {
    Nothing,
    One(Text, Text),
    /// Ten of them, `k0` to `k9`, `k10` to `k19`...
    Ten(u32),
    Eleven,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Policy {
    /// Allows the owner everything.
    Allow,
    /// Denies another account everything.
    Deny,
    NoPrincipal,
    Gibberish,
    NoText,
}

impl Policy {
    /// Policies that change nothing for the caller: what they do is not this model's business.
    pub(super) fn text(self) -> Option<&'static str> {
        Some(match self {
            Policy::Allow => {
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"glacier:*","Resource":"arn:aws:glacier:us-east-1:000000000000:vaults/*"}]}"#
            }
            Policy::Deny => {
                r#"{ "Version": "2012-10-17", "Statement": {"Sid": "ü", "Effect": "Deny", "Action": ["glacier:*"], "Principal": {"AWS": "111122223333"}, "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/*"} }"#
            }
            Policy::NoPrincipal => {
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"glacier:*","Resource":"*"}]}"#
            }
            Policy::Gibberish => "no policy",
            Policy::NoText => return None,
        })
    }
}

/// A rule of the data retrieval policy: strategy, bytes per hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule(pub(super) Text, pub(super) Option<i64>);

/// A sequence, shown one operation a line as it can be pasted into `replays.rs`.
#[derive(Clone)]
pub(super) struct Ops(pub(super) Vec<Op>);

impl fmt::Debug for Ops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Slices need more than their `Debug`.
        let code = |op: &Op| format!("{op:?}").replace("([", "(&[").replace(", [", ", &[");
        self.0.iter().try_for_each(|op| write!(f, "\n    {},", code(op)))
    }
}
