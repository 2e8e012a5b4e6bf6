//! The operations of a test case as plain data. Their `Debug` output is the code that constructs them.

use std::fmt;

/// One call, or a wait. The names are those of the API.
#[derive(Clone, Debug)]
pub(super) enum Op {
    CreateVault(V),
    DescribeVault(V),
    ListVaults(Page),
    DeleteVault(V),
    UploadArchive(V, Data, Mistake, Text),
    DeleteArchive(V, Id),
    /// The second field is the part size in bytes.
    InitiateMultipartUpload(V, u32, Text),
    /// The third field is the number of the part, from 0.
    UploadMultipartPart(V, Id, u32, Data, Mistake),
    CompleteMultipartUpload(V, Id, Claim),
    AbortMultipartUpload(V, Id),
    ListParts(V, Id, Page),
    ListMultipartUploads(V, Page),
    InitiateJob(V, Job, Text),
    DescribeJob(V, Id),
    /// The texts are `statuscode` and `completed`.
    ListJobs(V, Text, Text, Page),
    GetJobOutput(V, Id, OutputRange),
    AddTagsToVault(V, Tags),
    RemoveTagsFromVault(V, Tags),
    ListTagsForVault(V),
    /// The last fields are the topic and the events.
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
    /// Lets this number of minutes pass.
    Wait(u32),
}

/// A text that is left out of the request if it is empty.
pub(super) type Text = &'static str;

/// A vault. The names sort in another order than the variants.
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

/// The ID of an archive, upload, job or lock, depending on the operation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Id {
    /// The ID that the mock returned last.
    Last,
    /// The nth ID in the order in which the mock returned them, modulo their number. The object may have been deleted.
    Nth(u8),
    Unknown,
}

/// The parameters `limit` and `marker` of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page(pub(super) Option<i32>, pub(super) Marker);

/// A marker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Marker {
    Start,
    /// A marker that a list of this kind returned.
    Given(Id),
}

/// Bytes: the number, and a seed for their values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Data {
    Bytes(usize, u8),
    /// As many bytes as a part of the upload has.
    WholePart(u8),
}

/// A mistake in an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    Valid,
    WrongTreeHash,
    WrongPayloadHash,
    /// The part begins one byte too late.
    Misplaced,
    /// The range is one byte longer than the body.
    TooShort,
}

/// The size and hash that the client sends when it completes an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Correct,
    WrongSize,
    WrongHash,
    /// A mistake of some SDKs (observed.md 3.8).
    HashOfEmptyBody,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Job {
    /// An archive retrieval: the archive, the range, and the tier.
    Archive(Id, RetrievalRange, Text),
    /// An inventory retrieval: format, limit, marker, and the archives whose creation dates are the start and end of
    /// the period.
    Inventory(Text, Text, Marker, Option<Id>, Option<Id>),
}

/// The byte range of an archive retrieval.
#[derive(Clone, Copy, Debug)]
pub(super) enum RetrievalRange {
    /// Without a range.
    Whole,
    /// From the first MiB to the second, exclusive.
    Mib(u32, u32),
    /// From this MiB to the archive's end.
    MibOnward(u32),
    RangeText(Text),
}

/// The range of a GetJobOutput request.
#[derive(Clone, Copy, Debug)]
pub(super) enum OutputRange {
    /// Without a range.
    All,
    /// The first and the last byte.
    Range(u64, u64),
    Onward(u64),
    RangeHeader(Text),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Tags {
    Empty,
    One(Text, Text),
    /// Ten tags: `k0` to `k9` for 0, `k10` to `k19` for 1, and so on.
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
    NotJson,
    NoText,
}

impl Policy {
    /// The policies do not affect the caller, because the model does not evaluate policies.
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
            Policy::NotJson => "no policy",
            Policy::NoText => return None,
        })
    }
}

/// A rule of the data retrieval policy: strategy, bytes per hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule(pub(super) Text, pub(super) Option<i64>);

/// A sequence. Its `Debug` output has one operation on each line, and can be pasted into `replays.rs`.
#[derive(Clone)]
pub(super) struct Ops(pub(super) Vec<Op>);

impl fmt::Debug for Ops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The `Debug` output of a slice lacks the `&`.
        let code = |op: &Op| format!("{op:?}").replace("([", "(&[").replace(", [", ", &[");
        self.0.iter().try_for_each(|op| write!(f, "\n    {},", code(op)))
    }
}
