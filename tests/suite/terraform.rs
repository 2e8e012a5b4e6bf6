//! The calls with which terraform-provider-aws creates, reads and deletes vaults and their locks (observed.md 3.6), and
//! Terraform itself where the machine has it.

use std::collections::HashMap;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::{VaultLockPolicy, VaultNotificationConfig};
use glacier_mock::Operation::{self, *};
use glacier_mock::{GlacierMock, Timestamp};

use crate::support::{ARN, POLICY, policy, refusal};

fn not_found(text: &str) -> (u16, String, String) {
    (404, "ResourceNotFoundException".to_owned(), format!("{text}: {ARN}"))
}

/// The calls with which the provider reads a vault, in its order.
const READ: [Operation; 4] = [DescribeVault, ListTagsForVault, GetVaultAccessPolicy, GetVaultNotifications];

async fn create(glacier: &Client) {
    let created = glacier.create_vault().vault_name("v").send().await.unwrap();
    assert_eq!(created.location(), Some("/000000000000/vaults/v"));
}

/// Describes a vault in which nothing was ever stored.
async fn describe(glacier: &Client) {
    let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!((vault.vault_arn(), vault.vault_name()), (Some(ARN), Some("v")));
    assert_eq!((vault.number_of_archives(), vault.size_in_bytes(), vault.last_inventory_date()), (0, 0, None));
    assert!(vault.creation_date().unwrap().parse::<Timestamp>().is_ok());
}

async fn destroy(glacier: &Client) {
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    // The provider's tests poll until the vault is gone. Here it is gone at once.
    let gone = glacier.describe_vault().vault_name("v").send().await;
    assert_eq!(refusal(gone), not_found("Vault not found for ARN"));
}

async fn tags(glacier: &Client) -> HashMap<String, String> {
    glacier.list_tags_for_vault().vault_name("v").send().await.unwrap().tags().unwrap().clone()
}

async fn state_of_the_lock(glacier: &Client) -> (Option<String>, Option<String>) {
    let lock = glacier.get_vault_lock().vault_name("v").send().await.unwrap();
    (lock.state, lock.policy)
}

async fn initiate_lock(glacier: &Client) -> String {
    let policy = VaultLockPolicy::builder().policy(POLICY).build();
    let begun = glacier.initiate_vault_lock().account_id("-").vault_name("v").policy(policy).send().await.unwrap();
    begun.lock_id().unwrap().to_owned()
}

/// The statuses of all responses so far.
fn statuses(mock: &GlacierMock) -> Vec<u16> {
    mock.requests().iter().map(|request| request.status().unwrap()).collect()
}

/// `resource "aws_glacier_vault" "v" { name = "v" }`, applied and destroyed.
#[tokio::test]
async fn a_vault_with_only_a_name_is_applied_and_destroyed() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    create(&glacier).await;
    describe(&glacier).await;
    assert_eq!(tags(&glacier).await, HashMap::new());
    let no_policy = glacier.get_vault_access_policy().vault_name("v").send().await;
    let text = "No vault access policy is set for: v".to_owned();
    assert_eq!(refusal(no_policy), (404, "ResourceNotFoundException".to_owned(), text));
    let silent = glacier.get_vault_notifications().vault_name("v").send().await;
    assert_eq!(refusal(silent), not_found("No notification configuration is set for vault"));
    // The state file has a lock that does not exist.
    let unlocked = glacier.get_vault_lock().account_id("-").vault_name("v").send().await;
    assert_eq!(refusal(unlocked), not_found("No vault lock policy is set for"));
    destroy(&glacier).await;

    mock.assert_sequence([&[CreateVault][..], &READ, &[GetVaultLock, DeleteVault, DescribeVault]].concat());
    assert_eq!(statuses(&mock), [201, 200, 200, 404, 404, 404, 204, 404]);
}

/// The tags, the policy and the notifications are deleted with the vault.
#[tokio::test]
async fn a_vault_with_all_settings_is_applied_and_destroyed() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let team = HashMap::from([("team".to_owned(), "photos".to_owned())]);
    let topic = "arn:aws:sns:us-east-1:000000000000:done";
    create(&glacier).await;
    glacier.add_tags_to_vault().vault_name("v").set_tags(Some(team.clone())).send().await.unwrap();
    glacier.set_vault_access_policy().vault_name("v").policy(policy(POLICY)).send().await.unwrap();
    let config = VaultNotificationConfig::builder().sns_topic(topic).events("ArchiveRetrievalCompleted").build();
    glacier.set_vault_notifications().vault_name("v").vault_notification_config(config.clone()).send().await.unwrap();

    describe(&glacier).await;
    assert_eq!(tags(&glacier).await, team);
    let kept = glacier.get_vault_access_policy().vault_name("v").send().await.unwrap();
    assert_eq!(kept.policy().unwrap().policy(), Some(POLICY));
    let kept = glacier.get_vault_notifications().vault_name("v").send().await.unwrap();
    assert_eq!(kept.vault_notification_config(), Some(&config));
    destroy(&glacier).await;

    let applied = [CreateVault, AddTagsToVault, SetVaultAccessPolicy, SetVaultNotifications];
    mock.assert_sequence([&applied[..], &READ, &[DeleteVault, DescribeVault]].concat());
    assert_eq!(statuses(&mock), [201, 204, 204, 204, 200, 200, 200, 200, 204, 404]);
}

