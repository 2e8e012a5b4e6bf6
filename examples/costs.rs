//! Compares the cost of two ways to restore an archive: `cargo run --example costs`.

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::JobParameters;
use glacier_mock::{Content, GIB, GlacierMock, Prices, Tier};

/// The code under test.
async fn restore(glacier: &Client, archive: &str, tier: &str) {
    let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).tier(tier).build();
    glacier.initiate_job().vault_name("films").job_parameters(retrieval).send().await.unwrap();
}

#[cfg_attr(test, tokio::test)]
async fn an_expedited_retrieval_is_more_expensive() {
    // Copy the prices of your region from the pricing page. These are examples.
    let prices = Prices {
        expedited_per_1000: 10.0,
        expedited_per_gib: 0.03,
        standard_per_1000: 0.05,
        standard_per_gib: 0.01,
        ..Prices::default()
    };
    let mut costs = Vec::new();
    for tier in ["Expedited", "Standard"] {
        let mock = GlacierMock::start();
        let film = mock.create_vault("films").put_archive("film", Content::repeat("frame", 100 * GIB));
        restore(&mock.client(), &film, tier).await;
        println!("{}\n{}\n", mock.usage(), mock.usage().cost(&prices));
        costs.push(mock.usage().cost(&prices));
    }

    let [expedited, standard] = &costs[..] else { panic!("{costs:?}") };
    assert!((expedited.retrievals(Tier::Expedited) - 3.01).abs() < 1e-9);
    assert!(expedited.total() > 3.0 * standard.total());
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    an_expedited_retrieval_is_more_expensive().await;
}
