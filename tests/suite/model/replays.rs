//! Fixed sequences that run every time. Some are random failures that were shrunk, others were written by hand.

use super::ops::Op::*;
use super::ops::{
    Claim::*, Data::*, Id::*, Job::*, Marker::*, Mistake::*, OutputRange::*, Policy::*, RetrievalRange::*, Tags::*,
    V::*,
};
use super::ops::{Op, Page, Rule};
use super::run;

const SNS: &str = "arn:aws:sns:us-east-1:111122223333:t";
const ARCHIVE_DONE: &str = "ArchiveRetrievalCompleted";

fn replay(ops: &[Op]) {
    run::agree(ops).unwrap_or_else(|difference| panic!("{difference}"));
}

/// An earlier job keeps its output. A later one fails, and shows no hash of a range.
#[test]
fn deleting_an_archive_affects_only_later_retrievals() {
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(3145728, 0), Valid, "cat.jpg"),
        InitiateJob(A, Archive(Last, Whole, ""), ""),
        DeleteArchive(B, Last),
        CreateVault(B),
        DeleteArchive(B, Last),
        DeleteArchive(A, Last),
        GetJobOutput(A, Last, Range(2097152, 3145727)),
        InitiateJob(A, Archive(Last, Mib(0, 1), ""), ""),
        DescribeJob(A, Last),
        InitiateJob(A, Archive(Last, Whole, "Bulk"), ""),
        DescribeJob(A, Last),
        GetJobOutput(A, Last, All),
        ListJobs(A, "Failed", "true", Page(Some(1), Start)),
        ListJobs(A, "", "", Page(None, Given(Last))),
        DeleteArchive(A, Last),
        DeleteArchive(B, Last),
        DeleteVault(A),
        DeleteArchive(A, Last),
    ]);
}

/// The ranges are not aligned, aligned within the range of the job, and at the short end of the archive.
#[test]
fn hashes_depend_on_the_alignment_of_ranges() {
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(3145735, 1), Valid, ""),
        InitiateJob(A, Archive(Last, Mib(1, 3), ""), ""),
        DescribeJob(A, Last),
        GetJobOutput(A, Last, Range(0, 1048575)),
        InitiateJob(A, Archive(Last, MibOnward(2), ""), " a tail "),
        DescribeJob(A, Last),
        GetJobOutput(A, Last, Onward(1048576)),
        GetJobOutput(A, Last, Range(1048576, 9999999)),
        GetJobOutput(A, Last, Onward(1048583)),
        InitiateJob(A, Archive(Last, MibOnward(3), ""), ""),
        GetJobOutput(A, Last, All),
        GetJobOutput(A, Last, RangeHeader("bytes=-5")),
        InitiateJob(A, Archive(Last, Mib(3, 4), ""), ""),
    ]);
}

#[test]
fn the_inventory_of_an_unused_vault_is_taken_on_request() {
    replay(&[
        CreateVault(A),
        Wait(1),
        InitiateJob(A, Inventory("JSON", "", Start, None, None), ""),
        GetJobOutput(A, Nth(0), All),
        UploadArchive(A, Bytes(1, 0), Valid, ""),
        Wait(1),
        InitiateJob(A, Inventory("", "", Start, None, None), ""),
        GetJobOutput(A, Last, All),
        DescribeVault(A),
    ]);
}

/// The next page begins at the position of the marker, although the archive there was deleted. A job keeps the list
/// that it was started with.
#[test]
fn the_next_page_of_an_inventory_follows_a_deleted_archive() {
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(1, 0), Valid, r#""C:\x""#),
        UploadArchive(A, Bytes(2, 0), Valid, ""),
        Wait(1),
        UploadArchive(A, Bytes(3, 0), Valid, "two  words, and a comma"),
        InitiateJob(A, Inventory("CSV", "1", Start, None, None), ""),
        DescribeJob(A, Last),
        DeleteArchive(A, Nth(1)),
        GetJobOutput(A, Last, All),
        GetJobOutput(A, Last, Range(63, 100)),
        InitiateJob(A, Inventory("CSV", "2", Given(Last), None, None), ""),
        DescribeJob(A, Last),
        GetJobOutput(A, Last, All),
        InitiateJob(A, Inventory("", "", Start, Some(Nth(0)), Some(Nth(2))), ""),
        GetJobOutput(A, Last, All),
        InitiateJob(A, Inventory("", "0", Start, Some(Nth(2)), Some(Nth(0))), ""),
        InitiateJob(A, Inventory("", "0", Start, None, None), ""),
        InitiateJob(A, Inventory("", "", Given(Unknown), None, None), ""),
    ]);
}

