//! Deletes many archives from a service that throttles: `cargo run --example throttled_deletes`.

use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::retry::RetryConfig;
use aws_sdk_glacier::error::ProvideErrorMetadata;
use glacier_mock::{ErrorCode, GlacierMock, Operation};

/// The code under test: doubles its pause each time that it is throttled. Returns how often it was throttled.
async fn delete_all(glacier: &Client, vault: &str, archives: &[String]) -> usize {
    let mut throttled = 0;
    for archive in archives {
        let mut pause = Duration::from_millis(100);
        while let Err(error) = glacier.delete_archive().vault_name(vault).archive_id(archive).send().await {
            assert_eq!(error.code(), Some("ThrottlingException"));
            throttled += 1;
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
    throttled
}

#[cfg_attr(test, tokio::test(start_paused = true))]
async fn throttled_deletes_succeed_in_the_end() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("photos");
    let archives: Vec<_> = (0..100).map(|n| vault.put_archive(&format!("{n}.jpg"), b"a cat").to_string()).collect();
    // Ten requests at once, then one each second of the mock's clock, which follows tokio's paused time.
    mock.fault(Operation::DeleteArchive).throttled_beyond(10, Duration::from_secs(1));

    let config = mock.glacier_config().retry_config(RetryConfig::disabled());
    let started = mock.clock().now();
    let throttled = delete_all(&Client::from_conf(config.build()), "photos", &archives).await;

    assert!(vault.archives().is_empty());
    mock.calls(Operation::DeleteArchive).succeeded().assert_count(100);
    mock.calls(Operation::DeleteArchive).with_error(ErrorCode::ThrottlingException).assert_count(throttled);
    let took = mock.clock().now().since(started);
    assert!((90..=180).contains(&took.as_secs()), "{took:?}");
    println!("100 archives deleted, throttled {throttled} times, in {} seconds of the mock's clock", took.as_secs());
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    throttled_deletes_succeed_in_the_end().await;
}
