//! Public values: parsed from text, compared, added up. And what every public type can be used for: other threads,
//! spawned tasks, `catch_unwind`.

use std::error::Error;
use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use glacier_mock::{
    Account, Archive, ArchiveId, Attempts, Body, Call, Calls, CapacityId, CapacityUnit, Clock, Content, Count, Digest,
    ErrorCode, Event, Expectation, Explain, Explanation, Fault, GlacierMock, GlacierMockBuilder, InventoryMode, Job,
    JobId, JobStatus, JobTiming, Jobs, LockId, LockState, MockClock, NextJob, Notification, Operation, Outage,
    ParseAccountError, ParseDigestError, ParseErrorCodeError, ParseIdError, ParseOperationError, ParsePrincipalError,
    ParseTimestampError, Part, Principal, Request, Requests, RetrievalPolicy, Statuses, Step, Tier, Timestamp,
    TreeHasher, Upload, UploadId, Vault, VaultLock, VaultNotificationConfig, VerificationError, Wait, WaitFor,
    tree_hash,
};

use crate::support::{self, HOUR, MIB, bytes, panic_message, sha256};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Asserts that a text is parsed, and that the value is shown as that text again.
#[track_caller]
fn assert_round_trip<T: FromStr<Err: Error> + ToString>(text: &str) {
    assert_eq!(text.parse::<T>().unwrap().to_string(), text);
}

/// Asserts that a text is refused with this message.
#[track_caller]
fn assert_refused<T: FromStr<Err: Error> + Debug>(text: &str, message: &str) {
    assert_eq!(text.parse::<T>().unwrap_err().to_string(), message);
}

#[test]
fn values_are_parsed_from_the_text_that_they_are_shown_as() {
    assert_round_trip::<Account>("111122223333");
    assert_round_trip::<Timestamp>("2026-01-31T00:00:00.500Z");
    assert_round_trip::<Digest>(&sha256(b"a cat"));
    Operation::ALL.iter().for_each(|operation| assert_round_trip::<Operation>(operation.as_str()));
    ErrorCode::ALL.iter().for_each(|code| assert_round_trip::<ErrorCode>(code.as_str()));
    let arn = "arn:aws:iam::111122223333:user/anna";
    assert_eq!(arn.parse::<Principal>().unwrap(), Principal::new(arn));
}

#[test]
fn an_invalid_text_is_quoted_in_the_error_with_what_was_expected() {
    assert_refused::<Account>(
        "1111",
        "\"1111\" is not an AWS account number; expected 12 digits, for example \"111122223333\"",
    );
    assert_refused::<Timestamp>(
        "2026-01-31",
        "\"2026-01-31\" is not a valid timestamp; expected RFC 3339, for example \"2026-01-31T00:00:00Z\"",
    );
    assert_refused::<Digest>("e3b0", "\"e3b0\" is not a SHA-256 digest; expected 64 hex digits");
    assert_refused::<Operation>(
        "listvaults",
        "\"listvaults\" is not an operation of Glacier; expected AWS's name of one, for example \"CreateVault\"",
    );
    assert_refused::<ErrorCode>(
        "SlowDown",
        "\"SlowDown\" is not an error code of Glacier; expected one such as \"ThrottlingException\"",
    );
    assert_refused::<Principal>(
        "anna",
        "\"anna\" is not the ARN of a principal; expected for example \"arn:aws:iam::111122223333:user/anna\", with \
         root, user/NAME or role/NAME behind the account's 12 digits, or \
         \"arn:aws:sts::111122223333:assumed-role/ROLE/SESSION\"",
    );
    // The constructors that panic have the same message.
    assert!(panic_message(|| _ = Account::new("1111")).starts_with("\"1111\" is not an AWS account number; "));
    assert!(panic_message(|| _ = Principal::new("anna")).starts_with("\"anna\" is not the ARN of a principal; "));
}

/// The service looks up every text that a path can contain, so each of them is an ID.
#[test]
fn an_id_is_any_text_except_the_empty_one() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let stored = vault.put_archive("cat.jpg", b"a cat").to_string();
    let id: ArchiveId = stored.parse().unwrap();
    assert_eq!(vault.archive(&id).unwrap().to_vec(), b"a cat");
    assert_round_trip::<ArchiveId>("x y/z");
    assert_round_trip::<JobId>("j");
    assert_round_trip::<UploadId>("u");
    assert_round_trip::<LockId>("l");
    assert_round_trip::<CapacityId>("c");
    assert_refused::<ArchiveId>(
        "",
        "\"\" is not an ID; expected the text that the service returned, which is not empty",
    );
}

