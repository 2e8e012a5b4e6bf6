//! The mock's clock, and everything that depends on it: jobs, inventories, capacity, expiry.

use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::VaultLockPolicy;
use glacier_mock::{Clock, Event, GlacierMock, InventoryMode, JobStatus, JobTiming};

use crate::support::{
    HOUR, MIB, POLICY, TIMEOUT, initiate, inventory, output, panic_message, raw, refusal, request, retrieval, sha256,
    upload,
};

async fn frozen(
    at: &str,
    build: impl FnOnce(glacier_mock::GlacierMockBuilder) -> glacier_mock::GlacierMockBuilder,
) -> (GlacierMock, Client) {
    let mock = build(GlacierMock::builder().clock(Clock::frozen(at))).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    (mock, glacier)
}

#[tokio::test]
async fn a_frozen_clock_moves_only_when_it_is_advanced() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder).await;
    let created =
        async || glacier.describe_vault().vault_name("v").send().await.unwrap().creation_date().unwrap().to_owned();
    assert_eq!(created().await, "2026-01-31T00:00:00.000Z");
    tokio::time::pause();
    tokio::time::advance(24 * HOUR).await;
    tokio::time::resume();
    assert_eq!(mock.clock().now().to_string(), "2026-01-31T00:00:00.000Z");
    mock.clock().advance(Duration::from_millis(1500));
    assert_eq!(mock.clock().now().to_string(), "2026-01-31T00:00:01.500Z");
    mock.clock().advance_to(mock.clock().now());
    mock.clock().advance_to("2028-02-29T12:00:00Z");
    assert_eq!(mock.clock().now().to_string(), "2028-02-29T12:00:00.000Z");
    glacier.create_vault().vault_name("v").send().await.unwrap();
    assert_eq!(created().await, "2026-01-31T00:00:00.000Z");
}

