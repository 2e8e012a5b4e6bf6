//! Runs the whole Glacier tutorial against a mock: `cargo run --example quickstart [-- FILE]`.
//!
//! Creates a vault, uploads a file, describes the vault, takes an inventory, retrieves the archive, compares the
//! bytes and deletes everything. Without an argument it draws a picture and uploads that.

use std::error::Error;
use std::path::{Path, PathBuf};

use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_glacier::types::JobParameters;
use glacier_mock::{GlacierMock, Operation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = match std::env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => draw_a_picture()?,
    };
    let bytes = std::fs::read(&file)?;
    println!("file       {} ({} bytes)", file.display(), bytes.len());

    // A test needs only these two lines: a mock, and a client that is already configured for it.
    let mock = GlacierMock::start();
    let glacier = mock.client();
    println!("mock       {}", mock.endpoint());

    let created = glacier.create_vault().vault_name("photos").send().await?;
    println!("vault      {}", created.location().unwrap_or_default());

    let stored = glacier
        .upload_archive()
        .vault_name("photos")
        .archive_description("my first archive")
        .body(ByteStream::from(bytes.clone()))
        .send()
        .await?;
    let archive = stored.archive_id().ok_or("the response to an upload has the ID of the archive")?;
    println!("archive    {archive}");
    println!("tree hash  {}", stored.checksum().unwrap_or_default());

    let vault = glacier.describe_vault().vault_name("photos").send().await?;
    println!(
        "described  {}: {} archive(s), {} bytes with the service's overhead",
        vault.vault_arn().unwrap_or_default(),
        vault.number_of_archives(),
        vault.size_in_bytes()
    );

    // At AWS each of these jobs takes hours. Here they complete at once, or when the test decides.
    let inventory = JobParameters::builder().r#type("inventory-retrieval").build();
    let job = glacier.initiate_job().vault_name("photos").job_parameters(inventory).send().await?;
    let output = glacier.get_job_output().vault_name("photos").job_id(job.job_id().unwrap_or_default()).send().await?;
    println!("inventory  {}", String::from_utf8(output.body.collect().await?.to_vec())?);

    let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).build();
    let job = glacier.initiate_job().vault_name("photos").job_parameters(retrieval).send().await?;
    let job = job.job_id().unwrap_or_default();
    let status = glacier.describe_job().vault_name("photos").job_id(job).send().await?;
    println!("retrieval  {}", status.status_message().unwrap_or("in progress"));

    let output = glacier.get_job_output().vault_name("photos").job_id(job).send().await?;
    let retrieved = output.body.collect().await?.into_bytes();
    if retrieved != bytes {
        return Err("the retrieved bytes differ from the uploaded bytes".into());
    }
    println!("retrieved  {} bytes, equal to the uploaded ones", retrieved.len());

    glacier.delete_archive().vault_name("photos").archive_id(archive).send().await?;
    glacier.delete_vault().vault_name("photos").send().await?;
    println!("deleted    the archive and the vault");

    println!("\nWhat the mock recorded, and a test can assert on:");
    for request in mock.requests() {
        let operation = request.operation().map(|operation| operation.to_string()).unwrap_or_default();
        println!("  {:>2}  {operation:<15} {}", request.number(), request.status().unwrap_or_default());
    }
    mock.assert_sequence([
        Operation::CreateVault,
        Operation::UploadArchive,
        Operation::DescribeVault,
        Operation::InitiateJob,
        Operation::GetJobOutput,
        Operation::InitiateJob,
        Operation::DescribeJob,
        Operation::GetJobOutput,
        Operation::DeleteArchive,
        Operation::DeleteVault,
    ]);
    Ok(())
}

/// Draws a glacier under an evening sky, as a BMP file that any viewer opens. The file is larger than 1 MiB, so that its
/// tree hash differs from its SHA-256.
fn draw_a_picture() -> std::io::Result<PathBuf> {
    let (width, height) = (800_u32, 600_u32);
    let pixels = width * height * 3;
    let mut bmp = Vec::with_capacity(54 + pixels as usize);
    bmp.extend(b"BM");
    for word in [54 + pixels, 0, 54, 40, width, height, 1 | 24 << 16, 0, pixels, 2835, 2835, 0, 0] {
        bmp.extend(word.to_le_bytes());
    }
    for y in 0..height {
        for x in 0..width {
            // The first row is the lowest one. The ridge is the sum of two waves.
            let ridge = 240.0 + 90.0 * (x as f32 / 97.0).sin() + 40.0 * (x as f32 / 31.0).sin();
            let shade = (y * 255 / height) as u8;
            let ice = (y as f32) < ridge;
            let crevasse = ice && (x + y * 3) % 41 < 2;
            let [r, g, b] = match (ice, crevasse) {
                (_, true) => [90, 140, 190],
                (true, _) => [200u8.saturating_add(shade / 4), 225, 245],
                (false, _) => [240 - shade / 2, 150 - shade / 3, 110 + shade / 3],
            };
            bmp.extend([b, g, r]);
        }
    }
    let path = Path::new(&std::env::temp_dir()).join("glacier-mock-quickstart.bmp");
    std::fs::write(&path, bmp)?;
    Ok(path)
}
