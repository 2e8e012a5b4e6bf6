//! Accounts and regions (api.md section 1), and a service that is closed to new customers (observed.md 2.J).

use aws_sdk_glacier::types::{DataRetrievalPolicy, DataRetrievalRule};
use glacier_mock::{Account, GlacierMock};

use crate::support::{inventory, mock_with_vault, refusal, upload};

/// Vaults, limits and policies of one account and region are not visible from another.
#[tokio::test]
async fn accounts_and_regions_share_nothing() {
    let mock = GlacierMock::start();
    let mine = mock.client();
    let others =
        [mock.client_for(Account::new("111122223333"), "us-east-1"), mock.client_for(mock.account(), "eu-west-1")];
    mine.create_vault().vault_name("v").send().await.unwrap();
    upload(&mine, "v", b"x").await;
    for _ in 0..2 {
        mine.purchase_provisioned_capacity().send().await.unwrap();
    }
    let rule = DataRetrievalRule::builder().strategy("FreeTier").build();
    let policy = DataRetrievalPolicy::builder().rules(rule).build();
    mine.set_data_retrieval_policy().policy(policy).send().await.unwrap();

    for other in others {
        assert_eq!(refusal(other.describe_vault().vault_name("v").send().await).0, 404);
        assert!(other.list_vaults().send().await.unwrap().vault_list().is_empty());
        assert!(other.list_provisioned_capacity().send().await.unwrap().provisioned_capacity_list().is_empty());
        other.purchase_provisioned_capacity().send().await.unwrap();
        let policy = other.get_data_retrieval_policy().send().await.unwrap();
        assert_eq!(policy.policy().unwrap().rules()[0].strategy(), Some("None"));
        other.create_vault().vault_name("v").send().await.unwrap();
        other.delete_vault().vault_name("v").send().await.unwrap();
    }
    assert_eq!(mine.describe_vault().vault_name("v").send().await.unwrap().number_of_archives(), 1);
}

/// A path may name the caller's account number in place of `-`. Another account's number is refused (observed.md 2.F).
#[tokio::test]
async fn the_path_may_name_the_callers_account() {
    let mock = GlacierMock::start();
    let account = Account::new("111122223333");
    let glacier = mock.client_for(account, "us-east-1");
    let created = glacier.create_vault().account_id(account.as_str()).vault_name("v").send().await.unwrap();
    assert_eq!(created.location(), Some("/111122223333/vaults/v"));
    let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!(vault.vault_arn(), Some("arn:aws:glacier:us-east-1:111122223333:vaults/v"));
    let (status, code, text) = refusal(mock.client().list_vaults().account_id(account.as_str()).send().await);
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    assert_eq!(text, "Access denied for account ID: 111122223333");
    let requests = mock.requests();
    assert_eq!((requests[0].account(), requests[2].account()), (account, mock.account()));
}

/// Every call gets the same error, even one with invalid parameters (observed.md 2.J).
#[tokio::test]
async fn a_service_closed_to_new_customers_refuses_every_call() {
    let mock = GlacierMock::builder().no_longer_supported(true).start();
    let glacier = mock.client();
    let expected = (
        400,
        "NoLongerSupportedException".to_owned(),
        "This API is no longer supported for new accounts. Please use Amazon S3 Glacier storage classes instead."
            .to_owned(),
    );
    let created = glacier.create_vault().vault_name("v").send().await;
    assert!(created.as_ref().unwrap_err().as_service_error().unwrap().is_no_longer_supported_exception());
    assert_eq!(refusal(created), expected);
    assert_eq!(refusal(glacier.create_vault().vault_name("no name").send().await), expected);
    assert_eq!(refusal(glacier.list_vaults().limit(0).send().await), expected);
    assert_eq!(refusal(glacier.get_data_retrieval_policy().send().await), expected);
    let parameters = inventory().build();
    assert_eq!(refusal(glacier.initiate_job().vault_name("v").job_parameters(parameters).send().await), expected);
}

#[tokio::test]
async fn new_customers_are_served_by_default() {
    let (_mock, glacier) = mock_with_vault().await;
    glacier.list_vaults().send().await.unwrap();
}