#[test]
fn timestamps_are_added_and_subtracted() {
    let (start, end) = (at("2026-01-31T23:59:59.500Z"), at("2026-02-01T00:00:01Z"));
    assert_eq!(start + Duration::from_millis(1500), end);
    assert_eq!(end - Duration::from_millis(1500), start);
    assert_eq!((end - start, start - end), (Duration::from_millis(1500), Duration::ZERO));
    let mut now = start;
    now += HOUR;
    assert_eq!(now - start, HOUR);
    now -= 2 * HOUR;
    assert_eq!(start - now, HOUR);
    // Less than a millisecond is rounded down, in both directions.
    assert_eq!(start + Duration::from_nanos(999_999), start);
    assert_eq!(start - Duration::from_nanos(1), start - Duration::from_millis(1));
}

#[test]
fn a_timestamp_stops_at_the_first_and_the_last_instant() {
    let (first, last) = (at("2026-01-31T00:00:00Z") - Duration::MAX, at("2026-01-31T00:00:00Z") + Duration::MAX);
    assert!(last.to_string().starts_with("9999-12-31T"), "{last}");
    assert!(first.to_string().starts_with("0000-01-01T"), "{first}");
    assert_eq!((last + HOUR, first - HOUR), (last, first));
}

#[test]
fn a_timestamp_is_converted_to_a_system_time_and_back() {
    for text in ["2026-01-31T00:00:00.123Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "1700-01-01T00:00:00Z"]
    {
        assert_eq!(Timestamp::from(SystemTime::from(at(text))), at(text));
    }
    let half = SystemTime::UNIX_EPOCH + Duration::from_millis(500);
    assert_eq!(SystemTime::from(at("1970-01-01T00:00:00.5Z")), half);
    // A time of the operating system can be outside of what a timestamp represents.
    if let Some(late) = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 40)) {
        assert_eq!(Timestamp::from(late), at("2026-01-31T00:00:00Z") + Duration::MAX);
    }
}

#[test]
fn a_digest_is_compared_with_its_hex_digits() {
    let (digest, hex) = (Digest::sha256(b"a cat"), sha256(b"a cat"));
    assert_eq!(digest, hex);
    assert_eq!(digest, *hex);
    assert_eq!(digest, &*hex);
    assert_eq!(hex, digest);
    assert_eq!(*hex, digest);
    assert_eq!(&*hex, digest);
    assert_eq!(digest, hex.to_uppercase());
    assert_ne!(digest, sha256(b"a dog"));
    assert_ne!(digest, &hex[1..]);
}

/// The oracle is `support::tree_hash`, which uses the SHA-256 of another crate.
#[test]
fn the_public_tree_hash_is_that_of_the_definition() {
    assert_eq!(tree_hash([0; 0]), sha256(b""));
    for len in [1, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 7, 7 * MIB] {
        let bytes = bytes(len);
        let expected = support::tree_hash(&bytes);
        assert_eq!(tree_hash(&bytes), expected, "{len}");
        for piece in [100_000, MIB, 3 * MIB] {
            let mut hasher = TreeHasher::new();
            bytes.chunks(piece).for_each(|piece| hasher.update(piece));
            assert_eq!(hasher.finish(), expected, "{len} by {piece}");
        }
    }
}

#[test]
fn a_duration_is_a_timing_of_jobs() {
    assert_eq!(JobTiming::from(HOUR), JobTiming::after(HOUR));
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).jobs(HOUR).start();
    let vault = mock.create_vault("v");
    let archive = vault.put_archive("cat.jpg", b"a cat");
    let job = vault.start_retrieval(&archive);
    mock.clock().advance(HOUR - Duration::from_millis(1));
    assert_eq!(job.status(), JobStatus::InProgress);
    mock.clock().advance(Duration::from_millis(1));
    assert_eq!(job.status(), JobStatus::Succeeded);
    mock.set_job_timing(Duration::ZERO);
    assert_eq!(vault.start_retrieval(&archive).status(), JobStatus::Succeeded);
}

