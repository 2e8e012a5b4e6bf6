//! The mock's client ignores the configuration of the machine, and `mock.env()` makes a child process ignore it too.

use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::mpsc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::Builder;
use aws_sdk_glacier::config::retry::RetryConfig;
use aws_sdk_glacier::error::DisplayErrorContext;
use glacier_mock::{GlacierMock, Operation, Principal};

use crate::support::{TIMEOUT, role, this_test_again};

/// Sets every variable that could divert a client from the mock. Port 1 of the loopback address refuses connections.
pub(crate) fn hostile(command: &mut Command, broken_config: &std::path::Path) {
    let nowhere = "http://127.0.0.1:1";
    for proxy in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(proxy, nowhere);
    }
    command
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env("AWS_ENDPOINT_URL", nowhere)
        .env("AWS_ENDPOINT_URL_GLACIER", nowhere)
        .env("AWS_PROFILE", "no-such-profile")
        .env("AWS_DEFAULT_PROFILE", "no-such-profile")
        .env("AWS_REGION", "xx-nowhere-1")
        .env("AWS_ACCESS_KEY_ID", "999999999999")
        .env("AWS_SECRET_ACCESS_KEY", "of-another-account")
        .env("AWS_SESSION_TOKEN", "of-another-account")
        .env("AWS_CONFIG_FILE", broken_config)
        .env("AWS_SHARED_CREDENTIALS_FILE", broken_config)
        .env("AWS_MAX_ATTEMPTS", "0")
        .env("AWS_RETRY_MODE", "nonsense");
}

pub(crate) fn broken_config() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[[[ not a configuration\n=\n[profile").unwrap();
    file
}

#[track_caller]
fn assert_passed(output: &Output) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "the child failed:\n{out}\n{err}");
}

async fn tutorial(glacier: &Client) {
    glacier.create_vault().vault_name("v").send().await.unwrap();
    let bytes = vec![7; 100_000];
    glacier.upload_archive().vault_name("v").body(bytes.into()).send().await.unwrap();
    let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!(vault.vault_arn(), Some("arn:aws:glacier:us-east-1:000000000000:vaults/v"));
}

/// The child process runs in a hostile environment and uses each kind of client that the mock creates.
#[test]
fn the_client_ignores_the_environment() {
    if role().is_none() {
        let config = broken_config();
        let name = "hermetic::the_client_ignores_the_environment";
        return assert_passed(&this_test_again(name, "client", |command| hostile(command, config.path())));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mock = GlacierMock::start();
        tutorial(&mock.client()).await;
        let mock = GlacierMock::start();
        tutorial(&Client::new(&mock.sdk_config())).await;
        let mock = GlacierMock::start();
        tutorial(&Client::from_conf(mock.glacier_config().build())).await;
    });
}

/// The child process is a tool that loads its configuration with aws-config. It gets `mock.env()` on top of a hostile
/// environment.
#[test]
fn a_child_process_with_the_environment_of_the_mock_reaches_only_the_mock() {
    if role().is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(async {
            // Without HTTPS, so that the test does not need the certificates of the machine.
            let plain = aws_smithy_http_client::Builder::new().build_http();
            let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
                .http_client(plain)
                .retry_config(aws_config::retry::RetryConfig::standard())
                .load()
                .await;
            tutorial(&Client::new(&config)).await;
        });
    }
    let (mock, config) = (GlacierMock::start(), broken_config());
    let name = "hermetic::a_child_process_with_the_environment_of_the_mock_reaches_only_the_mock";
    assert_passed(&this_test_again(name, "tool", |command| {
        hostile(command, config.path());
        command.envs(mock.env());
    }));
    mock.assert_sequence([Operation::CreateVault, Operation::UploadArchive, Operation::DescribeVault]);
}

/// As docs/guide/troubleshooting.md shows it.
#[tokio::test(start_paused = true)]
async fn a_client_of_aws_config_can_use_the_http_client_of_the_mock() {
    let mock = GlacierMock::start();
    let own = mock.sdk_config();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .endpoint_url(mock.endpoint())
        .region("us-east-1")
        .credentials_provider(own.credentials_provider().unwrap())
        .http_client(own.http_client().unwrap())
        .load()
        .await;
    let glacier = Client::new(&config);
    // Paused time does not jump over the timeout, because the HTTP client holds it.
    tokio::time::timeout(TIMEOUT, glacier.list_vaults().send()).await.expect("time jumped").unwrap();
    mock.assert_sequence([Operation::ListVaults]);
}

