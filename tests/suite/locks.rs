//! Vault locks (api.md section 8, observed.md 2.E and 3.6).

use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::VaultLockPolicy;
use glacier_mock::Timestamp;

use crate::support::{ARN, POLICY, mock_with_vault, raw, refusal, request};

async fn lock(glacier: &Client) -> String {
    let policy = VaultLockPolicy::builder().policy(POLICY).build();
    let begun = glacier.initiate_vault_lock().vault_name("v").policy(policy).send().await.unwrap();
    begun.lock_id().unwrap().to_owned()
}

macro_rules! begin {
    ($glacier:expr, $text:expr) => {{
        let policy = VaultLockPolicy::builder().policy($text).build();
        $glacier.initiate_vault_lock().vault_name("v").policy(policy).send().await
    }};
}

macro_rules! complete {
    ($glacier:expr, $id:expr) => {
        $glacier.complete_vault_lock().vault_name("v").lock_id($id).send().await
    };
}

macro_rules! abort {
    ($glacier:expr) => {
        $glacier.abort_vault_lock().vault_name("v").send().await
    };
}

macro_rules! get {
    ($glacier:expr) => {
        $glacier.get_vault_lock().vault_name("v").send().await
    };
}

#[tokio::test]
async fn a_completed_lock_is_permanent() {
    let (mock, glacier) = mock_with_vault().await;
    let not_set = (404, "ResourceNotFoundException".to_owned(), format!("No vault lock policy is set for: {ARN}"));
    assert_eq!(refusal(get!(glacier)), not_set);
    abort!(glacier).unwrap();
    assert_eq!(refusal(complete!(glacier, "none")), not_set);

    let id = lock(&glacier).await;
    assert_eq!(id.len(), 24);
    let in_progress = get!(glacier).unwrap();
    assert_eq!((in_progress.policy(), in_progress.state()), (Some(POLICY), Some("InProgress")));
    let dates = [in_progress.creation_date(), in_progress.expiration_date()]
        .map(|date| date.unwrap().parse::<Timestamp>().unwrap());
    assert_eq!(dates[0].to_string()[10..], dates[1].to_string()[10..], "the lock must expire after exactly 24 hours");
    assert!(dates[0] < dates[1]);
    let again = refusal(begin!(glacier, POLICY));
    assert_eq!((again.0, again.1.as_str()), (403, "AccessDeniedException"));
    let wrong = refusal(complete!(glacier, "wrong"));
    assert_eq!((wrong.0, wrong.1.as_str()), (400, "InvalidParameterValueException"));

    for _ in 0..2 {
        complete!(glacier, &id).unwrap();
    }
    let locked = raw(&mock, &request("GET", "/-/vaults/v/lock-policy", &[], b""));
    let locked: serde_json::Value = serde_json::from_slice(&locked.body).unwrap();
    assert_eq!((locked["State"].as_str(), locked["ExpirationDate"].is_null()), (Some("Locked"), true));
    for refused in [refusal(begin!(glacier, POLICY)), refusal(abort!(glacier)), refusal(complete!(glacier, "wrong"))] {
        assert_eq!((refused.0, refused.1.as_str()), (403, "AccessDeniedException"));
    }
    assert_eq!(get!(glacier).unwrap().state(), Some("Locked"));
}

#[tokio::test]
async fn a_lock_in_progress_can_be_aborted_and_initiated_again() {
    let (_mock, glacier) = mock_with_vault().await;
    let first = lock(&glacier).await;
    for _ in 0..2 {
        abort!(glacier).unwrap();
    }
    let second = lock(&glacier).await;
    assert_ne!(first, second);
    assert_eq!(refusal(complete!(glacier, &first)).0, 400);
    complete!(glacier, &second).unwrap();
}

/// A completed lock never expires.
#[tokio::test]
async fn a_lock_in_progress_expires_after_24_hours() {
    let (_mock, glacier) = mock_with_vault().await;
    let advance = async |hours: u64| {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(hours * 3600)).await;
        tokio::time::resume();
    };
    let first = lock(&glacier).await;
    advance(23).await;
    assert_eq!(get!(glacier).unwrap().state(), Some("InProgress"));
    advance(1).await;
    assert_eq!(refusal(get!(glacier)).0, 404);
    assert_eq!(refusal(complete!(glacier, &first)).0, 404);
    let second = lock(&glacier).await;
    complete!(glacier, &second).unwrap();
    advance(24 * 365).await;
    assert_eq!(get!(glacier).unwrap().state(), Some("Locked"));
}

#[tokio::test]
async fn an_invalid_policy_does_not_lock_the_vault() {
    let (_mock, glacier) = mock_with_vault().await;
    for bad in
        ["not json", "{}", &POLICY.replace("Principal", "Principle"), &format!("{POLICY}{}", " ".repeat(20 * 1024))]
    {
        let (status, code, text) = refusal(begin!(glacier, bad));
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
        assert_eq!(text, "The specified vault lock policy is invalid. Provide a valid policy.");
    }
    assert_eq!(refusal(glacier.initiate_vault_lock().vault_name("v").send().await).1, "MissingParameterValueException");
    assert_eq!(refusal(get!(glacier)).0, 404);
}
