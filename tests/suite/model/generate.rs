//! Generates the sequences. There are few names and few numbers, so that operations affect each other.

use proptest::array::uniform6;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::ops::{
    Claim, Data, Id, Job, Marker, Mistake, Op, Ops, OutputRange, Page, Policy, RetrievalRange, Rule, Tags, Text, V,
};
use crate::support::MIB;

/// Most sequences begin with the creation of vaults, and most operations use the first vault.
pub(super) fn sequences() -> impl Strategy<Value = Ops> {
    let vault = |v| prop::option::weighted(0.95, Just(Op::CreateVault(v)));
    let begun = (vault(V::A), vault(V::B)).prop_map(|(a, b)| a.into_iter().chain(b).collect::<Vec<_>>());
    // A phrase is flattened, so that shrinking can remove each of its operations.
    let phrase = (phrase(), uniform6(prop::bool::weighted(0.95)))
        .prop_map(|(ops, kept)| ops.into_iter().zip(kept).filter_map(|(op, kept)| kept.then_some(op)).collect());
    let step = prop_oneof![3 => op().prop_map(|op| vec![op]), 1 => phrase];
    (begun, vec(step, 1..45)).prop_map(|(begun, rest)| Ops([begun, rest.concat()].concat()))
}

/// Short sequences that independent random choices would seldom produce.
fn phrase() -> BoxedStrategy<Vec<Op>> {
    let part = || prop_oneof![(0..4_u8).prop_map(Data::WholePart), bytes()];
    let multipart = (vault(), part_size(), description(), [part(), part(), part()], page()).prop_map(
        |(v, size, text, [first, second, third], page)| {
            vec![
                Op::InitiateMultipartUpload(v, size, text),
                Op::UploadMultipartPart(v, Id::Last, 2, third, Mistake::Valid),
                Op::UploadMultipartPart(v, Id::Last, 0, first, Mistake::Valid),
                Op::UploadMultipartPart(v, Id::Last, 1, second, Mistake::Valid),
                Op::ListParts(v, Id::Last, page),
                Op::CompleteMultipartUpload(v, Id::Last, Claim::Correct),
            ]
        },
    );
    let large = select(vec![MIB + 1, 2 * MIB, 3 * MIB + 7]).prop_map(|length| Data::Bytes(length, 0));
    let data = prop_oneof![1 => bytes(), 1 => large];
    let cuts = [cut(), cut(), cut()];
    let retrieval = (vault(), data, description(), id(), span(), cuts).prop_map(|(v, data, text, id, span, cuts)| {
        let upload = Op::UploadArchive(v, data, Mistake::Valid, text);
        let job = Op::InitiateJob(v, Job::Archive(id, span, ""), "");
        [vec![upload, job], cuts.map(|cut| Op::GetJobOutput(v, Id::Last, cut)).to_vec()].concat()
    });
    let inventory = (vault(), format(), op(), cut()).prop_map(|(v, format, op, cut)| {
        let job = |from| Op::InitiateJob(v, Job::Inventory(format, "1", from, None, None), "");
        let (describe, output) = (Op::DescribeJob(v, Id::Last), Op::GetJobOutput(v, Id::Last, cut));
        vec![job(Marker::Start), describe.clone(), op, job(Marker::Given(Id::Last)), describe, output]
    });
    let list = (0..4, vault(), id());
    let pages = (list, 1..3, op(), page()).prop_map(|((list, v, id), limit, op, page)| {
        let list = |page| match list {
            0 => Op::ListVaults(page),
            1 => Op::ListParts(v, id, page),
            2 => Op::ListMultipartUploads(v, page),
            _ => Op::ListJobs(v, "", "", page),
        };
        let next = Page(page.0, Marker::Given(Id::Last));
        vec![list(Page(Some(limit), Marker::Start)), list(next), op, list(next)]
    });
    let lock = (vault(), policy(), op()).prop_map(|(v, policy, op)| {
        let begun = [Op::InitiateVaultLock(v, policy), op, Op::GetVaultLock(v)];
        [begun.to_vec(), vec![Op::CompleteVaultLock(v, Id::Last), Op::GetVaultLock(v), Op::AbortVaultLock(v)]].concat()
    });
    let setting =
        (vault(), policy(), notifications(), tags(), op(), 0..3).prop_map(|(v, policy, notes, tags, op, n)| {
            let (topic, events) = notes;
            match n {
                0 => vec![Op::SetVaultAccessPolicy(v, policy), op, Op::GetVaultAccessPolicy(v)],
                1 => vec![Op::SetVaultNotifications(v, topic, events), op, Op::GetVaultNotifications(v)],
                _ => vec![Op::AddTagsToVault(v, tags), op, Op::ListTagsForVault(v)],
            }
        });
    prop_oneof![4 => multipart, 4 => retrieval, 3 => inventory, 4 => pages, 1 => lock, 1 => setting].boxed()
}

