//! The cost of a policy decision is bounded, whatever the policy and the request contain. `policy::bounds` counts the
//! steps of the engine; this test sends a long header to the service.

use glacier_mock::{GlacierMock, Operation};

use crate::support::{ARN, policy, raw, request};

/// A policy of almost 20 KB whose condition on the User-Agent repeats one value as often as fits.
fn filled(operator: &str, value: &str) -> String {
    let values = vec![value; 20_000 / (value.len() + 1)].join(",");
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":"glacier:DescribeVault",
        "Resource":"{ARN}","Condition":{{"{operator}":{{"aws:UserAgent":[{values}]}}}}}}}}"#
    )
}

#[tokio::test]
async fn a_long_user_agent_matches_nothing_and_is_not_repeated_in_the_explanation() {
    let mock = GlacierMock::start();
    mock.create_vault("v");
    let glacier = mock.client();
    let status_with = async |policy_text: &str, agent: &str| {
        glacier.set_vault_access_policy().vault_name("v").policy(policy(policy_text)).send().await.unwrap();
        raw(&mock, &request("GET", "/-/vaults/v", &[("User-Agent", agent)], b"")).status
    };
    let long = "a".repeat(60_000);

    assert_eq!(status_with(&filled("StringLike", r#""*a?a*""#), &long[..2048]).await, 403);
    assert_eq!(status_with(&filled("StringLike", r#""*a?a*""#), &long).await, 200);

    // The policy has about a thousand variables, each of which expands to the header.
    for agent in [&long, &long[..2048]] {
        assert_eq!(status_with(&filled("StringNotEquals", r#""${aws:UserAgent}b""#), agent).await, 403);
        let described = mock.calls(Operation::DescribeVault);
        let explanation = described.last().unwrap().last().explanation().unwrap().len();
        assert!(explanation < 64 * 1024, "{explanation} bytes");
    }
}
