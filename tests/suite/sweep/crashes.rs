//! Crashes: the scenario ends at a call, and runs again on the same mock.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::Duration;

use glacier_mock::{FaultSweep, GlacierMock, Operation};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::broken;
use crate::support::{request, sha256, tree_hash};

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

/// Uploads an archive to the vault `photos`. The second half of its body comes a while after the first.
async fn upload_slowly(address: SocketAddr) {
    let body = b"a slow cat";
    let (sha256, tree_hash) = (sha256(body), tree_hash(body));
    let hashes = [("x-amz-content-sha256", &*sha256), ("x-amz-sha256-tree-hash", &*tree_hash), ("connection", "close")];
    let request = request("POST", "/-/vaults/photos/archives", &hashes, body);
    let (first, second) = request.split_at(request.len() - body.len() / 2);
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(first).await.unwrap();
    tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(100))).await.unwrap();
    // The fault closes the connection.
    let _ = socket.write_all(second).await;
    let _ = socket.read_to_end(&mut Vec::new()).await;
}

/// The head of a request arrives before its body. A crash after the commit waits for both. Otherwise the drop of the
/// scenario would close the connection before that.
#[tokio::test(start_paused = true)]
async fn a_slow_upload_is_committed_before_the_crash_after_its_commit() {
    let report = sweep()
        .only("call 1 UploadArchive, crash after commit")
        .arrange(|mock| {
            mock.create_vault("photos");
        })
        .run(async |mock| {
            if mock.requests().is_empty() {
                // The set ends the upload when it is dropped.
                let mut tasks = JoinSet::new();
                tasks.spawn(upload_slowly(mock.address()));
                tasks.join_next().await;
            }
        })
        .check(|mock, ()| assert_eq!(mock.vault("photos").archives().len(), 1))
        .await;
    assert_eq!(report.runs(), 1);
}

/// The scenario can be woken by the end of its request before the sweep has looked at the record.
#[tokio::test(start_paused = true)]
async fn a_scenario_is_not_polled_between_its_request_and_the_crash() {
    let lives = RefCell::new(Vec::new());
    sweep()
        .run(async |mock| {
            lives.borrow_mut().push("begins");
            let (address, (done, is_done)) = (mock.address(), oneshot::channel());
            tokio::spawn(async move {
                // Blocks the thread, so that the request has met its fault when anything is polled again.
                let mut socket = std::net::TcpStream::connect(address).unwrap();
                let list = request("GET", "/-/vaults", &[("connection", "close")], b"");
                std::io::Write::write_all(&mut socket, &list).unwrap();
                let _ = std::io::copy(&mut socket, &mut std::io::sink());
                done.send(()).unwrap();
            });
            is_done.await.unwrap();
            lives.borrow_mut().push("continues");
        })
        .check(|_, ()| lives.borrow_mut().push("is checked"))
        .await;
    let (whole, crashed) = (["begins", "continues", "is checked"], ["begins"]);
    assert_eq!(*lives.borrow(), [&whole[..], &crashed, &whole, &crashed, &whole].concat());
}

/// A value of the scenario whose drop panics.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

/// The crash drops the values of the scenario.
#[tokio::test(start_paused = true)]
async fn a_panic_of_a_drop_in_a_crash_breaks_its_run_only() {
    let report = sweep()
        .run(async |mock| {
            let bomb = mock.requests().is_empty().then(|| Bomb("dropped in a crash"));
            mock.client().list_vaults().send().await.unwrap();
            std::mem::forget(bomb);
        })
        .check(|_, ()| ())
        .report()
        .await;
    assert_eq!(broken(&report), ["call 1 ListVaults, crash before commit", "call 1 ListVaults, crash after commit"]);
    assert_eq!(report.failures()[0].message(), "dropped in a crash");
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
