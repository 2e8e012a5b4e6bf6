//! The settings of a sweep, in the order in which a test writes them: what to sweep, the scenario, the check.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use crate::fixture::{Fault, GlacierMock, GlacierMockBuilder};
use crate::verify::Style;

use super::catalogue::{Catalogue, Kind, Own, SweepFault};
use super::drive::Limits;
use super::program::{Checked, Program, SweepVerdict};
use super::report::SweepReport;
use super::run::Scene;
use super::runs::{ONLY_VARIABLE, Only, Runs};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A sweep of faults: runs a scenario once for each pair of a call and a fault, and checks the end of each run.
///
/// A sweep first runs the scenario without a fault. Then it runs it once for each call of that run and each
/// [`SweepFault`] that can happen to the call. Every run has a separate mock, which the first closure configures and
/// `arrange` fills. Faults that an SDK retries are swept twice: for the first attempt only, where the retry absorbs them,
/// and for every attempt of the call, where they reach the code under test.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use glacier_mock::{FaultSweep, GlacierMock};
///
/// let report = FaultSweep::new(GlacierMock::builder)
///     .run(async |mock| mock.client().create_vault().vault_name("photos").send().await.is_ok())
///     .check(|mock, created| assert!(!created || mock.vault("photos").exists()))
///     .await;
/// assert!(report.runs() > 10);
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
///
/// # What a run may do
///
/// A panic of the scenario or of the check breaks its run, and the sweep goes on with the next one. A run also breaks if
/// it exceeds a limit ([`time_limit`](Self::time_limit), [`wall_time_limit`](Self::wall_time_limit)), if an expectation
/// of its mock is not met, or if the check returns an error. Code that blocks the thread cannot be ended; the sweep then
/// names its run on standard error.
///
/// Use paused time (`#[tokio::test(start_paused = true)]`): then delays, polling and hangs take no real time. All runs
/// share the runtime of the test. Tasks that the scenario has spawned and not awaited go on after their run.
///
/// # Names
///
/// A run is named after its call and its fault, for example `call 2 InitiateMultipartUpload, reset after commit`. The
/// names are the same each time if the scenario makes the same calls in the same order. [`only`](Self::only) and the
/// environment variable `GLACIER_MOCK_SWEEP_ONLY` repeat the run with this name.
#[must_use = "a sweep runs when the value that `.check(..)` returns is awaited"]
pub struct FaultSweep<'a> {
    builder: Box<dyn Fn() -> GlacierMockBuilder + 'a>,
    arrange: Box<dyn Fn(&GlacierMock) + 'a>,
    catalogue: Catalogue<'a>,
    limits: Limits,
    runs: Runs,
}

impl<'a> FaultSweep<'a> {
    /// Creates a sweep. Each run starts its mock with the settings that `builder` returns. If the settings have no seed,
    /// the sweep sets one, so that the IDs are the same in each run.
    #[track_caller]
    pub fn new(builder: impl Fn() -> GlacierMockBuilder + 'a) -> Self {
        FaultSweep {
            builder: Box::new(builder),
            arrange: Box::new(|_| {}),
            catalogue: Catalogue {
                kinds: SweepFault::ALL.iter().copied().map(Kind::Known).collect(),
                first_attempt: true,
                every_attempt: true,
                late_by: HOUR,
            },
            limits: Limits { time: 7 * 24 * HOUR, wall_time: Duration::from_secs(30) },
            runs: Runs::new(Location::caller()),
        }
    }

    /// Sets what each run does with its mock before the scenario, without requests: create vaults, store archives.
    /// Faults and rules for jobs that it sets come before those of the sweep. Defaults to nothing.
    pub fn arrange(mut self, arrange: impl Fn(&GlacierMock) + 'a) -> Self {
        self.arrange = Box::new(arrange);
        self
    }

