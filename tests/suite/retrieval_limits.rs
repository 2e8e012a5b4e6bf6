//! The data retrieval policy and provisioned capacity (api.md section 10, observed.md 2.D and 3.6).

use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::error::SdkError;
use aws_sdk_glacier::operation::initiate_job::{InitiateJobError, InitiateJobOutput};
use aws_sdk_glacier::types::{DataRetrievalPolicy, DataRetrievalRule};
use glacier_mock::{Account, Clock, GlacierMock, GlacierMockBuilder, JobStatus, JobTiming, Operation, Timestamp};

use crate::support::{HOUR, MIB, MINUTE, inventory, output, raw, refusal, request, retrieval};

type Initiated = Result<InitiateJobOutput, SdkError<InitiateJobError>>;

/// Starts a mock with a frozen clock and a vault `v`, on which jobs take as long as at AWS.
fn mock_with_slow_jobs(build: impl FnOnce(GlacierMockBuilder) -> GlacierMockBuilder) -> (GlacierMock, Client) {
    let builder = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).jobs(JobTiming::by_tier());
    let mock = build(builder).start();
    mock.create_vault("v");
    let glacier = mock.client();
    (mock, glacier)
}

async fn limit(glacier: &Client, strategy: &str, bytes_per_hour: Option<i64>) {
    let rule = DataRetrievalRule::builder().strategy(strategy).set_bytes_per_hour(bytes_per_hour).build();
    let policy = DataRetrievalPolicy::builder().rules(rule).build();
    glacier.set_data_retrieval_policy().policy(policy).send().await.unwrap();
}

async fn retrieve(glacier: &Client, archive: impl AsRef<str>, tier: &str) -> Initiated {
    let parameters = retrieval(archive.as_ref()).tier(tier).build();
    glacier.initiate_job().vault_name("v").job_parameters(parameters).send().await
}

#[track_caller]
fn assert_denied_by_policy(initiated: Initiated) {
    let text = "InitiateJob request denied by current data retrieval policy.";
    assert_eq!(refusal(initiated), (400, "PolicyEnforcedException".to_owned(), text.to_owned()));
}

#[track_caller]
fn assert_short_of_capacity(initiated: Initiated) {
    let (status, code, _) = refusal(initiated);
    assert_eq!((status, code.as_str()), (503, "InsufficientCapacityException"));
}