fn op() -> BoxedStrategy<Op> {
    prop_oneof![
        14 => vaults(),
        20 => archives(),
        25 => uploads(),
        25 => jobs(),
        12 => settings(),
        4 => account(),
        4 => select(vec![1, 1, 1, 60, 13 * 60, 24 * 60, 40 * 24 * 60]).prop_map(Op::Wait),
    ]
    .boxed()
}

fn vault() -> impl Strategy<Value = V> {
    prop_oneof![12 => Just(V::A), 3 => Just(V::B), 1 => Just(V::C)]
}

fn id() -> impl Strategy<Value = Id> {
    prop_oneof![6 => Just(Id::Last), 8 => (0..6_u8).prop_map(Id::Nth), 1 => Just(Id::Unknown)]
}

fn mark() -> impl Strategy<Value = Marker> {
    prop_oneof![1 => Just(Marker::Start), 1 => id().prop_map(Marker::Given)]
}

fn page() -> impl Strategy<Value = Page> {
    let limit = prop_oneof![
        8 => Just(None),
        12 => (1..4).prop_map(Some),
        2 => select(vec![11, 51, 1000]).prop_map(Some),
        1 => select(vec![0, -1, 1001]).prop_map(Some),
    ];
    (limit, mark()).prop_map(|(limit, mark)| Page(limit, mark))
}

fn one_of(texts: &'static [Text]) -> impl Strategy<Value = Text> + Clone {
    select(texts)
}

