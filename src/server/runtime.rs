//! The one runtime on which all mocks of a process are served.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// The background runtime, started with the first mock and kept for the life of the process.
///
/// A runtime of its own, so that a mock answers while the test's only thread is blocked; one for all mocks, because a
/// thread and a runtime for each cost 250 us and 120 KiB (design.md section 3.1). Its clock is never paused.
///
/// # Panics
///
/// If the operating system gives it no threads.
#[track_caller]
pub(crate) fn background() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4));
        let built =
            Builder::new_multi_thread().worker_threads(threads).thread_name("glacier-mock").enable_all().build();
        built.unwrap_or_else(|error| panic!("glacier-mock could not start the threads that serve its mocks: {error}"))
    });
    runtime.handle()
}
