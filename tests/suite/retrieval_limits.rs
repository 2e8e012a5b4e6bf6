//! The data retrieval policy and provisioned capacity (api.md section 10, observed.md 3.6).

use aws_sdk_glacier::types::{DataRetrievalPolicy, DataRetrievalRule};
use glacier_mock::{GlacierMock, Timestamp};

use crate::support::{raw, refusal, request};

#[tokio::test]
async fn a_policy_has_one_rule() {
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
async fn two_units_of_capacity_for_a_month() {
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
    let date = |date: Option<&str>| Timestamp::parse(date.unwrap()).unwrap();
    assert!(date(units[0].start_date()) < date(units[0].expiration_date()));

    // 31 days are longer than any month.
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(31 * 24 * 3600)).await;
    tokio::time::resume();
    assert!(glacier.list_provisioned_capacity().send().await.unwrap().provisioned_capacity_list().is_empty());
    buy().await.unwrap();
}