fn description() -> impl Strategy<Value = Text> {
    one_of(&["", "", "", "cat.jpg", "two  words, and a comma", r#""C:\x""#, "<&'>"])
}

fn vaults() -> BoxedStrategy<Op> {
    prop_oneof![
        4 => vault().prop_map(Op::CreateVault),
        4 => vault().prop_map(Op::DescribeVault),
        3 => page().prop_map(Op::ListVaults),
        1 => vault().prop_map(Op::DeleteVault),
    ]
    .boxed()
}

fn bytes() -> impl Strategy<Value = Data> {
    let length = prop_oneof![
        1 => Just(0),
        20 => 1..40_usize,
        4 => select(vec![MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 1, 3 * MIB + 7]),
    ];
    (length, 0..4_u8).prop_map(|(length, seed)| Data::Bytes(length, seed))
}

fn archives() -> BoxedStrategy<Op> {
    let slip = prop_oneof![15 => Just(Mistake::Valid), 1 => Just(Mistake::WrongTreeHash), 1 => Just(Mistake::WrongPayloadHash)];
    let upload = (vault(), bytes(), slip, description());
    prop_oneof![
        15 => upload.prop_map(|(v, data, slip, text)| Op::UploadArchive(v, data, slip, text)),
        5 => (vault(), id()).prop_map(|(v, id)| Op::DeleteArchive(v, id)),
        // The request has no other mistake, because the model does not cover the order of errors of the front end and
        // the service.
        1 => vault().prop_map(|v| Op::UploadArchive(v, Data::Bytes(1, 0), Mistake::Valid, "ü")),
    ]
    .boxed()
}

fn part_size() -> impl Strategy<Value = u32> {
    prop_oneof![12 => Just(1_u32 << 20), 3 => Just(2 << 20), 1 => select(vec![0, 1 << 19, 3 << 20])]
}

fn uploads() -> BoxedStrategy<Op> {
    let slip = prop_oneof![
        16 => Just(Mistake::Valid),
        1 => Just(Mistake::WrongTreeHash),
        1 => Just(Mistake::WrongPayloadHash),
        1 => Just(Mistake::Misplaced),
        1 => Just(Mistake::TooShort),
    ];
    let number = prop_oneof![10 => 0..3_u32, 1 => select(vec![9_999, 10_000])];
    let part = prop_oneof![1 => (0..4_u8).prop_map(Data::WholePart), 3 => bytes()];
    let claim = prop_oneof![
        6 => Just(Claim::Correct),
        1 => Just(Claim::WrongSize),
        1 => Just(Claim::WrongHash),
        1 => Just(Claim::HashOfEmptyBody),
    ];
    prop_oneof![
        5 => (vault(), part_size(), description()).prop_map(|(v, size, text)| Op::InitiateMultipartUpload(v, size, text)),
        8 => (vault(), id(), number, part, slip)
            .prop_map(|(v, id, number, data, slip)| Op::UploadMultipartPart(v, id, number, data, slip)),
        5 => (vault(), id(), claim).prop_map(|(v, id, claim)| Op::CompleteMultipartUpload(v, id, claim)),
        2 => (vault(), id()).prop_map(|(v, id)| Op::AbortMultipartUpload(v, id)),
        3 => (vault(), id(), page()).prop_map(|(v, id, page)| Op::ListParts(v, id, page)),
        3 => (vault(), page()).prop_map(|(v, page)| Op::ListMultipartUploads(v, page)),
    ]
    .boxed()
}

fn span() -> impl Strategy<Value = RetrievalRange> {
    prop_oneof![
        8 => Just(RetrievalRange::Whole),
        4 => (0..3_u32, 1..4_u32).prop_map(|(from, to)| RetrievalRange::Mib(from, to)),
        4 => (0..4_u32).prop_map(RetrievalRange::MibOnward),
        1 => one_of(&["1-1048575", "0-1048574", "all", "0-"]).prop_map(RetrievalRange::RangeText),
    ]
}

/// Ranges around the beginning and around whole MiB, where the alignment changes.
fn cut() -> impl Strategy<Value = OutputRange> {
    let mib = MIB as u64;
    let small = || select(vec![0, 0, 1, 4, 9, 30]);
    prop_oneof![
        4 => Just(OutputRange::All),
        4 => (small(), small()).prop_map(|(first, last)| OutputRange::Range(first, last)),
        6 => (0..3_u64, 1..5_u64).prop_map(move |(from, to)| OutputRange::Range(from * mib, to * mib - 1)),
        1 => (0..3_u64, 1..5_u64).prop_map(move |(from, to)| OutputRange::Range(from * mib + 1, to * mib)),
        2 => small().prop_map(OutputRange::Onward),
        2 => (0..4_u64).prop_map(move |from| OutputRange::Onward(from * mib)),
        1 => one_of(&["bytes 0-4/10", "0-4", "bytes=-5", "bytes=x-y"]).prop_map(OutputRange::RangeHeader),
    ]
}

fn format() -> impl Strategy<Value = Text> {
    one_of(&["", "JSON", "CSV", "CSV", "JSON", "CSV", "JSON", "XML"])
}

fn jobs() -> BoxedStrategy<Op> {
    let tier = one_of(&["", "", "", "", "Standard", "Expedited", "Bulk", "Glacial"]);
    let archive = (id(), span(), tier).prop_map(|(id, span, tier)| Job::Archive(id, span, tier));
    let end = || prop_oneof![3 => Just(None), 1 => id().prop_map(Some)];
    let limit = one_of(&["", "", "", "1", "1", "2", "2", "1000", "0"]);
    let inventory = (format(), limit, mark(), end(), end())
        .prop_map(|(format, limit, mark, since, until)| Job::Inventory(format, limit, mark, since, until));
    let job = prop_oneof![2 => archive, 1 => inventory];
    let description = one_of(&["", "", "", "  to be restored "]);
    let status = one_of(&["", "", "", "", "", "Succeeded", "Failed", "InProgress", "finished"]);
    let completed = one_of(&["", "", "", "", "", "true", "false", "yes"]);
    prop_oneof![
        10 => (vault(), job, description).prop_map(|(v, job, text)| Op::InitiateJob(v, job, text)),
        5 => (vault(), id()).prop_map(|(v, id)| Op::DescribeJob(v, id)),
        4 => (vault(), status, completed, page())
            .prop_map(|(v, status, completed, page)| Op::ListJobs(v, status, completed, page)),
        6 => (vault(), id(), cut()).prop_map(|(v, id, cut)| Op::GetJobOutput(v, id, cut)),
    ]
    .boxed()
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        5 => Just(Policy::Allow),
        5 => Just(Policy::Deny),
        1 => Just(Policy::NoPrincipal),
        1 => Just(Policy::NotJson),
        1 => Just(Policy::NoText),
    ]
}

fn tags() -> impl Strategy<Value = Tags> {
    let key = one_of(&["k0", "team", "Zürich / 1", "k0", "team", "aws:x", "<"]);
    let value = one_of(&["", "1", "a+b@c", "https://a.b/c", "a+b@c", "<b>"]);
    prop_oneof![
        6 => (key, value).prop_map(|(key, value)| Tags::One(key, value)),
        9 => (0..7_u32).prop_map(Tags::Ten),
        1 => Just(Tags::Empty),
        1 => Just(Tags::Eleven),
    ]
}

const ARCHIVE: &str = "ArchiveRetrievalCompleted";
const INVENTORY: &str = "InventoryRetrievalCompleted";
const EVENTS: [&[&str]; 6] = [&[ARCHIVE], &[INVENTORY], &[ARCHIVE, INVENTORY], &[INVENTORY, ARCHIVE], &[], &["Done"]];

fn notifications() -> impl Strategy<Value = (Text, &'static [&'static str])> {
    let topic = one_of(&["arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:us-east-1:111122223333:u", "", "topic"]);
    (topic, select(EVENTS.to_vec()))
}