#[test]
fn a_clock_is_frozen_at_whatever_it_can_be_advanced_to() {
    let instant = at("2026-01-31T00:00:00Z");
    for clock in
        [Clock::frozen("2026-01-31T00:00:00Z"), Clock::frozen(instant), Clock::frozen(SystemTime::from(instant))]
    {
        let mock = GlacierMock::builder().clock(clock).start();
        assert_eq!(mock.clock().now(), instant);
        mock.clock().advance_to(instant + HOUR);
        mock.clock().advance_to(SystemTime::from(instant + 2 * HOUR));
        assert_eq!(mock.clock().now() - instant, 2 * HOUR);
    }
}

/// A handle or a value that a test can move to another thread or task, share with it, and use in `catch_unwind`.
const fn is_shared<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>() {}

const fn is_cloned<T: Clone>() {}

const fn is_sent<T: Send + Unpin + 'static>() {}

const fn is_an_error<T: Error + Clone + PartialEq + Send + Sync + 'static>() {}

macro_rules! all {
    ($check:ident: $($name:ty),* $(,)?) => {
        const _: () = {
            $($check::<$name>();)*
        };
    };
}

all!(is_shared: GlacierMock, GlacierMockBuilder, Vault, MockClock, Outage, NextJob, Explain, Jobs, Job);
all!(is_shared: Archive, Part, Upload, VaultLock, LockState, VaultNotificationConfig, CapacityUnit, RetrievalPolicy);
all!(is_shared: Fault, Expectation, Calls, Requests);
all!(is_shared: Statuses, Tier, VerificationError);
all!(is_shared: Request, Call, Attempts, Body, Explanation, Notification, Event, Count, Step);
all!(is_shared: Content, Digest, TreeHasher, Timestamp, Clock, JobTiming, InventoryMode, JobStatus, ErrorCode, Operation);
all!(is_shared: Account, Principal, ArchiveId, JobId, UploadId, LockId, CapacityId);
all!(is_cloned: Vault, MockClock, Jobs, Job, Archive, Part, Upload, VaultLock, LockState, VaultNotificationConfig);
all!(is_cloned: CapacityUnit, RetrievalPolicy, Calls, Requests, Request, Call, Attempts, Body, Notification, Event);
all!(is_cloned: Content, Digest, TreeHasher, Timestamp, Clock, JobTiming, InventoryMode, JobStatus, ErrorCode, Operation);
all!(is_cloned: Account, Principal, ArchiveId, JobId, UploadId, LockId, CapacityId, Count, Step, Explain, Explanation);
all!(is_sent: Wait<Job>, Wait<Notification>, WaitFor);
all!(is_an_error: ParseAccountError, ParseDigestError, ParseErrorCodeError, ParseIdError, ParseOperationError);
all!(is_an_error: ParsePrincipalError, ParseTimestampError);

/// A test writes an account as an [`Account`] or as text, whether the text is owned or not.
#[tokio::test]
async fn an_account_may_be_given_as_text() {
    const NUMBER: &str = "111122223333";
    let account = Account::new(NUMBER);
    assert_eq!(GlacierMock::builder().account(NUMBER).start().account(), account);
    let mock = GlacierMock::builder().account(NUMBER.to_owned()).start();
    assert_eq!(mock.account(), account);
    assert_eq!(account, *NUMBER);
    assert_eq!(account, NUMBER);
    assert_eq!(<Account as AsRef<str>>::as_ref(&account), NUMBER);
    mock.client_for("444455556666", "us-east-1").create_vault().vault_name("v").send().await.unwrap();
    assert!(mock.vault_in(Account::new("444455556666"), "us-east-1", "v").exists());
    let number = "444455556666".to_owned();
    assert!(mock.vault_in(&number, "us-east-1", "v").exists() && mock.vault_in(number, "us-east-1", "v").exists());
    mock.all_calls().account("111122223333").assert_none();
    mock.all_calls().assert_once();
    let invalid = "\"4444\" is not an AWS account number; expected 12 digits, for example \"111122223333\"";
    for run in [
        &(|| drop(GlacierMock::builder().account("4444"))) as &dyn Fn(),
        &|| drop(mock.vault_in("4444", "us-east-1", "v")),
        &|| drop(mock.client_for("4444", "us-east-1")),
        &|| drop(mock.calls(Operation::ListVaults).account("4444")),
    ] {
        assert_eq!(panic_message(run), invalid);
    }
}