/// The first completions fail, because a part is missing or the size or the hash is wrong. Completing again returns the
/// same archive, even after it is deleted.
#[test]
fn an_upload_can_be_completed_after_failed_completions() {
    replay(&[
        CreateVault(A),
        InitiateMultipartUpload(A, 1048576, "cat.jpg"),
        CompleteMultipartUpload(A, Last, Correct),
        CompleteMultipartUpload(A, Last, WrongHash),
        UploadMultipartPart(A, Last, 1, Bytes(5, 1), Valid),
        UploadMultipartPart(A, Last, 0, Bytes(9, 0), Valid),
        CompleteMultipartUpload(A, Last, Correct),
        UploadMultipartPart(A, Last, 0, WholePart(2), Misplaced),
        UploadMultipartPart(A, Last, 0, WholePart(2), TooShort),
        UploadMultipartPart(A, Last, 0, Bytes(1048577, 0), Valid),
        UploadMultipartPart(A, Last, 10000, Bytes(1, 0), Valid),
        UploadMultipartPart(A, Last, 0, WholePart(2), Valid),
        ListParts(A, Last, Page(Some(1), Start)),
        UploadMultipartPart(A, Last, 1, Bytes(6, 1), Valid),
        ListParts(A, Last, Page(None, Given(Last))),
        CompleteMultipartUpload(A, Last, WrongSize),
        CompleteMultipartUpload(A, Last, HashOfEmptyBody),
        CompleteMultipartUpload(A, Last, Correct),
        CompleteMultipartUpload(A, Last, Correct),
        ListParts(A, Last, Page(None, Start)),
        AbortMultipartUpload(A, Last),
        DeleteArchive(A, Last),
        Wait(1440),
        CompleteMultipartUpload(A, Last, Correct),
        CompleteMultipartUpload(A, Last, WrongSize),
        DescribeVault(A),
    ]);
}

/// An aborted upload stays aborted. An idle upload expires after 24 hours, and a refused part does not count as
/// activity.
#[test]
fn idle_uploads_expire_unless_they_are_aborted() {
    replay(&[
        CreateVault(A),
        InitiateMultipartUpload(A, 1048576, ""),
        AbortMultipartUpload(A, Nth(0)),
        InitiateMultipartUpload(A, 2097152, ""),
        InitiateMultipartUpload(A, 1048576, ""),
        ListMultipartUploads(A, Page(Some(1), Start)),
        Wait(780),
        UploadMultipartPart(A, Nth(1), 0, Bytes(1, 0), WrongTreeHash),
        UploadMultipartPart(A, Nth(2), 0, Bytes(1, 0), Valid),
        Wait(660),
        ListMultipartUploads(A, Page(None, Given(Last))),
        AbortMultipartUpload(A, Nth(0)),
        AbortMultipartUpload(A, Nth(1)),
        Wait(780),
        AbortMultipartUpload(A, Nth(2)),
    ]);
}

/// This includes the markers of the old vault.
#[test]
fn a_recreated_vault_has_nothing_of_the_deleted_one() {
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(1, 0), Valid, ""),
        InitiateMultipartUpload(A, 1048576, ""),
        InitiateMultipartUpload(A, 1048576, ""),
        ListMultipartUploads(A, Page(Some(1), Start)),
        InitiateJob(A, Archive(Last, Whole, ""), ""),
        InitiateVaultLock(A, Allow),
        AddTagsToVault(A, One("team", "1")),
        SetVaultNotifications(A, SNS, &[ARCHIVE_DONE]),
        SetVaultAccessPolicy(A, Deny),
        DeleteVault(A),
        DeleteArchive(A, Last),
        Wait(1),
        DeleteVault(A),
        CreateVault(A),
        DescribeVault(A),
        ListTagsForVault(A),
        GetVaultNotifications(A),
        GetVaultAccessPolicy(A),
        CompleteVaultLock(A, Last),
        DescribeJob(A, Last),
        InitiateJob(A, Archive(Last, Whole, ""), ""),
        UploadMultipartPart(A, Last, 0, Bytes(1, 0), Valid),
        ListMultipartUploads(A, Page(None, Given(Last))),
        DeleteArchive(A, Last),
    ]);
}

