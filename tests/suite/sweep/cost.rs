//! What a sweep costs: `cargo test --test suite sweep::cost -- --nocapture`.

use std::time::Instant;

use glacier_mock::{FaultSweep, GlacierMock};

/// Seven calls, of which each meets the 8 of the 12 faults that can happen to it; 7 of these are swept for the first
/// attempt and for every attempt.
async fn seven_calls_by_all_faults(side_by_side: usize) {
    let began = Instant::now();
    let report = FaultSweep::new(GlacierMock::builder)
        .parallel(side_by_side)
        .run(async |mock| {
            let glacier = mock.client();
            let _ = glacier.create_vault().vault_name("photos").send().await;
            for n in 0..6_u8 {
                let _ = glacier.upload_archive().vault_name("photos").body(vec![n; 1000].into()).send().await;
            }
        })
        .check(|mock, ()| assert!(mock.all_calls().len() == 7))
        .await;
    println!("{} runs of 7 calls, {side_by_side} side by side, took {:?}", report.runs(), began.elapsed());
    assert_eq!(report.runs(), 7 * (7 * 2 + 1));
}

#[tokio::test(start_paused = true)]
async fn seven_calls_by_all_faults_one_after_the_other() {
    seven_calls_by_all_faults(1).await;
}

#[tokio::test(start_paused = true)]
async fn seven_calls_by_all_faults_side_by_side() {
    seven_calls_by_all_faults(4).await;
}
