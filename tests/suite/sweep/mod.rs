//! Fault sweeps.

mod catalogue;
mod cost;
mod crashes;
mod limits;
mod pairs;
mod programs;
mod reports;
mod selection;

use glacier_mock::{FaultSweep, GlacierMock, SweepFault, SweepReport};

/// The names of the runs that broke.
fn broken(report: &SweepReport) -> Vec<&str> {
    report.failures().iter().map(|failure| failure.name()).collect()
}

/// A sweep with only these faults of the catalogue.
#[track_caller]
fn with_only<'a>(faults: &[SweepFault]) -> FaultSweep<'a> {
    let sweep = FaultSweep::new(GlacierMock::builder);
    SweepFault::ALL.iter().filter(|fault| !faults.contains(fault)).fold(sweep, |sweep, other| sweep.without(*other))
}