/// SDKs correct their own clock by the `Date` header.
#[tokio::test]
async fn the_date_header_shows_wall_time() {
    let (mock, _) = frozen("2001-01-01T00:00:00Z", |builder| builder).await;
    let answer = raw(&mock, &request("GET", "/-/vaults/v", &[], b""));
    assert!(answer.text().contains(r#""CreationDate":"2001-01-01T00:00:00.000Z""#));
    assert!(!answer.header("date").unwrap().contains("2001"));
    assert_eq!(mock.requests()[1].service_time().to_string(), "2001-01-01T00:00:00.000Z");
}

/// This applies to a plain test, and to a mock that is configured with `Clock::wall()`.
#[test]
fn without_a_runtime_the_clock_follows_wall_time() {
    for clock in [Clock::of_runtime(), Clock::wall()] {
        let mock = GlacierMock::builder().clock(clock).start();
        let before = mock.clock().now();
        std::thread::sleep(Duration::from_millis(3));
        assert!(mock.clock().now() > before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_ignores_tokios_time() {
    let mock = GlacierMock::builder().clock(Clock::wall()).start();
    let before = mock.clock().now();
    tokio::time::advance(24 * HOUR).await;
    mock.clock().advance(HOUR);
    assert_ne!(mock.clock().now().to_string(), before.to_string());
    let passed = mock.clock().now().since(before);
    assert!((HOUR..HOUR + TIMEOUT).contains(&passed), "{passed:?}");
    let of_runtime = GlacierMock::start();
    let before = of_runtime.clock().now();
    tokio::time::advance(HOUR).await;
    assert!(of_runtime.clock().now() > before);
}

#[test]
fn misuse_of_the_clock_panics_with_advice() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    let text = panic_message(|| mock.clock().advance_to("2026-01-30T00:00:00Z"));
    assert!(
        text.contains("cannot go back to 2026-01-30T00:00:00.000Z") && text.contains("Start the clock earlier"),
        "{text}"
    );
    assert!(panic_message(|| mock.clock().advance_to("tomorrow")).contains("expected RFC 3339, for example"));
    assert!(panic_message(|| _ = Clock::frozen("tomorrow")).contains("expected RFC 3339, for example"));
    let text = panic_message(|| mock.vault("none").take_inventory());
    assert!(text.contains("there is no vault \"none\""), "{text}");
}

#[tokio::test]
async fn only_a_job_that_has_ended_can_expire() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder.jobs(JobTiming::manual())).await;
    let id = initiate(&glacier, "v", inventory()).await;
    let job = mock.jobs().get(&id).unwrap();
    assert!(panic_message(|| job.expire()).contains("still in progress"));
    job.complete();
    assert!(panic_message(|| job.hold()).contains("has already ended: Succeeded"));
    job.expire();
    assert_eq!(refusal(glacier.describe_job().vault_name("v").job_id(&id).send().await).0, 404);
    assert!(panic_message(|| job.complete()).contains("no longer knows job"));
    assert!(mock.jobs().get("never-was").is_none());
}

/// The times are within the ranges of api.md section 5, and a larger archive takes longer.
#[tokio::test]
async fn the_time_of_a_retrieval_depends_on_its_tier_and_size() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder.jobs(JobTiming::by_tier())).await;
    let (small, large) = (upload(&glacier, "v", b"x").await, upload(&glacier, "v", &vec![7; 4 * MIB]).await);
    let mut took = Vec::new();
    for tier in ["Expedited", "Standard", "Bulk"] {
        for archive in [&small, &large] {
            let before = mock.clock().now();
            let id = initiate(&glacier, "v", retrieval(archive).tier(tier)).await;
            let events = mock.clock().advance_to_next_event();
            let [Event::JobCompleted { account, region, vault, job, status, .. }] = &events[..] else {
                panic!("expected one job to complete: {events:?}")
            };
            assert_eq!((*account, &**region, &**vault), (mock.account(), mock.region(), "v"));
            assert_eq!((job.as_str(), *status), (&*id, JobStatus::Succeeded));
            let seen = glacier.describe_job().vault_name("v").job_id(&id).send().await.unwrap();
            assert_eq!(seen.completion_date(), Some(&*mock.clock().now().to_string()));
            took.push((before, mock.clock().now()));
        }
    }
    let minutes: Vec<_> = took.iter().map(|(from, to)| to.since(*from).as_secs() / 60).collect();
    assert_eq!([minutes[0], minutes[2], minutes[4]], [2, 4 * 60, 6 * 60]);
    for pair in took.chunks(2) {
        assert!(pair[0].1.since(pair[0].0) <= pair[1].1.since(pair[1].0));
    }
}

#[tokio::test]
async fn a_job_ends_after_the_configured_number_of_polls() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder.jobs(JobTiming::after_polls(3))).await;
    let id = initiate(&glacier, "v", inventory()).await;
    // One request of each kind counts as a poll; the test's own reads through `mock.jobs()` do not.
    assert!(!glacier.describe_job().vault_name("v").job_id(&id).send().await.unwrap().completed());
    assert_eq!(mock.jobs().get(&id).unwrap().status(), JobStatus::InProgress);
    assert!(!glacier.list_jobs().vault_name("v").send().await.unwrap().job_list()[0].completed());
    assert_eq!(refusal(glacier.get_job_output().vault_name("v").job_id(&id).send().await).0, 400);
    assert!(glacier.describe_job().vault_name("v").job_id(&id).send().await.unwrap().completed());
    output(&glacier, "v", &id).await;

    // The request that completes the job no longer lists it as in progress.
    let second = initiate(&glacier, "v", inventory()).await;
    let in_progress =
        async || glacier.list_jobs().vault_name("v").statuscode("InProgress").send().await.unwrap().job_list().len();
    assert_eq!([in_progress().await, in_progress().await, in_progress().await, in_progress().await], [1, 1, 1, 0]);
    assert_eq!(mock.jobs().get(&second).unwrap().status(), JobStatus::Succeeded);
}