/// With `complete_lock = true` and `ignore_deletion_error = true`. Only deleting the vault deletes the lock.
#[tokio::test]
async fn a_completed_lock_outlives_its_resource() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    create(&glacier).await;
    let lock = initiate_lock(&glacier).await;
    glacier.complete_vault_lock().vault_name("v").lock_id(lock).send().await.unwrap();
    let locked = (Some("Locked".to_owned()), Some(POLICY.to_owned()));
    // The provider polls until the vault is locked, which it is at once, and then reads the lock.
    assert_eq!(state_of_the_lock(&glacier).await, locked);
    assert_eq!(state_of_the_lock(&glacier).await, locked);

    let (status, code, text) = refusal(glacier.abort_vault_lock().vault_name("v").send().await);
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    assert_eq!(text, format!("The vault is locked: {ARN}"));
    destroy(&glacier).await;

    let applied = [CreateVault, InitiateVaultLock, CompleteVaultLock, GetVaultLock, GetVaultLock];
    mock.assert_sequence([&applied[..], &[AbortVaultLock, DeleteVault, DescribeVault]].concat());
    assert_eq!(statuses(&mock), [201, 201, 204, 200, 200, 403, 204, 404]);
}

/// With `complete_lock = false`, the lock stays in progress.
#[tokio::test]
async fn a_lock_in_progress_is_destroyed_with_its_resource() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    create(&glacier).await;
    initiate_lock(&glacier).await;
    assert_eq!(state_of_the_lock(&glacier).await, (Some("InProgress".to_owned()), Some(POLICY.to_owned())));
    glacier.abort_vault_lock().vault_name("v").send().await.unwrap();
    let gone = glacier.get_vault_lock().account_id("-").vault_name("v").send().await;
    assert_eq!(refusal(gone), not_found("No vault lock policy is set for"));
    destroy(&glacier).await;

    let applied = [CreateVault, InitiateVaultLock, GetVaultLock, AbortVaultLock, GetVaultLock];
    mock.assert_sequence([&applied[..], &[DeleteVault, DescribeVault]].concat());
    assert_eq!(statuses(&mock), [201, 201, 200, 204, 404, 204, 404]);
}

/// `GLACIER_MOCK_TERRAFORM` names a folder with the program `terraform` and, in `plugins`, version 3 of its AWS provider
/// (`plugins/registry.terraform.io/hashicorp/aws/terraform-provider-aws_3.*.zip`).
#[cfg(feature = "standalone")]
#[test]
fn terraform_applies_and_destroys_a_vault_with_a_completed_lock() {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use crate::clients::recipe;
    use crate::program::Program;

    let Some(installed) = std::env::var_os("GLACIER_MOCK_TERRAFORM").map(PathBuf::from) else {
        return crate::tools::leave_out("Terraform", "GLACIER_MOCK_TERRAFORM is not set");
    };
    let terraform = |arguments: &[&str], folder: &Path| -> (Option<i32>, String) {
        let mut terraform = Command::new(installed.join("terraform"));
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("AWS_") || name.starts_with("TF_")) {
                terraform.env_remove(name);
            }
        }
        // Its check for a newer version, and the user's own settings.
        terraform.env("CHECKPOINT_DISABLE", "1").env("TF_CLI_CONFIG_FILE", folder.join("no.tfrc"));
        let output = terraform.args(arguments).arg("-no-color").current_dir(folder).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (program, folder) = (Program::start(&["--account", "111122223333"]), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("no.tfrc"), "").unwrap();
    let region = "region     = \"us-east-1\"";
    let provider = recipe("hcl", "provider \"aws\"", &program.endpoint);
    assert!(provider.contains(region), "{provider}");
    let provider = provider.replace(region, &format!("{region}\n  skip_get_ec2_platforms = true"));
    let configuration = provider + include_str!("../clients/recipes/vault.tf");
    std::fs::write(folder.path().join("main.tf"), configuration).unwrap();
    let (status, out) =
        terraform(&["init", &format!("-plugin-dir={}", installed.join("plugins").display())], folder.path());
    assert_eq!(status, Some(0), "{out}");

    let (status, out) = terraform(&["apply", "-auto-approve"], folder.path());
    assert!(status == Some(0) && out.contains("Resources: 2 added, 0 changed, 0 destroyed."), "{status:?}: {out}");
    let locked = program.get("/-/vaults/photos/lock-policy");
    assert!(locked.contains("\"State\":\"Locked\""), "{locked}");
    let state = std::fs::read_to_string(folder.path().join("terraform.tfstate")).unwrap();
    assert!(state.contains("\"location\": \"/111122223333/vaults/photos\""), "{state}");

    // With -detailed-exitcode a difference is status 2.
    let (status, out) = terraform(&["plan", "-detailed-exitcode"], folder.path());
    assert_eq!(status, Some(0), "{out}");

    let (status, out) = terraform(&["destroy", "-auto-approve"], folder.path());
    assert!(status == Some(0) && out.contains("Resources: 2 destroyed."), "{status:?}: {out}");
    let vaults = program.get("/-/vaults");
    assert!(vaults.contains("\"VaultList\":[]"), "{vaults}");
}