    /// Takes a fault away from the catalogue.
    pub fn without(mut self, fault: SweepFault) -> Self {
        self.catalogue.kinds.retain(|kind| !matches!(kind, Kind::Known(known) if *known == fault));
        self
    }

    /// Adds a fault under this name. `set` receives a fault for the chosen call, and chooses its effect. The fault is
    /// swept at each call, for the first attempt and for every attempt.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use glacier_mock::{FaultSweep, GlacierMock};
    ///
    /// FaultSweep::new(GlacierMock::builder)
    ///     .with("no answer in JSON", |fault| fault.malformed_json())
    ///     .run(async |mock| mock.client().list_vaults().send().await.is_ok())
    ///     .check(|_, _| ())
    ///     .await;
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If another fault of the sweep has this name, or the name is empty.
    #[track_caller]
    pub fn with(mut self, name: impl Into<String>, set: impl Fn(Fault) + 'a) -> Self {
        let name = name.into();
        assert!(!name.trim().is_empty(), "a fault of a sweep needs a name, by which its runs are repeated");
        let is_known = self.catalogue.kinds.iter().any(|kind| kind.to_string() == name);
        assert!(!is_known, "the sweep already has a fault {name:?}: choose another name");
        self.catalogue.kinds.push(Kind::Own(Rc::new(Own { name, set: Box::new(set) })));
        self
    }

    /// Sets whether to sweep faults for only the first attempt of a call, which the SDK's retries absorb. Defaults to
    /// `true`. Faults that an SDK does not retry are swept in any case.
    pub fn first_attempt(mut self, sweep: bool) -> Self {
        self.catalogue.first_attempt = sweep;
        self
    }

    /// Sets whether to sweep faults for every attempt of a call, which reach the code under test. Defaults to `true`.
    pub fn every_attempt(mut self, sweep: bool) -> Self {
        self.catalogue.every_attempt = sweep;
        self
    }

    /// Sets how late a response is for [`SweepFault::LateAnswer`]. Defaults to one hour on the mock's clock, which is
    /// beyond the timeouts of usual clients.
    pub fn late_by(mut self, delay: Duration) -> Self {
        self.catalogue.late_by = delay;
        self
    }

    /// Sets how long a run may take in tokio's time, which the mock's clock follows by default. Defaults to 7 days, in
    /// which a Bulk retrieval that takes ten times as long completes. A run that waits for ever takes about half a second
    /// of real time under paused time.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limits.time = limit;
        self
    }

    /// Sets how long a run may take in real time. Defaults to 30 seconds.
    pub fn wall_time_limit(mut self, limit: Duration) -> Self {
        self.limits.wall_time = limit;
        self
    }

    /// Sweeps crashes in place of faults. The scenario is dropped when the request of the chosen call has arrived
    /// (`crash before commit`), or when the service has processed it (`crash after commit`). It then runs again on the
    /// same mock, as a process does after its restart, and the check sees the result of the last run.
    ///
    /// Only the scenario's future is dropped: tasks that it has spawned go on, unless the scenario owns them, as a
    /// `JoinSet` does. Faults that are added by [`with`](Self::with) after this call are swept too.
    pub fn crashes(mut self) -> Self {
        self.catalogue.kinds = vec![Kind::CrashBefore, Kind::CrashAfter];
        self
    }

    /// Sweeps each single fault, and then each pair of faults at two calls. The second fault is at a later call of the
    /// run with the first fault, which may be a call that only that fault caused. A fault that breaks the run alone is
    /// not combined with others. The number of pairs grows with the square of the number of runs:
    /// [`sample`](Self::sample) bounds it.
    pub fn pairs(mut self) -> Self {
        self.runs.pairs = true;
        self
    }

    /// Runs at most `n` of the runs, which the seed chooses: with [`pairs`](Self::pairs), all runs with one fault and `n`
    /// with two. The same seed chooses the same runs.
    pub fn sample(mut self, n: usize, seed: u64) -> Self {
        self.runs.sample = Some((n, seed));
        self
    }

    /// Repeats only the run with this name, which a report shows. The run without a fault is named `no fault`, and always
    /// precedes it.
    ///
    /// The environment variable `GLACIER_MOCK_SWEEP_ONLY` does the same for all sweeps of a process. A sweep that has no
    /// run with the name of the variable then runs only without a fault.
    pub fn only(mut self, name: impl Into<String>) -> Self {
        self.runs.only = Some(Only { name: name.into(), is_of_environment: false });
        self
    }

    /// Runs up to `n` runs side by side. Defaults to 1. All of them run in the task that awaits the sweep, so this saves
    /// time where runs wait for something in real time, and little where they compute.
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    #[track_caller]
    pub fn parallel(mut self, n: usize) -> Self {
        assert!(n > 0, "a sweep cannot have 0 runs side by side: use 1");
        self.runs.parallel = n;
        self
    }

    /// Sets the scenario: the code under test, with a client of the mock. Its result is passed to the check.
    pub fn run<S, T>(self, scenario: S) -> SweepScenario<'a, S, T>
    where
        S: AsyncFn(&GlacierMock) -> T + 'a,
    {
        SweepScenario { sweep: self, scenario, result: PhantomData }
    }
}

