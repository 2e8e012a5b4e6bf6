//! Runs the tests of the examples. Each example also has a `main`, for `cargo run --example`.

#[path = "../../examples/compare_versions.rs"]
mod compare_versions;
#[path = "../../examples/continue_download.rs"]
mod continue_download;
#[path = "../../examples/corrupted_download.rs"]
mod corrupted_download;
#[path = "../../examples/costs.rs"]
mod costs;
#[path = "../../examples/expedited_or_standard.rs"]
mod expedited_or_standard;
#[path = "../../examples/lost_answer.rs"]
mod lost_answer;
#[path = "../../examples/nothing_left_open.rs"]
mod nothing_left_open;
#[path = "../../examples/resume_upload.rs"]
mod resume_upload;
#[path = "../../examples/retries.rs"]
mod retries;
#[path = "../../examples/shuffle.rs"]
mod shuffle;
#[path = "../../examples/sweep.rs"]
mod sweep;
#[path = "../../examples/throttled_deletes.rs"]
mod throttled_deletes;
#[path = "../../examples/transcript.rs"]
mod transcript;
