//! Tests of the ledger.

use std::time::Duration;

use super::*;
use crate::domain::account::Account;
use crate::domain::vault::{Format, Period};
use crate::domain::words::Description;
use crate::service::{AccountCommand, IdSource, InitiateJob, Retrieval, Settings};
use crate::time::Clock;

/// The ledger keeps an entry for a job until the service has forgotten the job.
#[test]
fn jobs_that_left_nothing_open_are_forgotten() {
    let place = AccountRegion::new(Account::DEFAULT, "us-east-1");
    let name = VaultName::parse("v").unwrap();
    let mut state = State::new(IdSource::new(7), Settings::default());
    let mut now = Clock::frozen("2026-01-31T00:00:00Z").start().now();
    let create = Command::OnAccount(AccountCommand::CreateVault(name.clone()));
    state.execute(&place, now, create, true).unwrap();
    for n in 0..2000 {
        let (format, period) = (Format::Json, Period::default());
        let retrieval = Retrieval::Inventory { archive: None, format, period, limit: None, marker: None };
        let (description, sns_topic) = (Description::default(), None);
        let job = VaultCommand::InitiateJob(InitiateJob { description, sns_topic, retrieval });
        // Each tenth job is one of a request, and its output is never downloaded.
        state.execute(&place, now, Command::OnVault(name.clone(), job), n % 10 == 0).unwrap();
        now = now.after(Duration::from_secs(60 * 60));
        state.settle(now);
    }
    assert_eq!(state.unfinished(now).len(), 200);
    let kept = state.ledger.jobs.len();
    assert!((200..500).contains(&kept), "{kept} jobs");
}
