//! What AWS would charge for (api.md section 11).

use std::time::Duration;

use aws_sdk_glacier::Client;
use glacier_mock::{Account, Clock, GIB, GlacierMock, JobTiming, Operation, Prices, Tier};

use crate::support::{DAY, HOUR, MIB, bytes, initiate, inventory, output, panic_message, retrieval, tree_hash, upload};

/// api.md section 11.6.
const OVERHEAD: u128 = 32_768;

/// Starts a mock whose clock stands still, with a vault `v`. Its creation is not a request.
fn mock() -> (GlacierMock, Client) {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    mock.create_vault("v");
    let glacier = mock.client();
    (mock, glacier)
}

async fn delete(glacier: &Client, archive: &str) {
    glacier.delete_archive().vault_name("v").archive_id(archive).send().await.unwrap();
}

/// "Requests (per thousand UPLOAD and RETRIEVAL requests per month)" (whitepaper), "LISTVAULTS, GETJOBOUTPUT, DELETE and
/// all other requests are free" (pricing page).
#[tokio::test]
async fn requests_are_counted_by_class() {
    let (mock, glacier) = mock();
    let archive = upload(&glacier, "v", b"a cat").await;
    let started = glacier.initiate_multipart_upload().vault_name("v").part_size("1048576").send().await.unwrap();
    let id = started.upload_id().unwrap();
    let part = glacier.upload_multipart_part().vault_name("v").upload_id(id).range("bytes 0-4/*");
    part.body(b"a dog".to_vec().into()).send().await.unwrap();
    let complete = glacier.complete_multipart_upload().vault_name("v").upload_id(id).archive_size("5");
    complete.checksum(tree_hash(b"a dog")).send().await.unwrap();
    assert_eq!((mock.usage().upload_requests(), mock.usage().free_requests()), (4, 0));

    for (tier, times) in [("Expedited", 1), ("Standard", 2), ("Bulk", 3)] {
        for _ in 0..times {
            initiate(&glacier, "v", retrieval(&archive).tier(tier)).await;
        }
    }
    initiate(&glacier, "v", retrieval(&archive)).await;
    let requests = |tier| mock.usage().retrieval_requests(tier);
    assert_eq!([requests(Tier::Expedited), requests(Tier::Standard), requests(Tier::Bulk)], [1, 3, 3]);

    // An inventory, a page of jobs, a download, a deletion, an abort.
    let job = initiate(&glacier, "v", inventory()).await;
    glacier.list_jobs().vault_name("v").send().await.unwrap();
    output(&glacier, "v", &job).await;
    delete(&glacier, &archive).await;
    let started = glacier.initiate_multipart_upload().vault_name("v").part_size("1048576").send().await.unwrap();
    glacier.abort_multipart_upload().vault_name("v").upload_id(started.upload_id().unwrap()).send().await.unwrap();
    assert_eq!((mock.usage().upload_requests(), mock.usage().free_requests()), (5, 5));
}

/// "If a retrieval job request is rejected because of a data retrieval policy, you are not charged for the job or the
/// request" (developer guide, data-retrieval-policy).
#[tokio::test]
async fn only_granted_requests_count() {
    let (mock, glacier) = mock();
    let archive = mock.vault("v").put_archive("", b"a cat");
    mock.set_expedited_shortage(true);
    glacier
        .initiate_job()
        .vault_name("v")
        .job_parameters(retrieval(&archive).tier("Expedited").build())
        .send()
        .await
        .unwrap_err();
    mock.fault(Operation::UploadArchive).times(2).service_unavailable();
    upload(&glacier, "v", b"a dog").await;
    let usage = mock.usage();
    assert_eq!((usage.upload_requests(), usage.retrieval_requests(Tier::Expedited)), (1, 0));
    assert_eq!(usage.retrieved(Tier::Expedited), 0);

    // The service granted both attempts.
    mock.fault(Operation::UploadArchive).loses_answer();
    upload(&glacier, "v", b"an owl").await;
    assert_eq!(mock.usage().upload_requests(), 3);
}

