//! Pairs of faults, and samples of them.

use glacier_mock::{FaultSweep, GlacierMock, SweepFault, SweepReport};

use super::{broken, with_only};

/// A backup that removes its vault again if the upload fails. It leaves the vault only if that fails too.
async fn backup(mock: &GlacierMock) -> bool {
    let glacier = mock.client();
    let created = glacier.create_vault().vault_name("photos").send().await.is_ok();
    let upload = glacier.upload_archive().vault_name("photos").body(b"a cat".to_vec().into());
    let stored = created && upload.send().await.is_ok();
    if created && !stored {
        for _ in 0..2 {
            if glacier.delete_vault().vault_name("photos").send().await.is_ok() {
                break;
            }
        }
    }
    stored
}

fn sweep<'a>() -> FaultSweep<'a> {
    with_only(&[SweepFault::ServiceUnavailable, SweepFault::ExpiredToken]).first_attempt(false)
}

async fn report(sweep: FaultSweep<'_>) -> SweepReport {
    let check = |mock: &GlacierMock, stored: bool| {
        let deletions = mock.all_calls().iter().filter(|call| call.number() > 2).count();
        if stored || deletions < 2 { Ok(()) } else { Err("the cleanup was repeated") }
    };
    sweep.run(async |mock| backup(mock).await).check(check).report().await
}

/// The second fault is at a call that only the first one causes.
#[tokio::test(start_paused = true)]
async fn a_pair_has_its_second_fault_in_the_run_with_the_first() {
    assert!(report(sweep()).await.failures().is_empty());
    let pairs = report(sweep().pairs()).await;
    let (first, second) = ("call 2 UploadArchive", "call 3 DeleteVault");
    let (error, token) = ("service unavailable at every attempt", "expired token");
    assert_eq!(
        broken(&pairs),
        [
            format!("{first}, {error}, then {second}, {error}"),
            format!("{first}, {error}, then {second}, {token}"),
            format!("{first}, {token}, then {second}, {error}"),
            format!("{first}, {token}, then {second}, {token}"),
        ]
    );
    // Four single faults; a fault at call 1 ends the backup, so it has no pairs.
    assert_eq!(pairs.runs(), 4 + 4);
}

#[tokio::test(start_paused = true)]
async fn a_pair_is_repeated_by_its_name() {
    let name = "call 2 UploadArchive, expired token, then call 3 DeleteVault, expired token";
    let pair = report(sweep().pairs().only(name)).await;
    assert_eq!((pair.names(), broken(&pair)), (&[name.to_owned()][..], vec![name]));
}

#[tokio::test(start_paused = true)]
async fn a_sample_bounds_the_number_of_runs() {
    let single = report(sweep().sample(3, 1)).await;
    assert_eq!(single.runs(), 3);
    let pairs = report(sweep().pairs().sample(2, 1)).await;
    assert_eq!(pairs.runs(), 4 + 2);
    assert_eq!(report(sweep().pairs().sample(2, 1)).await.names(), pairs.names());
}

/// A fault that breaks the run alone would break all of its pairs, too.
#[tokio::test(start_paused = true)]
async fn a_fault_that_breaks_a_run_alone_has_no_pairs() {
    let report = sweep()
        .pairs()
        .run(async |mock| {
            let first = mock.client().list_vaults().send().await.is_ok();
            mock.client().list_vaults().send().await.is_ok() && first
        })
        .check(|_, both| if both { Ok(()) } else { Err("no list") })
        .report()
        .await;
    assert_eq!((report.runs(), report.failures().len()), (4, 4));
}