#[test]
fn an_instant_and_an_address_may_be_given_as_owned_text() {
    let text = "2026-01-31T00:00:00Z".to_owned();
    let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
    let instant: Timestamp = text.parse().unwrap();
    assert_eq!(anna.clone().expires_at(&text).expiry(), Some(instant));
    assert_eq!(anna.clone().expires_at(text).expiry(), Some(instant));
    let address = std::net::IpAddr::from([203, 0, 113, 7]);
    assert_eq!(anna.clone().with_source_ip(address), anna.clone().with_source_ip("203.0.113.7"));
    let invalid = panic_message(|| drop(anna.with_source_ip("here")));
    assert!(invalid.starts_with("\"here\" is not an IP address"), "{invalid}");
}

#[test]
fn words_of_the_api_are_available_as_text() {
    assert_eq!((LockState::InProgress.as_str(), LockState::Locked.as_str()), ("InProgress", "Locked"));
    assert_eq!(format!("{:>7}", LockState::Locked), " Locked");
    assert_eq!(Operation::ListVaults.as_str(), "ListVaults");
    assert_eq!(ErrorCode::ThrottlingException.error_type(), "Client");
    assert_eq!(ErrorCode::ServiceUnavailableException.error_type(), "Server");
    assert_eq!(Digest::sha256("a cat"), Digest::sha256(vec![b'a', b' ', b'c', b'a', b't']));
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "the test passes a reversed range deliberately")]
fn the_bytes_of_an_archive_are_read_by_any_range() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let archive = vault.archive(vault.put_archive("", b"012345")).unwrap();
    assert_eq!(archive.bytes(2..4), b"23");
    assert_eq!(archive.bytes(2..=4), b"234");
    assert_eq!(archive.bytes(4..), b"45");
    assert_eq!(archive.bytes(..2), b"01");
    assert_eq!(archive.bytes(..), b"012345");
    assert_eq!(archive.bytes(6..6), b"");
    let text = panic_message(|| drop(archive.bytes(4..2)));
    assert_eq!(text, "range 4..2 ends before it begins; the archive has 6 bytes");
    for text in [panic_message(|| drop(archive.bytes(0..=6))), panic_message(|| drop(archive.bytes(5..7)))] {
        assert!(text.ends_with("7 extends past the end of the archive, which has 6 bytes"), "{text}");
    }
    assert_eq!(panic_message(|| drop(archive.bytes(7..))), "range 7..6 ends before it begins; the archive has 6 bytes");
}

#[test]
fn values_compare_hash_and_print_as_a_test_needs() {
    use std::collections::{BTreeSet, HashSet};
    assert_eq!(format!("{} {:>9}", JobStatus::InProgress, Tier::Bulk), "InProgress      Bulk");
    assert_eq!(ErrorCode::BadRequest, "BadRequest");
    assert_eq!(ErrorCode::BadRequest, *"BadRequest");
    assert_eq!("BadRequest", ErrorCode::BadRequest);
    assert_ne!(ErrorCode::BadRequest, "badrequest");
    let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
    assert_eq!(HashSet::from([anna.clone(), anna.clone(), anna.with_mfa()]).len(), 2);
    assert_eq!(BTreeSet::from([Digest::sha256("a"), Digest::sha256("b"), Digest::sha256("a")]).len(), 2);
    let mut hasher = TreeHasher::new();
    std::io::copy(&mut bytes(3 * MIB).as_slice(), &mut hasher).unwrap();
    assert_eq!(hasher.finish(), tree_hash(bytes(3 * MIB)));
    let text = panic_message(|| drop(Step::any_order([])));
    assert_eq!(text, "invalid step: `Step::any_order` needs at least one operation");
    let [a, b] = [Operation::ListVaults, Operation::ListJobs];
    assert_eq!(Step::any_order([a, b, a]).to_string(), "ListVaults (2 times), ListJobs (in any order)");
    assert_eq!(Step::any_order([a, a]).to_string(), "ListVaults (2 times)");
}

#[test]
fn a_job_and_its_notification_name_their_account_and_region() {
    let mock = GlacierMock::builder().jobs(Duration::from_secs(3600)).start();
    let vault = mock.vault_in("111122223333", "eu-west-1", "v").create();
    vault.set_notifications("arn:aws:sns:eu-west-1:111122223333:jobs", ["InventoryRetrievalCompleted"]);
    let job = vault.start_inventory_retrieval();
    assert_eq!((job.account(), job.region()), (Account::new("111122223333"), "eu-west-1"));
    let events: std::collections::HashSet<Event> = mock.clock().advance_to_next_event().into_iter().collect();
    assert_eq!(events.len(), 1);
    let notification = &mock.notifications()[0];
    assert_eq!((notification.account(), notification.region()), (Account::new("111122223333"), "eu-west-1"));
}