/// The mock verifies signatures, so the child has the principal's secret and session token too.
#[test]
fn a_child_process_with_the_environment_of_a_principal_is_that_principal() {
    if role().is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(async {
            let plain = aws_smithy_http_client::Builder::new().build_http();
            let config = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(plain).load().await;
            Client::new(&config).create_vault().vault_name("v").send().await.unwrap();
        });
    }
    let (mock, config) = (GlacierMock::builder().verify_signatures(true).start(), broken_config());
    let anna = Principal::new("arn:aws:sts::111122223333:assumed-role/backup/anna").with_session_token("a-token");
    let name = "hermetic::a_child_process_with_the_environment_of_a_principal_is_that_principal";
    for with_variables in [true, false] {
        assert_passed(&this_test_again(name, "tool", |command| {
            hostile(command, config.path());
            command.envs(mock.env_for(&anna));
            if !with_variables {
                // The file has the same credentials, for tools that prefer it.
                for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
                    command.env_remove(name);
                }
            }
        }));
    }
    mock.calls(Operation::CreateVault).principal(anna.arn()).succeeded().assert_count(2);
    assert!(mock.vault_in(anna.account(), "us-east-1", "v").exists());
}

#[test]
fn the_configuration_files_are_deleted_with_the_mock() {
    let mock = GlacierMock::start();
    let file = |env: Vec<(&str, String)>| env.into_iter().find(|(name, _)| *name == "AWS_CONFIG_FILE").unwrap().1;
    let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
    let paths = [file(mock.env()), file(mock.env_for(&anna)), file(mock.env_for(&anna.clone().with_secret("other")))];
    assert_eq!([file(mock.env()), file(mock.env_for(&anna))], paths[..2]);
    for path in &paths {
        assert!(std::fs::read_to_string(path).unwrap().contains("[default]"));
    }
    assert!(paths[0] != paths[1] && paths[1] != paths[2]);
    drop(mock);
    paths.iter().for_each(|path| assert!(!std::path::Path::new(path).exists(), "{path}"));
}

/// Clients of the SDK share one retry quota for each region in a process, unless a client has a separate one. Each call
/// here uses all its attempts, so a shared quota would be exhausted after about 25 calls.
#[tokio::test]
async fn the_retry_quota_never_runs_out() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    let mock = GlacierMock::start();
    let config = mock.glacier_config().endpoint_url(format!("http://{address}")).build();
    let glacier = Client::from_conf(config);
    let (attempts, counted) = mpsc::channel();
    std::thread::spawn(move || {
        // 100 calls with three attempts each. Each connection is accepted and closed without a response.
        for _ in 0..300 {
            drop(closed.accept().unwrap());
        }
        attempts.send(()).unwrap();
    });
    for call in 0..100 {
        let failed = glacier.list_vaults().send().await;
        assert!(failed.is_err(), "call {call}");
    }
    let all = counted.recv_timeout(TIMEOUT);
    assert!(all.is_ok(), "some of the calls made fewer than three attempts: {all:?}");
}

/// The error names the dropped mock instead of "connection refused", and the client does not retry.
#[tokio::test]
async fn a_client_reports_that_its_mock_was_dropped() {
    async fn assert_reports_dropped_mock(glacier: &Client, endpoint: &str) {
        let failed = glacier.list_vaults().send().await.unwrap_err();
        let text = DisplayErrorContext(&failed).to_string();
        let says = format!("the GlacierMock of this client ({endpoint}) was dropped: keep it in a variable");
        assert!(text.contains(&says), "{text}");
        assert!(format!("{failed:?}").contains(&says), "{failed:?}");
    }

    let mock = GlacierMock::start();
    let endpoint = mock.endpoint();
    let other = mock.client_for(glacier_mock::Account::new("111122223333"), "eu-west-1");
    let clients = [mock.client(), other, Client::new(&mock.sdk_config())];
    // The first client has an idle connection.
    clients[0].list_vaults().send().await.unwrap();
    // A handle that shares the state of the mock does not keep the mock alive.
    let jobs = mock.jobs();
    drop(mock);
    for glacier in &clients {
        assert_reports_dropped_mock(glacier, &endpoint).await;
    }
    drop(jobs);
    // The client must not call another mock that gets the same port.
    let port = endpoint.rsplit(':').next().unwrap().parse().unwrap();
    if let Ok(next) = GlacierMock::builder().port(port).try_start() {
        assert_reports_dropped_mock(&clients[0], &endpoint).await;
        assert!(next.requests().is_empty());
    }
}