#[tokio::test]
async fn a_data_retrieval_policy_has_exactly_one_rule() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let on_the_wire = || raw(&mock, &request("GET", "/-/policies/data-retrieval", &[], b"")).text().to_owned();
    assert_eq!(on_the_wire(), r#"{"Policy":{"Rules":[{"BytesPerHour":null,"Strategy":"None"}]}}"#);
    let rule = |strategy: &str, limit: Option<i64>| {
        DataRetrievalRule::builder().strategy(strategy).set_bytes_per_hour(limit).build()
    };
    let set = |rules: Vec<DataRetrievalRule>| {
        let policy = DataRetrievalPolicy::builder().set_rules(Some(rules)).build();
        glacier.set_data_retrieval_policy().policy(policy).send()
    };
    set(vec![rule("FreeTier", None)]).await.unwrap();
    assert_eq!(on_the_wire(), r#"{"Policy":{"Rules":[{"BytesPerHour":null,"Strategy":"FreeTier"}]}}"#);
    set(vec![rule("BytesPerHour", Some(i64::MAX))]).await.unwrap();
    let kept = r#"{"Policy":{"Rules":[{"BytesPerHour":9223372036854775807,"Strategy":"BytesPerHour"}]}}"#;
    assert_eq!(on_the_wire(), kept);

    let refused = [
        (vec![], "Invalid number of rules: 0"),
        (vec![rule("None", None), rule("None", None)], "Invalid number of rules: 2"),
        (vec![rule("Unlimited", None)], "Invalid strategy: Unlimited"),
        (vec![rule("None", Some(5))], "Invalid BytesPerHour: 5"),
        (vec![rule("BytesPerHour", Some(0))], "Invalid BytesPerHour: 0"),
        (vec![rule("BytesPerHour", None)], "Required parameter missing: BytesPerHour"),
    ];
    for (rules, expected) in refused {
        let (status, _, text) = refusal(set(rules).await);
        assert_eq!((status, text.as_str()), (400, expected));
    }
    let put =
        |body: &str| raw(&mock, &request("PUT", "/-/policies/data-retrieval", &[], body.as_bytes())).text().to_owned();
    assert!(put("").contains("Required parameter missing: policy"));
    assert!(put(r#"{"Policy":{}}"#).contains("Required parameter missing: rules"));
    assert!(put(r#"{"Policy":{"Rules":[5]}}"#).contains("SerializationException"));
    assert!(
        put(r#"{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":1.5}]}}"#)
            .contains("SerializationException")
    );
    let too_large = r#"{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":9223372036854775808}]}}"#;
    assert!(put(too_large).contains("Invalid BytesPerHour: 9223372036854775808"));
    assert_eq!(on_the_wire(), kept);
}

#[tokio::test]
async fn an_account_can_hold_two_units_of_capacity() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let none = raw(&mock, &request("GET", "/-/provisioned-capacity", &[], b""));
    assert_eq!(none.text(), r#"{"ProvisionedCapacityList":[]}"#);
    let buy = || glacier.purchase_provisioned_capacity().send();
    let first = buy().await.unwrap().capacity_id().unwrap().to_owned();
    assert_eq!(first.len(), 24);
    buy().await.unwrap();
    let (status, code, _) = refusal(buy().await);
    assert_eq!((status, code.as_str()), (400, "LimitExceededException"));

    let units = glacier.list_provisioned_capacity().send().await.unwrap();
    let units = units.provisioned_capacity_list();
    assert_eq!((units.len(), units[0].capacity_id()), (2, Some(&*first)));
    let date = |date: Option<&str>| date.unwrap().parse::<Timestamp>().unwrap();
    assert!(date(units[0].start_date()) < date(units[0].expiration_date()));

    // No month is longer than 31 days.
    tokio::time::pause();
    tokio::time::advance(31 * 24 * HOUR).await;
    tokio::time::resume();
    assert!(glacier.list_provisioned_capacity().send().await.unwrap().provisioned_capacity_list().is_empty());
    buy().await.unwrap();
}

/// StartDate shows milliseconds, and ExpirationDate whole seconds (api.md section 10).
#[tokio::test]
async fn a_unit_expires_at_a_whole_second() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T10:00:54.167Z")).start();
    let glacier = mock.client();
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    let units = || raw(&mock, &request("GET", "/-/provisioned-capacity", &[], b""));
    let dates = r#""ExpirationDate":"2026-02-28T10:00:54.000Z","StartDate":"2026-01-31T10:00:54.167Z"}"#;
    assert!(units().text().contains(dates), "{}", units().text());
    mock.clock().advance_to("2026-02-28T10:00:53.999Z");
    assert!(units().text().contains("CapacityId"));
    mock.clock().advance_to("2026-02-28T10:00:54Z");
    assert_eq!(units().text(), r#"{"ProvisionedCapacityList":[]}"#);
}

/// A retrieval is rejected "if it would cause the peak retrieval rate of the in-progress jobs to exceed the
/// bytes-per-hour quota" (the guide's "Data Retrieval Policies"; api.md section 10). The rate of a job is a quarter of
/// its bytes per hour (FAQ up to 2016).
#[tokio::test]
async fn standard_retrievals_may_use_exactly_the_quota() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder);
    let archive = |bytes: usize| mock.vault("v").put_archive("", vec![7; bytes]);
    let (most, rest, more, least) = (archive(3000), archive(1000), archive(1001), archive(1));
    let too_much = archive(4001);
    limit(&glacier, "BytesPerHour", Some(1000)).await;
    assert_denied_by_policy(retrieve(&glacier, &too_much, "Standard").await);
    let first = retrieve(&glacier, &most, "Standard").await.unwrap();
    assert_denied_by_policy(retrieve(&glacier, &more, "Standard").await);
    retrieve(&glacier, &rest, "Standard").await.unwrap();
    assert_denied_by_policy(retrieve(&glacier, &least, "Standard").await);
    // The quota covers all vaults, and the default tier is Standard.
    let elsewhere = mock.create_vault("w").put_archive("", b"x");
    let parameters = retrieval(elsewhere.as_str()).build();
    assert_denied_by_policy(glacier.initiate_job().vault_name("w").job_parameters(parameters).send().await);

    // Jobs that have ended do not count.
    mock.clock().advance(5 * HOUR);
    assert_eq!(output(&glacier, "v", first.job_id().unwrap()).await.len(), 3000);
    assert_denied_by_policy(retrieve(&glacier, &too_much, "Standard").await);
    retrieve(&glacier, &most, "Standard").await.unwrap();
    assert_denied_by_policy(retrieve(&glacier, &more, "Standard").await);
}

#[tokio::test]
async fn a_retrieval_counts_with_its_range() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder);
    let archive = mock.vault("v").put_archive("", vec![7; 3 * MIB]);
    limit(&glacier, "BytesPerHour", Some(MIB as i64 / 4)).await;
    let part = |range: &str| {
        let parameters = retrieval(archive.as_str()).retrieval_byte_range(range).build();
        glacier.initiate_job().vault_name("v").job_parameters(parameters).send()
    };
    assert_denied_by_policy(part("0-2097151").await);
    part("1048576-2097151").await.unwrap();
    assert_denied_by_policy(part("0-1048575").await);
}

/// A job that the test completes or fails no longer counts. A job that it holds continues to count.
#[tokio::test]
async fn a_job_counts_against_the_quota_until_it_ends() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder);
    let archive = mock.vault("v").put_archive("", vec![7; 4000]);
    limit(&glacier, "BytesPerHour", Some(1000)).await;
    for end in ["complete", "fail", "hold"] {
        let started = retrieve(&glacier, &archive, "Standard").await.unwrap();
        assert_denied_by_policy(retrieve(&glacier, &archive, "Standard").await);
        let job = mock.jobs().get(started.job_id().unwrap()).unwrap();
        match end {
            "complete" => job.complete(),
            "fail" => job.fail("no"),
            _ => job.hold(),
        }
    }
    mock.clock().advance(48 * HOUR);
    assert_denied_by_policy(retrieve(&glacier, &archive, "Standard").await);
    // Deleting the vault deletes its jobs, which then do not count.
    glacier.delete_archive().vault_name("v").archive_id(archive.as_str()).send().await.unwrap();
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    let archive = mock.create_vault("v").put_archive("", vec![7; 4000]);
    retrieve(&glacier, &archive, "Standard").await.unwrap();
}