impl fmt::Debug for FaultSweep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultSweep").field("limits", &self.limits).field("runs", &self.runs).finish_non_exhaustive()
    }
}

/// A [`FaultSweep`] with a scenario, which still needs a check.
#[must_use = "a sweep runs when the value that `.check(..)` returns is awaited"]
pub struct SweepScenario<'a, S, T> {
    sweep: FaultSweep<'a>,
    scenario: S,
    result: PhantomData<fn() -> T>,
}

impl<'a, S, T: 'a> SweepScenario<'a, S, T>
where
    S: AsyncFn(&GlacierMock) -> T + 'a,
{
    /// Sets the check of each run. It sees the mock and the result of the scenario, and panics or returns an error if
    /// something is wrong.
    pub fn check<C, V>(self, check: C) -> Sweep<'a>
    where
        C: Fn(&GlacierMock, T) -> V + 'a,
        V: SweepVerdict + 'a,
    {
        let SweepScenario { sweep, scenario, result } = self;
        let FaultSweep { builder, arrange, catalogue, limits, runs } = sweep;
        let program: Box<dyn Program + 'a> = Box::new(Checked { scenario, check, result });
        Sweep { scene: Scene { builder, arrange, program, catalogue, limits }, runs }
    }
}

impl<S, T> fmt::Debug for SweepScenario<'_, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SweepScenario").field(&self.sweep).finish()
    }
}

/// A sweep that is ready to run. Await it to run it: it panics with the report if a run broke, and returns the report
/// otherwise. [`report`](Self::report) returns the report in any case.
#[must_use = "a sweep runs when it is awaited"]
pub struct Sweep<'a> {
    scene: Scene<'a>,
    runs: Runs,
}

impl<'a> Sweep<'a> {
    /// Runs the sweep and returns its report, also if runs broke.
    ///
    /// # Panics
    ///
    /// If [`FaultSweep::only`] names no run of the sweep.
    pub async fn report(mut self) -> SweepReport {
        let variable =
            std::env::var(ONLY_VARIABLE).ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        if let (None, Some(name)) = (&self.runs.only, variable) {
            self.runs.only = Some(Only { name, is_of_environment: true });
        }
        self.runs.sweep(&self.scene).await
    }
}

impl<'a> IntoFuture for Sweep<'a> {
    type Output = SweepReport;
    type IntoFuture = Pin<Box<dyn Future<Output = SweepReport> + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let report = self.report().await;
            if !report.failures().is_empty() {
                panic!("{}", report.text(Style::of_stderr()));
            }
            report
        })
    }
}

impl fmt::Debug for Sweep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sweep").field(&self.runs).finish()
    }
}
