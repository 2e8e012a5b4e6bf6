//! Finds code that depends on the order of responses: `cargo run --example shuffle`.

use aws_sdk_glacier::Client;
use glacier_mock::GlacierMock;
use tokio::task::JoinSet;

const FILES: [&str; 3] = ["cat.jpg", "dog.jpg", "owl.jpg"];

/// A line of the catalogue: the name of a file, and the ID of its archive.
type Line = (String, String);

/// The code under test with a race: it takes the responses for those of the files in their order.
async fn back_up(glacier: Client) -> Vec<Line> {
    let mut uploads = JoinSet::new();
    for file in FILES {
        uploads.spawn(upload(glacier.clone(), file));
    }
    let mut ids = Vec::new();
    while let Some(stored) = uploads.join_next().await {
        ids.push(stored.unwrap().1);
    }
    FILES.iter().map(|file| (*file).to_owned()).zip(ids).collect()
}

/// The code under test without the race: each task returns the file together with its archive.
async fn back_up_in_any_order(glacier: Client) -> Vec<Line> {
    let mut uploads = JoinSet::new();
    for file in FILES {
        uploads.spawn(upload(glacier.clone(), file));
    }
    let mut lines = uploads.join_all().await;
    lines.sort();
    lines
}

async fn upload(glacier: Client, file: &'static str) -> Line {
    let upload = glacier.upload_archive().vault_name("photos").archive_description(file);
    let stored = upload.body(file.as_bytes().to_vec().into()).send().await.unwrap();
    (file.to_owned(), stored.archive_id.unwrap_or_default())
}

/// Returns whether each line of the catalogue names the right archive.
async fn is_right<F: Future<Output = Vec<Line>>>(program: impl Fn(Client) -> F, seed: u64) -> bool {
    let mock = GlacierMock::builder().shuffle(seed).start();
    let photos = mock.create_vault("photos");
    let catalogue = program(mock.client()).await;
    catalogue.iter().all(|(file, id)| photos.archive(id).is_some_and(|archive| archive.bytes(..) == file.as_bytes()))
}

#[cfg_attr(test, tokio::test(start_paused = true))]
async fn a_catalogue_does_not_depend_on_the_order_of_responses() {
    let mut wrong = Vec::new();
    for seed in 0..20 {
        if !is_right(back_up, seed).await {
            wrong.push(seed);
        }
        assert!(is_right(back_up_in_any_order, seed).await, "seed {seed}");
    }
    println!("the catalogue with the race is wrong for the seeds {wrong:?}");

    // A seed finds the race each time.
    let first = *wrong.first().expect("no seed finds the race");
    for _ in 0..5 {
        assert!(!is_right(back_up, first).await);
    }
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    a_catalogue_does_not_depend_on_the_order_of_responses().await;
}