/// Bugs were put into the mock on purpose. These sequences are what the failures were shrunk to.
#[test]
fn minimal_sequences_that_found_deliberate_bugs_pass() {
    // Bug: a deleted archive stays in the inventory.
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(1, 0), Valid, ""),
        DeleteArchive(A, Last),
        InitiateJob(A, Inventory("", "1", Given(Last), None, None), ""),
        GetJobOutput(A, Last, All),
    ]);
    // Bug: Content-Range counts from the beginning of the archive.
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(2097153, 0), Valid, ""),
        InitiateJob(A, Archive(Last, MibOnward(1), ""), ""),
        GetJobOutput(A, Last, Range(0, 0)),
    ]);
    // Bug: a download has a hash although the range of the job is not aligned.
    replay(&[
        CreateVault(B),
        UploadArchive(B, Bytes(3145735, 0), Valid, ""),
        InitiateJob(B, Archive(Last, Mib(0, 3), ""), ""),
        GetJobOutput(B, Last, All),
    ]);
    // Bug: the first part for a range is kept.
    replay(&[
        CreateVault(A),
        InitiateMultipartUpload(A, 1048576, ""),
        UploadMultipartPart(A, Last, 2, WholePart(0), Valid),
        UploadMultipartPart(A, Last, 2, Bytes(1, 0), Valid),
        ListParts(A, Last, Page(None, Start)),
    ]);
    // Bug: a page begins after its marker.
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(1, 0), Valid, ""),
        InitiateJob(A, Archive(Last, Whole, ""), ""),
        InitiateJob(A, Inventory("", "", Start, None, None), ""),
        ListJobs(A, "", "", Page(Some(1), Start)),
        ListJobs(A, "", "", Page(None, Given(Last))),
    ]);
    // Bug: quotes are escaped by doubling them.
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(1, 0), Valid, r#""C:\x""#),
        InitiateJob(A, Inventory("CSV", "1", Given(Last), None, None), ""),
        GetJobOutput(A, Last, Range(1, 1048576)),
    ]);
}

#[test]
fn the_first_of_several_errors_is_reported() {
    replay(&[
        InitiateJob(A, Archive(Nth(0), Mib(2, 1), ""), ""),
        InitiateJob(A, Archive(Unknown, Mib(0, 1), "Glacial"), ""),
        InitiateJob(A, Archive(Unknown, RangeText("1-1048575"), ""), ""),
        SetVaultNotifications(A, "topic", &[]),
        SetVaultNotifications(A, "", &["Done"]),
        UploadArchive(A, Bytes(0, 0), WrongPayloadHash, ""),
        UploadArchive(A, Bytes(0, 0), WrongTreeHash, ""),
        UploadArchive(A, Bytes(1, 0), WrongTreeHash, ""),
        UploadMultipartPart(A, Unknown, 0, Bytes(0, 0), WrongTreeHash),
        UploadMultipartPart(A, Unknown, 0, Bytes(1, 0), WrongTreeHash),
        ListParts(A, Unknown, Page(Some(0), Start)),
        ListJobs(A, "finished", "yes", Page(Some(0), Start)),
        SetVaultAccessPolicy(A, NoPrincipal),
        InitiateVaultLock(A, NoText),
        AddTagsToVault(A, Empty),
        AddTagsToVault(A, One("<", "<b>")),
        GetVaultLock(A),
    ]);
}