fn settings() -> BoxedStrategy<Op> {
    prop_oneof![
        8 => (vault(), tags()).prop_map(|(v, tags)| Op::AddTagsToVault(v, tags)),
        2 => (vault(), tags()).prop_map(|(v, tags)| Op::RemoveTagsFromVault(v, tags)),
        3 => vault().prop_map(Op::ListTagsForVault),
        3 => (vault(), notifications()).prop_map(|(v, (topic, events))| Op::SetVaultNotifications(v, topic, events)),
        3 => vault().prop_map(Op::GetVaultNotifications),
        1 => vault().prop_map(Op::DeleteVaultNotifications),
        3 => (vault(), policy()).prop_map(|(v, policy)| Op::SetVaultAccessPolicy(v, policy)),
        3 => vault().prop_map(Op::GetVaultAccessPolicy),
        1 => vault().prop_map(Op::DeleteVaultAccessPolicy),
        2 => (vault(), policy()).prop_map(|(v, policy)| Op::InitiateVaultLock(v, policy)),
        2 => vault().prop_map(Op::GetVaultLock),
        1 => vault().prop_map(Op::AbortVaultLock),
        2 => (vault(), id()).prop_map(|(v, id)| Op::CompleteVaultLock(v, id)),
    ]
    .boxed()
}

/// Quotas that a retrieval of one MiB exactly reaches, and others that no retrieval reaches.
const RULES: [&[Rule]; 10] = [
    &[Rule("None", None)],
    &[Rule("FreeTier", None)],
    &[Rule("BytesPerHour", Some(MIB as i64 / 4))],
    &[Rule("BytesPerHour", Some(i64::MAX))],
    &[Rule("BytesPerHour", Some(1 << 50))],
    &[Rule("BytesPerHour", None)],
    &[Rule("BytesPerHour", Some(0))],
    &[Rule("None", Some(5))],
    &[Rule("Unlimited", None)],
    &[],
];

fn account() -> BoxedStrategy<Op> {
    prop_oneof![
        select(RULES.to_vec()).prop_map(Op::SetDataRetrievalPolicy),
        Just(Op::GetDataRetrievalPolicy),
        Just(Op::PurchaseProvisionedCapacity),
        Just(Op::ListProvisionedCapacity),
    ]
    .boxed()
}