/// "Setting a new data retrieval policy does not affect previously accepted retrieval jobs that are already in
/// progress" (guide, "Data Retrieval Policies"). They still count against the new quota.
#[tokio::test]
async fn a_new_policy_does_not_affect_jobs_in_progress() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder);
    let (large, small) = (mock.vault("v").put_archive("", vec![7; 4000]), mock.vault("v").put_archive("", b"x"));
    let running = retrieve(&glacier, &large, "Standard").await.unwrap();
    let running = mock.jobs().get(running.job_id().unwrap()).unwrap();
    limit(&glacier, "BytesPerHour", Some(1)).await;
    assert_denied_by_policy(retrieve(&glacier, &small, "Standard").await);
    assert_eq!(running.status(), JobStatus::InProgress);
    limit(&glacier, "None", None).await;
    retrieve(&glacier, &large, "Standard").await.unwrap();
    limit(&glacier, "BytesPerHour", Some(1)).await;
    mock.clock().advance(5 * HOUR);
    assert_eq!(running.status(), JobStatus::Succeeded);
    retrieve(&glacier, &small, "Standard").await.unwrap();
}

/// "A data retrieval policy applies only to Standard retrievals"; there is one "for each AWS Region" (guide,
/// "Data Retrieval Policies").
#[tokio::test]
async fn a_policy_limits_standard_retrievals_of_its_account_and_region() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder.free_tier_per_day(4));
    let archive = mock.vault("v").put_archive("", vec![7; 5]);
    let others = [(Account::new("111122223333"), "us-east-1"), (mock.account(), "eu-west-1")];
    for (strategy, quota) in [("BytesPerHour", Some(1)), ("FreeTier", None)] {
        limit(&glacier, strategy, quota).await;
        assert_denied_by_policy(retrieve(&glacier, &archive, "Standard").await);
        for tier in ["Expedited", "Bulk"] {
            retrieve(&glacier, &archive, tier).await.unwrap();
        }
        glacier.initiate_job().vault_name("v").job_parameters(inventory().build()).send().await.unwrap();
        for (account, region) in others {
            let theirs = mock.vault_in(account, region, "v").create().put_archive("", vec![7; 5]);
            retrieve(&mock.client_for(account, region), &theirs, "Standard").await.unwrap();
        }
        // None of these jobs counts against the quota.
        let fits = mock.vault("v").put_archive("", vec![7; 4]);
        retrieve(&glacier, &fits, "Standard").await.unwrap();
        mock.clock().advance(24 * HOUR);
    }
}