#[tokio::test]
async fn rules_for_the_next_job_apply_once_and_in_order() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder).await;
    glacier.create_vault().vault_name("w").send().await.unwrap();
    let (one, two) = (upload(&glacier, "v", b"1").await, upload(&glacier, "v", b"2").await);
    mock.next_job().vault("w").never_completes();
    mock.next_job().archive(&two).fails("Archive is damaged");
    mock.next_job().inventory().takes(6 * HOUR);
    mock.next_job().retrieval().fails_after(HOUR, "late");
    mock.next_job().completes_now();
    let status = |id: &str| mock.jobs().get(id).unwrap().status();

    let first = initiate(&glacier, "v", inventory()).await;
    let damaged = initiate(&glacier, "v", retrieval(&two)).await;
    let late = initiate(&glacier, "v", retrieval(&one)).await;
    let stuck = initiate(&glacier, "w", inventory()).await;
    let at_once = initiate(&glacier, "v", retrieval(&two)).await;
    let seen = [&first, &damaged, &late, &stuck, &at_once].map(|id| status(id));
    assert_eq!(
        seen,
        [JobStatus::InProgress, JobStatus::Failed, JobStatus::InProgress, JobStatus::InProgress, JobStatus::Succeeded]
    );
    mock.clock().advance(HOUR);
    assert_eq!((status(&late), status(&first)), (JobStatus::Failed, JobStatus::InProgress));
    let seen = glacier.describe_job().vault_name("v").job_id(&late).send().await.unwrap();
    assert_eq!(seen.status_message(), Some("late"));
    mock.clock().advance(5 * HOUR);
    assert_eq!((status(&first), status(&stuck)), (JobStatus::Succeeded, JobStatus::InProgress));
    mock.jobs().get(&stuck).unwrap().complete();
    assert_eq!(status(&stuck), JobStatus::Succeeded);
}

#[tokio::test]
async fn a_held_job_stays_in_progress_until_the_test_ends_it() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder.jobs(JobTiming::after(HOUR))).await;
    let id = initiate(&glacier, "v", inventory()).await;
    let job = mock.jobs().wait_for_one().await;
    job.hold();
    mock.clock().advance(100 * HOUR);
    assert_eq!(job.status(), JobStatus::InProgress);
    job.complete();
    let seen = glacier.describe_job().vault_name("v").job_id(&id).send().await.unwrap();
    assert_eq!(seen.completion_date(), Some("2026-02-04T04:00:00.000Z"));
}

#[tokio::test]
async fn advance_to_next_event_visits_every_event_in_order() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| {
        builder.jobs(JobTiming::after(HOUR)).inventory(InventoryMode::daily())
    })
    .await;
    assert!(mock.clock().advance_to_next_event().is_empty());
    let archive = upload(&glacier, "v", b"x").await;
    initiate(&glacier, "v", retrieval(&archive)).await;
    let begun = glacier.initiate_multipart_upload().vault_name("v").part_size(MIB.to_string());
    begun.send().await.unwrap();
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    mock.clock().advance(Duration::from_secs(60));
    let policy = VaultLockPolicy::builder().policy(POLICY).build();
    glacier.initiate_vault_lock().vault_name("v").policy(policy).send().await.unwrap();

    let mut seen = Vec::new();
    loop {
        let events = mock.clock().advance_to_next_event();
        if events.is_empty() {
            break;
        }
        for event in events {
            let name = match event {
                Event::JobCompleted { status: JobStatus::Succeeded, .. } => "job completed",
                Event::OutputExpired { .. } => "output expired",
                Event::LockExpired { .. } => "lock lapsed",
                Event::UploadExpired { .. } => "upload expired",
                Event::InventoryTaken { .. } => "inventory taken",
                Event::CapacityExpired { .. } => "capacity expired",
                other => panic!("{other:?}"),
            };
            seen.push((name, mock.clock().now().to_string()[..16].to_owned()));
        }
    }
    let seen: Vec<_> = seen.iter().map(|(name, at)| (*name, at.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("job completed", "2026-01-31T01:00"),
            ("inventory taken", "2026-01-31T12:00"),
            ("upload expired", "2026-02-01T00:00"),
            ("lock lapsed", "2026-02-01T00:01"),
            ("output expired", "2026-02-01T01:00"),
            ("capacity expired", "2026-02-28T00:00"),
        ]
    );
}