/// "The per GB data retrieval charges" depend on the tier (article on retrieval costs).
#[tokio::test]
async fn bytes_are_retrieved_by_tier() {
    let (mock, glacier) = mock();
    mock.set_job_timing(JobTiming::manual());
    let archive = upload(&glacier, "v", &bytes(3 * MIB)).await;
    let gone = upload(&glacier, "v", b"gone").await;
    delete(&glacier, &gone).await;
    initiate(&glacier, "v", retrieval(&archive).tier("Bulk")).await;
    initiate(&glacier, "v", retrieval(&archive).retrieval_byte_range("1048576-2097151")).await;
    initiate(&glacier, "v", retrieval(&gone).tier("Expedited")).await;
    initiate(&glacier, "v", inventory()).await;
    mock.vault("v").start_retrieval(&archive);
    let retrieved = |tier| mock.usage().retrieved(tier);
    assert_eq!([retrieved(Tier::Expedited), retrieved(Tier::Standard), retrieved(Tier::Bulk)], [0, 1 << 20, 3 << 20]);
}

/// "Data transfer out (per GB per month)" (whitepaper).
#[tokio::test]
async fn each_download_counts() {
    let (mock, glacier) = mock();
    let archive = upload(&glacier, "v", &bytes(MIB)).await;
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    assert_eq!(mock.usage().downloaded_bytes(), 0);
    output(&glacier, "v", &job).await;
    output(&glacier, "v", &job).await;
    assert_eq!(mock.usage().downloaded_bytes(), 2 << 20);
    mock.fault(Operation::GetJobOutput).cut_body_after(1000);
    let cut = glacier.get_job_output().vault_name("v").job_id(&job).range("bytes=5-").send().await.unwrap();
    cut.body.collect().await.unwrap_err();
    assert_eq!(mock.usage().downloaded_bytes(), (2 << 20) + 1000);
    // The service forgets the job, and the usage does not.
    mock.clock().advance(DAY);
    initiate(&glacier, "v", inventory()).await;
    mock.vault("v").remove();
    assert_eq!(mock.usage().downloaded_bytes(), (2 << 20) + 1000);
}

/// The service keeps no entry of a job that is over, but counts its bytes.
#[tokio::test]
async fn downloads_count_after_their_jobs_are_forgotten() {
    let (mock, glacier) = mock();
    let archive = upload(&glacier, "v", b"a cat").await;
    for _ in 0..100 {
        let job = initiate(&glacier, "v", retrieval(&archive)).await;
        output(&glacier, "v", &job).await;
        mock.clock().advance(DAY);
    }
    assert_eq!(mock.usage().downloaded_bytes(), 500);
    mock.assert_nothing_left_open();
}

/// "Amazon Glacier adds 32 KB of storage for index and related metadata. You are charged Amazon Glacier rates for this
/// additional storage" (guide of S3 on archived objects); byte-hours are the example of the FAQ of S3.
#[tokio::test]
async fn storage_counts_by_the_hour_with_the_overhead() {
    let (mock, glacier) = mock();
    let arranged = mock.vault("v").put_archive("", b"a cat");
    mock.clock().advance(2 * HOUR);
    let uploaded = upload(&glacier, "v", &bytes(1000)).await;
    assert_eq!(mock.usage().stored_byte_hours(), 2 * (OVERHEAD + 5));
    mock.clock().advance(HOUR);
    assert_eq!(mock.usage().stored_byte_hours(), 3 * (OVERHEAD + 5) + (OVERHEAD + 1000));

    delete(&glacier, &uploaded).await;
    mock.clock().advance(HOUR / 2);
    assert_eq!(mock.usage().stored_byte_hours(), (7 * (OVERHEAD + 5) + 2 * (OVERHEAD + 1000)) / 2);

    // The vaults are forgotten, what they stored is not.
    delete(&glacier, &arranged).await;
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    mock.create_vault("v").put_archive("", vec![0; 100]);
    mock.clock().advance(HOUR);
    mock.vault("v").remove();
    mock.clock().advance(HOUR);
    let expected = (7 * (OVERHEAD + 5) + 2 * (OVERHEAD + 1000)) / 2 + OVERHEAD + 100;
    assert_eq!(mock.usage().stored_byte_hours(), expected);
}