/// A lock in progress expires after exactly 24 hours, and its ID with it. A completed lock is deleted only with its
/// vault.
#[test]
fn a_lock_in_progress_expires_and_a_completed_one_does_not() {
    replay(&[
        CreateVault(A),
        CompleteVaultLock(A, Unknown),
        InitiateVaultLock(A, Allow),
        Wait(1439),
        GetVaultLock(A),
        InitiateVaultLock(A, Deny),
        Wait(1),
        GetVaultLock(A),
        CompleteVaultLock(A, Last),
        InitiateVaultLock(A, Deny),
        CompleteVaultLock(A, Nth(0)),
        CompleteVaultLock(A, Last),
        Wait(57600),
        CompleteVaultLock(A, Nth(0)),
        CompleteVaultLock(A, Last),
        AbortVaultLock(A),
        InitiateVaultLock(A, Allow),
        GetVaultLock(A),
        DeleteVault(A),
    ]);
}

/// Jobs expire after 24 hours. A page of vaults begins at the position of a deleted vault.
#[test]
fn markers_stay_valid_after_a_deletion() {
    replay(&[
        CreateVault(A),
        CreateVault(B),
        CreateVault(C),
        ListVaults(Page(Some(1), Given(Unknown))),
        ListVaults(Page(Some(1), Start)),
        DeleteVault(C),
        ListVaults(Page(Some(1), Given(Last))),
        InitiateJob(A, Inventory("", "", Start, None, None), ""),
        InitiateJob(A, Inventory("", "", Start, None, None), ""),
        Wait(1),
        InitiateJob(A, Inventory("", "", Start, None, None), ""),
        ListJobs(A, "", "", Page(Some(1), Start)),
        ListJobs(B, "", "", Page(Some(1), Given(Last))),
        Wait(1439),
        DescribeJob(A, Nth(1)),
        ListJobs(A, "Succeeded", "", Page(Some(1), Given(Last))),
    ]);
}

/// A vault has at most 50 tags. An account has at most two units, which expire after a month, and exactly one retrieval
/// rule.
#[test]
fn limits_of_the_account_and_of_tags_are_enforced() {
    replay(&[
        CreateVault(A),
        AddTagsToVault(A, One("Zürich / 1", "a+b@c")),
        AddTagsToVault(A, Ten(0)),
        AddTagsToVault(A, Ten(1)),
        AddTagsToVault(A, Ten(2)),
        AddTagsToVault(A, Ten(3)),
        AddTagsToVault(A, Ten(4)),
        AddTagsToVault(A, Ten(3)),
        RemoveTagsFromVault(A, One("Zürich / 1", "")),
        AddTagsToVault(A, Ten(4)),
        AddTagsToVault(A, One("team", "1")),
        RemoveTagsFromVault(A, Eleven),
        ListTagsForVault(A),
        SetDataRetrievalPolicy(&[Rule("BytesPerHour", Some(5))]),
        SetDataRetrievalPolicy(&[Rule("FreeTier", None), Rule("None", None)]),
        GetDataRetrievalPolicy,
        SetDataRetrievalPolicy(&[Rule("FreeTier", None)]),
        GetDataRetrievalPolicy,
        PurchaseProvisionedCapacity,
        Wait(20160),
        PurchaseProvisionedCapacity,
        PurchaseProvisionedCapacity,
        Wait(24481),
        ListProvisionedCapacity,
        PurchaseProvisionedCapacity,
    ]);
}

/// The rate is a quarter of the retrieved range per hour. Other errors are reported before the quota is checked.
#[test]
fn a_retrieval_quota_can_be_reached_and_not_exceeded() {
    replay(&[
        CreateVault(A),
        UploadArchive(A, Bytes(2097153, 0), Valid, ""),
        SetDataRetrievalPolicy(&[Rule("BytesPerHour", Some(262144))]),
        InitiateJob(A, Archive(Last, Whole, ""), ""),
        InitiateJob(A, Archive(Last, Mib(0, 1), ""), ""),
        InitiateJob(A, Archive(Last, Mib(0, 2), "Standard"), ""),
        InitiateJob(A, Archive(Last, Whole, "Bulk"), ""),
        InitiateJob(A, Archive(Unknown, Whole, ""), ""),
        InitiateJob(B, Archive(Last, Whole, ""), ""),
        InitiateJob(A, Archive(Last, Mib(2, 9), ""), ""),
        ListJobs(A, "", "", Page(None, Start)),
        SetDataRetrievalPolicy(&[Rule("FreeTier", None)]),
        InitiateJob(A, Archive(Last, Whole, ""), ""),
    ]);
}