/// "You cannot retrieve more data in a day than your prorated daily AWS Free Tier retrieval allowance" (guide,
/// "Data Retrieval Policies").
#[tokio::test]
async fn the_free_tier_is_a_daily_quota() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder.free_tier_per_day(5000).jobs(JobTiming::instant()));
    let archive = |bytes: usize| mock.vault("v").put_archive("", vec![7; bytes]);
    let (most, rest, least) = (archive(3000), archive(2000), archive(1));
    // Retrievals before the policy was set count.
    retrieve(&glacier, &most, "Standard").await.unwrap();
    limit(&glacier, "FreeTier", None).await;
    assert_denied_by_policy(retrieve(&glacier, &most, "Standard").await);
    retrieve(&glacier, &rest, "Standard").await.unwrap();
    assert_denied_by_policy(retrieve(&glacier, &least, "Standard").await);
    mock.clock().advance_to("2026-01-31T23:59:59.999Z");
    assert_denied_by_policy(retrieve(&glacier, &least, "Standard").await);
    mock.clock().advance_to("2026-02-01T00:00:00Z");
    retrieve(&glacier, &most, "Standard").await.unwrap();
    assert_denied_by_policy(retrieve(&glacier, &most, "Standard").await);
    limit(&glacier, "None", None).await;
    retrieve(&glacier, &most, "Standard").await.unwrap();
}

/// Other errors are reported first. A refusal consumes neither an ID nor a rule for the next job.
#[tokio::test]
async fn limits_are_checked_last_and_a_refusal_changes_nothing() {
    let id_of_the_first = async |refused_before: bool| {
        let (mock, glacier) = mock_with_slow_jobs(|builder| builder.seed(7).free_tier_per_day(2));
        let archive = mock.vault("v").put_archive("", b"abc");
        mock.next_job().takes(HOUR);
        if refused_before {
            limit(&glacier, "FreeTier", None).await;
            mock.set_expedited_shortage(true);
            assert_denied_by_policy(retrieve(&glacier, &archive, "Standard").await);
            assert_short_of_capacity(retrieve(&glacier, &archive, "Expedited").await);
            for tier in ["Standard", "Expedited"] {
                assert_eq!(refusal(retrieve(&glacier, "never-was", tier).await).0, 404);
                let part = retrieval(archive.as_str()).tier(tier).retrieval_byte_range("1-2").build();
                let (status, code, _) =
                    refusal(glacier.initiate_job().vault_name("v").job_parameters(part).send().await);
                assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
                let elsewhere = retrieval(archive.as_str()).tier(tier).build();
                let missing = glacier.initiate_job().vault_name("missing").job_parameters(elsewhere).send().await;
                assert_eq!(refusal(missing).0, 404);
            }
            assert!(mock.jobs().all().is_empty());
            limit(&glacier, "None", None).await;
        }
        let first = retrieve(&glacier, &archive, "Standard").await.unwrap().job_id().unwrap().to_owned();
        mock.clock().advance(HOUR);
        assert_eq!(mock.jobs().get(&first).unwrap().status(), JobStatus::Succeeded);
        first
    };
    assert_eq!(id_of_the_first(true).await, id_of_the_first(false).await);
}

