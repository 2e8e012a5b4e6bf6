//! Crashes: the scenario ends at a call, and runs again on the same mock.

use std::cell::RefCell;

use glacier_mock::{FaultSweep, GlacierMock, Operation};

use super::broken;
use crate::support::{MIB, bytes};

fn sweep<'a>() -> FaultSweep<'a> {
    FaultSweep::new(GlacierMock::builder).crashes()
}

#[tokio::test(start_paused = true)]
async fn a_scenario_is_dropped_before_or_after_the_commit_and_runs_again() {
    let lives = RefCell::new(Vec::new());
    let report = sweep()
        .run(async |mock| {
            lives.borrow_mut().push((mock.vault("photos").exists(), mock.requests().len()));
            mock.client().create_vault().vault_name("photos").send().await.unwrap();
        })
        .check(|mock, ()| {
            assert!(mock.vault("photos").exists());
            // The process died before it could retry.
            assert!(mock.calls(Operation::CreateVault).iter().all(|call| call.attempts().len() == 1));
        })
        .await;
    assert_eq!(report.names(), ["call 1 CreateVault, crash before commit", "call 1 CreateVault, crash after commit"]);
    let (fresh, lost, committed) = ((false, 0), (false, 1), (true, 1));
    assert_eq!(*lives.borrow(), [fresh, fresh, lost, fresh, committed]);
}

/// The body of a request is still on its way when its head arrives. A crash after the commit waits for that.
#[tokio::test(start_paused = true)]
async fn a_large_upload_is_committed_before_the_crash_after_its_commit() {
    const SIZE: usize = 16 * MIB;
    let body = bytes(SIZE);
    let report = sweep()
        .only("call 1 UploadArchive, crash after commit")
        .arrange(|mock| {
            mock.create_vault("photos");
        })
        .run(async |mock| {
            let is_first = mock.vault("photos").archives().is_empty() && mock.requests().is_empty();
            if is_first {
                let upload = mock.client().upload_archive().vault_name("photos").body(body.clone().into());
                upload.send().await.unwrap();
            }
        })
        .check(|mock, ()| assert_eq!(mock.vault("photos").archives().len(), 1))
        .await;
    assert_eq!(report.runs(), 1);
}

/// Nothing of the scenario runs after the crash, not even its cleanup.
#[tokio::test(start_paused = true)]
async fn a_crashed_scenario_does_not_clean_up() {
    let report = sweep()
        .run(async |mock| {
            let glacier = mock.client();
            if mock.vault("dirty").exists() {
                return;
            }
            if glacier.create_vault().vault_name("dirty").send().await.is_ok() {
                glacier.delete_vault().vault_name("dirty").send().await.unwrap();
            }
        })
        .check(|mock, ()| if mock.vaults().is_empty() { Ok(()) } else { Err("dirty") })
        .report()
        .await;
    assert_eq!(broken(&report), ["call 1 CreateVault, crash after commit", "call 2 DeleteVault, crash before commit"]);
}

/// Two crashes in one run are two restarts.
#[tokio::test(start_paused = true)]
async fn a_process_may_crash_twice() {
    let lives = RefCell::new(0);
    let most = RefCell::new(0);
    sweep()
        .arrange(|_| {
            let before = lives.replace(0);
            most.replace_with(|most| before.max(*most));
        })
        .pairs()
        .run(async |mock| {
            *lives.borrow_mut() += 1;
            mock.client().create_vault().vault_name("photos").send().await.unwrap();
            mock.client().list_vaults().send().await.unwrap();
        })
        .check(|_, ()| ())
        .await;
    assert_eq!((*most.borrow(), *lives.borrow()), (3, 3));
}
