//! Misuse of a vault handle panics at the line of the test, with advice, and changes nothing.

use std::panic::{self, AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, Mutex};

use glacier_mock::{GlacierMock, Operation, Step};

use super::TOPIC;
use crate::support::{MIB, POLICY, panic_message};

#[test]
fn every_method_of_a_missing_vault_panics() {
    let mock = GlacierMock::start();
    let vault = mock.vault("none");
    assert!(!vault.exists() && !mock.vault("no name").exists());
    let uses: [&dyn Fn(); 16] = [
        &|| _ = vault.archives(),
        &|| _ = vault.archive("id"),
        &|| _ = vault.uploads(),
        &|| _ = vault.jobs(),
        &|| _ = vault.tags(),
        &|| _ = vault.vault_lock(),
        &|| _ = vault.access_policy(),
        &|| _ = vault.notifications(),
        &|| _ = vault.put_archive("", "x"),
        &|| _ = vault.delete_archive("id"),
        &|| _ = vault.start_upload("", MIB as u64),
        &|| _ = vault.put_part("id", 0, "x"),
        &|| _ = vault.tag("key", "value"),
        &|| _ = vault.lock(POLICY),
        &|| _ = vault.set_access_policy(POLICY),
        &|| _ = vault.set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]),
    ];
    for (n, use_it) in uses.iter().enumerate() {
        let text = panic_message(use_it);
        assert!(
            text.starts_with("there is no vault \"none\" in account 000000000000 and region us-east-1"),
            "{n}: {text}"
        );
        assert!(text.ends_with("with `.create()`"), "{n}: {text}");
    }
    let text = panic_message(|| _ = mock.vault("no name").put_archive("", "x"));
    assert!(text.starts_with("there is no vault \"no name\""), "{text}");
}

/// The attempt changes nothing.
#[test]
fn arranging_what_the_service_would_refuse_panics_with_advice() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v").lock(POLICY);
    let upload = vault.start_upload("", MIB as u64);
    let part = |first, len| vault.put_part(&upload, first, vec![0; len]);
    let cases: [(&dyn Fn(), &str, &str); 19] = [
        (&|| _ = mock.create_vault("my vault"), "be created", "Invalid vault name: my vault. A name has"),
        (&|| _ = vault.put_archive("", ""), "accept the archive", "Invalid Content-Length: 0. An archive has"),
        (&|| _ = vault.put_archive("ü", "x"), "accept the archive", "Invalid archive description. An archive has"),
        (&|| _ = vault.delete_archive("x"), "delete the archive", "archive ID was not found: x. Pass the ID"),
        (&|| _ = vault.start_upload("ü", MIB as u64), "start the upload", "description. A description has"),
        (&|| _ = vault.start_upload("", 1_000_000), "start the upload", "1048576 and 4294967296 bytes. A description"),
        (&|| _ = part(1, 1), "accept the part", "Invalid Content-Range: bytes 1-1/*. A part has"),
        (&|| _ = part(0, MIB + 1), "accept the part", "Invalid Content-Range: bytes 0-1048576/*. A part has"),
        (&|| _ = part(0, 0), "accept the part", "Invalid Content-Length: 0. A part has"),
        (&|| _ = part(u64::MAX, 1), "accept the part", "Invalid Content-Range: bytes 18446744073709551615-"),
        (&|| _ = part(10_000 * MIB as u64, 1), "accept the part", "limit of 10000 parts. A part has"),
        (&|| _ = vault.put_part("x", 0, "x"), "accept the part", "The upload ID was not found: x. A part has"),
        (&|| _ = vault.tag("aws:x", ""), "accept the tag", "Invalid tag key: aws:x. A vault has at most 50 tags"),
        (&|| _ = vault.lock("{}"), "be locked", "lock policy is invalid. Provide a valid policy. A lock policy is"),
        (&|| _ = vault.initiate_lock(POLICY), "be locked", "vaults/v. A lock policy is"),
        (&|| _ = vault.set_access_policy("{}"), "accept the access policy", "Provide a valid policy. A policy is"),
        (
            &|| _ = vault.set_access_policy("{}"),
            "accept the access policy",
            "The flaw in this policy: Statement is missing",
        ),
        (&|| _ = vault.set_notifications("x", ["x"]), "accept the notifications", "Invalid event: x. Pass the ARN"),
        (&|| _ = vault.set_notifications(TOPIC, [""; 0]), "accept the notifications", "missing: events. Pass the ARN"),
    ];
    for (n, (misuse, cannot, text)) in cases.iter().enumerate() {
        let panic = panic_message(misuse);
        assert!(panic.contains(&format!(" cannot {cannot}: the service would refuse with ")), "{n}: {panic}");
        assert!(panic.contains(text), "{n}: {panic}");
    }
    assert!(vault.archives().is_empty() && vault.tags().is_empty() && vault.uploads()[0].parts().is_empty());
    assert_eq!((vault.access_policy(), vault.notifications()), (None, None));
}

#[test]
fn misuse_is_reported_at_the_line_of_the_test() {
    let mock = GlacierMock::start();
    let (vault, none) = (mock.create_vault("v"), mock.vault("none"));
    let uses: [&dyn Fn() -> u32; 9] = [
        &|| (line(), _ = mock.create_vault("my vault")).0,
        &|| (line(), _ = vault.put_archive("", "")).0,
        &|| (line(), _ = vault.lock("{}")).0,
        &|| (line(), _ = none.archives()).0,
        &|| (line(), _ = none.tag("key", "value")).0,
        &|| (line(), mock.all_calls().assert_count(-1)).0,
        &|| (line(), mock.requests().assert_count(-1..3)).0,
        &|| (line(), mock.expect(Operation::ListVaults).times(3..3)).0,
        &|| (line(), _ = Step::times(Operation::ListVaults, -1)).0,
    ];
    for (n, use_it) in uses.iter().enumerate() {
        let (expected, seen) = where_it_panics(use_it);
        assert_eq!(seen, (file!().to_owned(), expected), "{n}");
    }
}

thread_local! {
    static LINE: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Stores and returns the line of its caller.
#[track_caller]
fn line() -> u32 {
    LINE.set(Location::caller().line());
    LINE.get()
}

/// Returns the line stored last, and the file and line of the panic.
fn where_it_panics(misuse: &dyn Fn() -> u32) -> (u32, (String, u32)) {
    let place = Arc::new(Mutex::new(None));
    let (noted, thread) = (place.clone(), std::thread::current().id());
    let before = Arc::new(panic::take_hook());
    let others = before.clone();
    panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == thread {
            let at = info.location().unwrap();
            *noted.lock().unwrap() = Some((at.file().to_owned(), at.line()));
        } else {
            others(info);
        }
    }));
    let panicked = catch_unwind(AssertUnwindSafe(misuse)).is_err();
    _ = panic::take_hook();
    panic::set_hook(Box::new(move |info| before(info)));
    assert!(panicked);
    (LINE.get(), place.lock().unwrap().take().unwrap())
}