/// "A prorated charge (per GB) also applies for items deleted prior to 90 days' passage" (whitepaper).
#[tokio::test]
async fn an_archive_is_deleted_early_before_90_days() {
    let (mock, glacier) = mock();
    let (first, second) = (upload(&glacier, "v", b"a cat").await, upload(&glacier, "v", &bytes(1000)).await);
    let third = upload(&glacier, "v", b"an owl").await;
    mock.clock().advance(DAY);
    delete(&glacier, &first).await;
    delete(&glacier, &first).await;
    mock.vault("v").delete_archive(&third);
    let usage = mock.usage();
    assert_eq!(usage.early_deleted_bytes(), 5);
    assert_eq!(usage.early_deleted_byte_hours(), 89 * 24 * (OVERHEAD + 5));
    let [early] = &usage.early_deletions()[..] else { panic!("{usage}") };
    assert_eq!((early.vault(), early.region(), early.bytes(), early.missing()), ("v", "us-east-1", 5, 89 * DAY));
    assert_eq!((early.archive_id().as_str(), early.account()), (first.as_str(), Account::DEFAULT));

    mock.clock().advance(89 * DAY - Duration::from_millis(1));
    let fourth = upload(&glacier, "v", b"a dog").await;
    mock.clock().advance(Duration::from_millis(1));
    delete(&glacier, &second).await;
    assert_eq!(mock.usage().early_deleted_bytes(), 5, "exactly 90 days are enough");
    mock.clock().advance(90 * DAY - Duration::from_millis(2));
    delete(&glacier, &fourth).await;
    assert_eq!(mock.usage().early_deletions()[1].missing(), Duration::from_millis(1));
}

/// A unit has a price for its month (pricing page).
#[tokio::test]
async fn units_of_capacity_count_after_they_expired() {
    let (mock, glacier) = mock();
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    mock.clock().advance(40 * DAY);
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    glacier.purchase_provisioned_capacity().send().await.unwrap_err();
    assert_eq!(mock.usage().capacity_units(), 3);
}

#[tokio::test]
async fn accounts_and_regions_are_counted_separately() {
    let (mock, glacier) = mock();
    let other = Account::new("111122223333");
    mock.vault_in(other, "eu-west-1", "v").create();
    mock.vault_in(other, "us-east-1", "v").create();
    upload(&glacier, "v", b"a cat").await;
    for region in ["eu-west-1", "eu-west-1", "us-east-1"] {
        upload(&mock.client_for(other, region), "v", b"a dog").await;
    }
    assert_eq!(mock.usage().upload_requests(), 4);
    assert_eq!(mock.usage().account(other).upload_requests(), 3);
    assert_eq!(mock.usage().account("111122223333").upload_requests(), 3);
    let message = panic_message(|| drop(mock.usage().account("anna")));
    assert!(message.contains("expected 12 digits"), "{message}");
    assert_eq!(mock.usage().region("us-east-1").upload_requests(), 2);
    assert_eq!(mock.usage().account(other).region("eu-west-1").upload_requests(), 2);
    assert_eq!(mock.usage().region("mars-1").to_string(), "no usage");
}

/// The record is not the source, and a reset starts again.
#[tokio::test]
async fn usage_does_not_depend_on_the_record() {
    let mock = GlacierMock::builder().keep_requests(1).start();
    mock.create_vault("v");
    for _ in 0..3 {
        upload(&mock.client(), "v", b"a cat").await;
    }
    mock.forget_requests();
    assert_eq!(mock.usage().upload_requests(), 3);
    mock.reset();
    assert_eq!(mock.usage().to_string(), "no usage");
}

#[test]
fn an_impossible_price_is_refused() {
    let usage = GlacierMock::start().usage();
    for price in [-0.01, f64::NAN, f64::INFINITY] {
        let message = panic_message(|| {
            usage.cost(&Prices { bulk_per_gib: price, ..Prices::default() });
        });
        assert!(message.starts_with(&format!("invalid price bulk_per_gib: {price}.")), "{message}");
    }
    assert_eq!(usage.cost(&Prices::default()).total(), 0.0);
}

