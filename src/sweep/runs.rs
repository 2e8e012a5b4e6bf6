//! The runs of a sweep: which, in which order, and how many side by side.

use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::task::Poll;

use super::pairs::{pairs, sample};
use super::progress::{Progress, Watchdog};
use super::report::SweepReport;
use super::run::{NO_FAULT, Plan, Ran, Scene};

/// The environment variable that names the only run.
pub(super) const ONLY_VARIABLE: &str = "GLACIER_MOCK_SWEEP_ONLY";

/// The run that is repeated.
#[derive(Debug)]
pub(super) struct Only {
    pub(super) name: String,
    /// Whether the name comes from the environment, which applies to all sweeps of the process.
    pub(super) is_of_environment: bool,
}

/// A run that is not over yet.
type Running<'r> = Pin<Box<dyn Future<Output = Ran> + 'r>>;

#[derive(Debug)]
pub(super) struct Runs {
    pub(super) declared: &'static Location<'static>,
    pub(super) pairs: bool,
    pub(super) sample: Option<(usize, u64)>,
    pub(super) only: Option<Only>,
    pub(super) parallel: usize,
}

impl Runs {
    pub(super) fn new(declared: &'static Location<'static>) -> Self {
        Runs { declared, pairs: false, sample: None, only: None, parallel: 1 }
    }

    pub(super) async fn sweep(&self, scene: &Scene<'_>) -> SweepReport {
        let mut report = SweepReport::new(self.declared);
        let base = Plan { points: Vec::new() };
        let base = self.all(scene, &[base]).await.remove(0);
        let seen = base.seen.clone();
        if report.has_broken_without_fault(base) {
            return report;
        }
        let singles: Vec<_> =
            scene.catalogue.points(&seen).into_iter().map(|point| Plan { points: vec![point] }).collect();
        match &self.only {
            Some(only) => self.repeat(scene, singles, only, &mut report).await,
            None => self.sweep_all(scene, singles, &mut report).await,
        }
        report
    }

    async fn sweep_all<'a>(&self, scene: &Scene<'a>, singles: Vec<Plan<'a>>, report: &mut SweepReport) {
        if !self.pairs {
            let singles = sample(singles, self.sample);
            report.extend(self.all(scene, &singles).await);
            return;
        }
        let ran = self.all(scene, &singles).await;
        let mut all = Vec::new();
        for (single, ran) in singles.iter().zip(&ran).filter(|(_, ran)| ran.failure.is_none()) {
            all.extend(pairs(single, scene.catalogue.points(&ran.seen)));
        }
        report.extend(ran);
        report.extend(self.all(scene, &sample(all, self.sample)).await);
    }

    /// Repeats the run with a name. The second fault of a pair is known only after a run with the first.
    async fn repeat<'a>(&self, scene: &Scene<'a>, singles: Vec<Plan<'a>>, only: &Only, report: &mut SweepReport) {
        if only.name == NO_FAULT {
            return;
        }
        let mut known = Vec::new();
        for single in singles {
            let name = single.name();
            let is_first = self.pairs && only.name.starts_with(&format!("{name}, then "));
            if name != only.name && !is_first {
                known.push(name);
                continue;
            }
            let mut ran = self.all(scene, std::slice::from_ref(&single)).await;
            if is_first {
                let pairs = pairs(&single, scene.catalogue.points(&ran[0].seen));
                let Some(pair) = pairs.into_iter().find(|pair| pair.name() == only.name) else { continue };
                ran = self.all(scene, &[pair]).await;
            }
            report.extend(ran);
            return;
        }
        let name = &only.name;
        if only.is_of_environment {
            eprintln!("glacier-mock: the sweep at {} has no run {name:?} ({ONLY_VARIABLE})", self.declared);
        } else {
            let list: String = known.iter().map(|name| format!("\n  {name}")).collect();
            panic!("the sweep at {} has no run {name:?}; its runs with one fault are{list}", self.declared);
        }
    }

    /// Runs these plans, and returns the runs in the order of the plans.
    async fn all(&self, scene: &Scene<'_>, plans: &[Plan<'_>]) -> Vec<Ran> {
        let mut progress = Progress::of_stderr(plans.len());
        let watchdog = Watchdog::new(scene.limits.wall_time, plans.iter().map(Plan::name).collect());
        let mut done: Vec<Option<Ran>> = plans.iter().map(|_| None).collect();
        let mut running: Vec<(usize, Running<'_>)> = Vec::new();
        let mut next = 0;
        poll_fn(|context| {
            loop {
                while running.len() < self.parallel && next < plans.len() {
                    running.push((next, Box::pin(scene.run(&plans[next]))));
                    next += 1;
                }
                let before = running.len();
                running.retain_mut(|(n, run)| {
                    watchdog.polls(*n);
                    let Poll::Ready(mut ran) = run.as_mut().poll(context) else { return true };
                    progress.step(&ran.name, ran.failure.is_some());
                    if ran.failure.is_none() && !ran.seen.is_empty() {
                        // Only reports read the record, and it holds the bodies of the run.
                        ran.calls = Vec::new();
                    }
                    done[*n] = Some(ran);
                    false
                });
                watchdog.rests();
                if running.is_empty() && next == plans.len() {
                    return Poll::Ready(());
                }
                if running.len() == before {
                    return Poll::Pending;
                }
            }
        })
        .await;
        progress.finish();
        done.into_iter().flatten().collect()
    }
}