#[tokio::test]
async fn a_call_in_flight_reports_that_its_mock_was_dropped() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).optional().never_answers();
    let call = tokio::spawn(mock.client().list_vaults().send());
    mock.wait_for(Operation::ListVaults).arrived().within(Duration::from_secs(30)).await.assert_count(1);
    drop(mock);
    let text = DisplayErrorContext(&call.await.unwrap().unwrap_err()).to_string();
    assert!(text.contains("was dropped: keep it in a variable"), "{text}");
}

/// The user's configuration may name another address, which does not depend on the mock.
#[tokio::test]
async fn a_client_with_another_endpoint_does_not_depend_on_the_mock() {
    let (one, two) = (GlacierMock::start(), GlacierMock::start());
    let glacier = Client::from_conf(one.glacier_config().endpoint_url(two.endpoint()).build());
    drop(one);
    glacier.list_vaults().send().await.unwrap();
    two.assert_sequence([Operation::ListVaults]);
}

/// A test that changes the number of attempts keeps the mock's short pauses between them. The pauses pass in tokio's
/// time, which is paused here, so they take no real time.
#[tokio::test(start_paused = true)]
async fn a_retry_configuration_keeps_the_short_pauses() {
    let mock = GlacierMock::start();
    let pauses = async |config: Builder, attempts: usize| {
        mock.fault(Operation::ListVaults).times(attempts - 1).throttled();
        let started = tokio::time::Instant::now();
        Client::from_conf(config.build()).list_vaults().send().await.unwrap();
        assert_eq!(mock.all_calls().last().unwrap().attempts().len(), attempts);
        started.elapsed()
    };
    let short = Duration::from_millis(100);
    let standard = RetryConfig::standard;

    assert!(pauses(mock.glacier_config(), 3).await < short);
    let patient = mock.glacier_config().retry_config(standard().with_max_attempts(9));
    assert!(pauses(patient, 9).await < short);
    let adaptive = mock.glacier_config().retry_config(RetryConfig::adaptive().with_max_attempts(3));
    assert!(pauses(adaptive, 3).await < 10 * Duration::from_secs(1));

    // A pause that the test sets itself is kept: the initial one, and the maximum.
    let slow = standard().with_use_static_exponential_base(true).with_initial_backoff(Duration::from_secs(7));
    let took = pauses(mock.glacier_config().retry_config(slow), 3).await;
    assert_eq!(took, Duration::from_secs(7 + 14));
    let capped = standard().with_use_static_exponential_base(true).with_max_backoff(Duration::from_millis(1500));
    let took = pauses(mock.glacier_config().retry_config(capped), 3).await;
    assert_eq!(took, Duration::from_millis(1000 + 1500));
}

#[tokio::test(start_paused = true)]
async fn a_retry_configuration_for_one_operation_keeps_the_short_pauses() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).times(6).throttled();
    let started = tokio::time::Instant::now();
    let own = Builder::default().retry_config(RetryConfig::standard().with_max_attempts(7));
    mock.client().list_vaults().customize().config_override(own).send().await.unwrap();
    assert_eq!(mock.calls(Operation::ListVaults).only().attempts().len(), 7);
    assert!(started.elapsed() < Duration::from_millis(100), "{:?}", started.elapsed());
}

/// Another user of the machine knows the names of the files in advance.
#[cfg(unix)]
#[test]
fn a_configuration_file_follows_no_link_and_is_private() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    if role().is_some() {
        let directory = std::env::temp_dir();
        let victim = directory.join("victim");
        std::fs::write(&victim, "unchanged").unwrap();
        let mock = GlacierMock::start();
        let name = format!("glacier-mock-{}-{}", std::process::id(), mock.address().port());
        symlink(&victim, directory.join(format!("{name}-1.aws"))).unwrap();
        // A directory of this name cannot be replaced.
        std::fs::create_dir(directory.join(format!("{name}-2.aws"))).unwrap();
        let file = |env: Vec<(&str, String)>| env.into_iter().find(|(name, _)| *name == "AWS_CONFIG_FILE").unwrap().1;
        let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
        for path in [file(mock.env()), file(mock.env_for(&anna))] {
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            assert!(metadata.is_file(), "{path}");
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
            assert!(std::fs::read_to_string(&path).unwrap().contains("[default]"));
        }
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "unchanged");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let output = this_test_again("hermetic::a_configuration_file_follows_no_link_and_is_private", "child", |command| {
        command.env("TMPDIR", directory.path());
    });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