/// "This error only applies to expedited retrievals and not to standard or bulk retrievals" (service model; api.md
/// section 10, observed.md 2.D).
#[tokio::test]
async fn insufficient_capacity_refuses_only_expedited_retrievals() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder.expedited_shortage(true));
    let archive = mock.vault("v").put_archive("", b"a cat");
    assert_short_of_capacity(retrieve(&glacier, &archive, "Expedited").await);
    assert_eq!(mock.calls(Operation::InitiateJob).only().attempts().statuses(), [503, 503, 503]);
    for tier in ["Standard", "Bulk"] {
        retrieve(&glacier, &archive, tier).await.unwrap();
    }
    glacier.initiate_job().vault_name("v").job_parameters(inventory().build()).send().await.unwrap();
    mock.set_expedited_shortage(false);
    for _ in 0..7 {
        retrieve(&glacier, &archive, "Expedited").await.unwrap();
    }
    mock.set_expedited_shortage(true);
    assert_short_of_capacity(retrieve(&glacier, &archive, "Expedited").await);
}

/// "Each unit of capacity ensures that at least three expedited retrievals can be performed every five minutes" (guide,
/// api-PurchaseProvisionedCapacity).
#[tokio::test]
async fn a_unit_guarantees_three_expedited_retrievals_every_five_minutes() {
    for units in [1, 2] {
        let (mock, glacier) = mock_with_slow_jobs(|builder| builder.expedited_shortage(true));
        let archive = mock.vault("v").put_archive("", b"a cat");
        for _ in 0..units {
            glacier.purchase_provisioned_capacity().send().await.unwrap();
        }
        for _ in 0..3 * units {
            retrieve(&glacier, &archive, "Expedited").await.unwrap();
            mock.clock().advance(Duration::from_secs(10));
        }
        assert_short_of_capacity(retrieve(&glacier, &archive, "Expedited").await);
        mock.clock().advance(5 * MINUTE - Duration::from_secs(30 * units + 1));
        assert_short_of_capacity(retrieve(&glacier, &archive, "Expedited").await);
        // Now the first retrieval is five minutes old; the second one will be in ten seconds.
        mock.clock().advance(Duration::from_secs(1));
        retrieve(&glacier, &archive, "Expedited").await.unwrap();
        assert_short_of_capacity(retrieve(&glacier, &archive, "Expedited").await);
        // Another region has its own units.
        mock.vault_in(mock.account(), "eu-west-1", "v").create();
        let theirs = mock.vault_in(mock.account(), "eu-west-1", "v").put_archive("", b"a cat");
        assert_short_of_capacity(retrieve(&mock.client_for(mock.account(), "eu-west-1"), &theirs, "Expedited").await);
    }
}

/// All Expedited retrievals use provisioned capacity while the account has some (guide of S3, "Archive retrieval
/// options").
#[tokio::test]
async fn retrievals_before_a_shortage_count_against_the_unit() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder);
    let archive = mock.vault("v").put_archive("", b"a cat");
    retrieve(&glacier, &archive, "Expedited").await.unwrap();
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    retrieve(&glacier, &archive, "Expedited").await.unwrap();
    mock.set_expedited_shortage(true);
    for _ in 0..2 {
        retrieve(&glacier, &archive, "Expedited").await.unwrap();
    }
    assert_short_of_capacity(retrieve(&glacier, &archive, "Expedited").await);
}

/// A unit lasts a calendar month (api.md section 10).
#[tokio::test]
async fn an_expired_unit_guarantees_nothing() {
    let (mock, glacier) = mock_with_slow_jobs(|builder| builder.expedited_shortage(true));
    let archive = mock.vault("v").put_archive("", b"a cat");
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    mock.clock().advance_to("2026-02-27T23:59:59.999Z");
    retrieve(&glacier, &archive, "Expedited").await.unwrap();
    mock.clock().advance_to("2026-02-28T00:00:00Z");
    assert_short_of_capacity(retrieve(&glacier, &archive, "Expedited").await);
}