#[tokio::test]
async fn the_cost_is_the_usage_at_the_given_prices() {
    let (mock, glacier) = mock();
    let archive = upload(&glacier, "v", &bytes(MIB)).await;
    for tier in ["Expedited", "Standard", "Standard", "Bulk", "Bulk", "Bulk"] {
        let job = initiate(&glacier, "v", retrieval(&archive).tier(tier)).await;
        if tier == "Expedited" {
            output(&glacier, "v", &job).await;
        }
    }
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    mock.clock().advance(80 * DAY);
    delete(&glacier, &archive).await;

    let none = mock.usage().cost(&Prices::default());
    assert_eq!(none.total(), 0.0);
    let near = |amount: f64, expected: f64| assert!((amount - expected).abs() < 1e-9, "{amount} is not {expected}");
    let gib = MIB as f64 / GIB as f64;
    let cost = |prices: Prices| mock.usage().cost(&prices);
    let only = Prices::default();

    let storage = cost(Prices { storage_per_gib_month: 1000.0, ..only });
    let month = (MIB as f64 + 32768.0) / GIB as f64 * 24.0 / 730.0 * 1000.0;
    near(storage.storage(), 80.0 * month);
    near(storage.early_deletion(), 10.0 * month);
    near(storage.total(), 90.0 * month);
    near(cost(Prices { uploads_per_1000: 50.0, ..only }).uploads(), 0.05);
    near(cost(Prices { download_per_gib: 90.0, ..only }).downloads(), gib * 90.0);
    near(cost(Prices { capacity_unit: 100.0, ..only }).capacity(), 100.0);
    let retrievals = cost(Prices {
        expedited_per_1000: 10_000.0,
        standard_per_1000: 1000.0,
        bulk_per_1000: 100.0,
        expedited_per_gib: 1.0,
        standard_per_gib: 2.0,
        bulk_per_gib: 4.0,
        ..only
    });
    near(retrievals.retrievals(Tier::Expedited), 10.0 + gib);
    near(retrievals.retrievals(Tier::Standard), 2.0 + 2.0 * gib * 2.0);
    near(retrievals.retrievals(Tier::Bulk), 0.3 + 3.0 * gib * 4.0);
    near(retrievals.total(), 12.3 + 17.0 * gib);
}

#[tokio::test]
async fn usage_and_cost_are_tables() {
    let (mock, glacier) = mock();
    mock.vault_in(Account::new("111122223333"), "eu-west-1", "v").create().put_archive("", b"a cat");
    let archive = upload(&glacier, "v", &bytes(MIB)).await;
    initiate(&glacier, "v", retrieval(&archive).tier("Bulk")).await;
    mock.clock().advance(HOUR);
    delete(&glacier, &archive).await;
    let usage = mock.usage();
    insta::assert_snapshot!(usage, @r"
    account 000000000000, us-east-1
      upload requests                         1
      retrieval requests, Expedited           0
      retrieval requests, Standard            0
      retrieval requests, Bulk                1
      free requests                           1
      bytes retrieved, Expedited              0
      bytes retrieved, Standard               0
      bytes retrieved, Bulk             1048576
      bytes downloaded                        0
      byte-hours stored                 1081344
      bytes deleted before 90 days      1048576
      byte-hours missing to 90 days  2334621696
      provisioned capacity units              0

    account 111122223333, eu-west-1
      upload requests                    0
      retrieval requests, Expedited      0
      retrieval requests, Standard       0
      retrieval requests, Bulk           0
      free requests                      0
      bytes retrieved, Expedited         0
      bytes retrieved, Standard          0
      bytes retrieved, Bulk              0
      bytes downloaded                   0
      byte-hours stored              32773
      bytes deleted before 90 days       0
      byte-hours missing to 90 days      0
      provisioned capacity units         0
    ");
    let prices = Prices { uploads_per_1000: 50.0, capacity_unit: 100.0, bulk_per_gib: 2.5, ..Prices::default() };
    insta::assert_snapshot!(usage.cost(&prices), @r"
    storage                0.000000
    early deletion         0.000000
    uploads                0.050000
    retrievals, Expedited  0.000000
    retrievals, Standard   0.000000
    retrievals, Bulk       0.002441
    downloads              0.000000
    provisioned capacity   0.000000
    total                  0.052441
    ");
}