/// A unit bought on 31 January expires on the last day of February, in leap years too (api.md section 10).
#[tokio::test]
async fn capacity_lasts_a_calendar_month() {
    for (bought, expires) in [
        ("2026-01-31T10:00:00Z", "2026-02-28T10:00:00.000Z"),
        ("2028-01-31T10:00:00Z", "2028-02-29T10:00:00.000Z"),
        ("2028-02-29T10:00:00Z", "2028-03-29T10:00:00.000Z"),
        ("2026-03-31T10:00:00Z", "2026-04-30T10:00:00.000Z"),
        ("2026-12-31T10:00:00Z", "2027-01-31T10:00:00.000Z"),
    ] {
        let (mock, glacier) = frozen(bought, |builder| builder).await;
        glacier.purchase_provisioned_capacity().send().await.unwrap();
        let units =
            async || glacier.list_provisioned_capacity().send().await.unwrap().provisioned_capacity_list().to_vec();
        assert_eq!(units().await[0].expiration_date(), Some(expires));
        mock.clock().advance_to(expires);
        assert!(units().await.is_empty(), "{bought}");
    }
}

#[tokio::test]
async fn idle_uploads_can_be_kept() {
    for (keep, left) in [(false, 0), (true, 1)] {
        let (mock, glacier) =
            frozen("2026-01-31T00:00:00Z", |builder| if keep { builder.keep_idle_uploads(true) } else { builder })
                .await;
        let begun = glacier.initiate_multipart_upload().vault_name("v").part_size(MIB.to_string());
        let id = begun.send().await.unwrap().upload_id().unwrap().to_owned();
        mock.clock().advance(25 * HOUR);
        let uploads = glacier.list_multipart_uploads().vault_name("v").send().await.unwrap();
        assert_eq!(uploads.uploads_list().len(), left);
        let part = glacier.upload_multipart_part().vault_name("v").upload_id(&id).range("bytes 0-0/*");
        assert_eq!(part.body(b"x".to_vec().into()).send().await.is_ok(), keep);
        assert!(keep == mock.clock().advance_to_next_event().is_empty() || !keep);
    }
}

/// DescribeVault, DeleteVault and inventory jobs use the last inventory, not the current archives (api.md section 6).
#[tokio::test]
async fn inventories_are_taken_once_a_day() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder.inventory(InventoryMode::daily())).await;
    let totals = async || {
        let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
        (vault.number_of_archives(), vault.size_in_bytes(), vault.last_inventory_date().map(str::to_owned))
    };
    // Nothing was ever written to the vault, so there is no inventory of it.
    let parameters = inventory().build();
    let none_yet = refusal(glacier.initiate_job().vault_name("v").job_parameters(parameters).send().await);
    assert_eq!((none_yet.0, none_yet.1.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(
        none_yet.2,
        "Inventory retrieval jobs for vault arn:aws:glacier:us-east-1:000000000000:vaults/v cannot be initiated yet, as Amazon Glacier has not yet generated an initial inventory for this vault."
    );

    let archive = upload(&glacier, "v", b"12345").await;
    assert_eq!(totals().await, (0, 0, None));
    mock.clock().advance(12 * HOUR);
    assert_eq!(totals().await, (1, 32_773, Some("2026-01-31T12:00:00.000Z".into())));
    // Nothing has changed, so the inventories of the next days do not change the date.
    mock.clock().advance(48 * HOUR);
    assert_eq!(totals().await.2, Some("2026-01-31T12:00:00.000Z".into()));

    glacier.delete_archive().vault_name("v").archive_id(&archive).send().await.unwrap();
    assert_eq!(totals().await.0, 1);
    let job = initiate(&glacier, "v", inventory()).await;
    let listed: serde_json::Value = serde_json::from_slice(&output(&glacier, "v", &job).await).unwrap();
    assert_eq!(listed["InventoryDate"], "2026-01-31T12:00:00Z");
    assert_eq!(listed["ArchiveList"][0]["ArchiveId"], archive);
    assert!(refusal(glacier.delete_vault().vault_name("v").send().await).2.starts_with("Vault not empty or recently"));
    let events = mock.clock().advance_to_next_event();
    let taken = |event: &Event| matches!(event, Event::InventoryTaken { vault, .. } if vault == "v");
    assert!(events.iter().any(taken), "{events:?}");
    assert_eq!(totals().await, (0, 0, Some("2026-02-03T12:00:00.000Z".into())));
    glacier.delete_vault().vault_name("v").send().await.unwrap();
}

/// The clock is frozen, so the upload has the same time as the inventory before it.
#[tokio::test]
async fn a_vault_that_was_written_to_at_the_time_of_its_inventory_is_not_deleted() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder.inventory(InventoryMode::daily())).await;
    mock.vault("v").take_inventory();
    upload(&glacier, "v", b"12345").await;
    assert!(refusal(glacier.delete_vault().vault_name("v").send().await).2.starts_with("Vault not empty or recently"));
    mock.clock().advance(24 * HOUR);
    let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!(vault.number_of_archives(), 1);
}

