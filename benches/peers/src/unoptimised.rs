//! Measures in a build without optimisation, as `cargo test` makes it: the hash crates, and an upload of 64 MiB with
//! the SDK.

use std::time::{Duration, Instant};

use aws_sdk_glacier::primitives::ByteStream;
use bytes::Bytes;
use glacier_mock::GlacierMock;
use sha2::Digest as _;

use crate::client::MIB;
use crate::contestants::in_a_test;
use crate::floor::{Bare, Work};
use crate::measure::{line, median};

const SIZE: usize = 64 * MIB;

pub(crate) fn all() {
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let body = Bytes::from((0..SIZE).map(|n| (n * 7 + n / 251) as u8).collect::<Vec<_>>());
    hashes(profile, &body);
    uploads(profile, &body);
}

fn hashes(profile: &str, body: &[u8]) {
    let case = format!("hashing, {profile} profile");
    let rate = |bytes: usize, took: Duration| bytes as f64 / MIB as f64 / took.as_secs_f64();
    let began = Instant::now();
    std::hint::black_box(ring::digest::digest(&ring::digest::SHA256, body));
    line("unoptimised", &case, "ring", rate(body.len(), began.elapsed()), "MiB/s");
    // Without optimisation this crate is very slow.
    let part = &body[..8 * MIB];
    let began = Instant::now();
    std::hint::black_box(sha2::Sha256::digest(part));
    line("unoptimised", &case, "sha2", rate(part.len(), began.elapsed()), "MiB/s");
}

/// Sends the same call of the SDK to the mock and to a server that reads the body and discards it.
fn uploads(profile: &str, body: &Bytes) {
    let case = format!("64 MiB with the SDK, {profile} profile");
    let (mut sinks, mut mocks) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        sinks.push(in_a_test(async {
            let (mock, sink) = (GlacierMock::start(), Bare::start(Work::Sink));
            let config = mock.glacier_config().endpoint_url(format!("http://{}", sink.address)).build();
            upload(&aws_sdk_glacier::Client::from_conf(config), body).await
        }));
        mocks.push(in_a_test(async {
            let mock = GlacierMock::start();
            mock.create_vault("v");
            upload(&mock.client(), body).await
        }));
    }
    line("unoptimised", &case, "a server that discards it", median(sinks), "ms");
    line("unoptimised", &case, "glacier-mock", median(mocks), "ms");
}

async fn upload(client: &aws_sdk_glacier::Client, body: &Bytes) -> f64 {
    let began = Instant::now();
    let stored = client.upload_archive().vault_name("v").body(ByteStream::from(body.clone())).send().await;
    stored.unwrap();
    began.elapsed().as_secs_f64() * 1e3
}