#[tokio::test]
async fn a_test_can_take_an_inventory_at_any_time() {
    let (mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder.realistic()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    mock.vault("v").take_inventory();
    let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!((vault.number_of_archives(), vault.last_inventory_date()), (1, Some("2026-01-31T00:00:00.000Z")));
    let job = initiate(&glacier, "v", inventory()).await;
    mock.jobs().get(&job).unwrap().complete();
    output(&glacier, "v", &job).await;
    let with_archive = inventory().archive_id(&archive).build();
    let refused = refusal(glacier.initiate_job().vault_name("v").job_parameters(with_archive).send().await);
    assert_eq!(refused.2, format!("Invalid ArchiveId: {archive}"));
}

#[tokio::test]
async fn the_overhead_of_archives_can_be_excluded_from_the_size() {
    let (_mock, glacier) = frozen("2026-01-31T00:00:00Z", |builder| builder.count_overhead(false)).await;
    upload(&glacier, "v", b"12345").await;
    assert_eq!(glacier.describe_vault().vault_name("v").send().await.unwrap().size_in_bytes(), 5);
}

/// All responses of one run, without their `Date` headers, which show wall time.
fn run(seed: u64) -> Vec<String> {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).seed(seed).start();
    let hash = sha256(b"hello");
    let hashes = [("x-amz-content-sha256", &*hash), ("x-amz-sha256-tree-hash", &*hash)];
    let part = [("x-amz-part-size", "1048576")];
    let mut answers = Vec::new();
    let mut send = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let answer = raw(&mock, &request(method, path, headers, body));
        let headers: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "date").collect();
        answers.push(format!("{} {headers:?} {}", answer.status, answer.text()));
        mock.clock().advance(Duration::from_secs(90));
    };
    send("PUT", "/-/vaults/v", &[], b"");
    send("POST", "/-/vaults/v/archives", &hashes, b"hello");
    send("POST", "/-/vaults/v/multipart-uploads", &part, b"");
    send("POST", "/-/vaults/v/lock-policy", &[], serde_json::json!({ "Policy": POLICY }).to_string().as_bytes());
    send("POST", "/-/provisioned-capacity", &[], b"");
    send("POST", "/-/vaults/v/jobs", &[], br#"{"Type":"inventory-retrieval"}"#);
    for path in ["", "/jobs", "/multipart-uploads", "/lock-policy", "/none"] {
        send("GET", &format!("/-/vaults/v{path}"), &[], b"");
    }
    send("GET", "/-/provisioned-capacity", &[], b"");
    answers
}

#[test]
fn a_frozen_clock_and_a_seed_make_two_runs_equal() {
    let (one, two) = (run(7), run(7));
    assert_eq!(one, two);
    assert!(one.iter().any(|answer| answer.contains("2026-01-31T00:07:30.000Z")), "{one:#?}");
    assert_ne!(one, run(8));
}
