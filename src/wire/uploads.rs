//! The six operations of multipart uploads on the wire (api.md section 4, observed.md 2.C and 3.3).

use serde::Serialize;

use crate::domain::bytes::{ByteRange, Digest, HeaderRange};
use crate::domain::failure::Failure;
use crate::domain::vault::{Page, Part, PartSize};
use crate::domain::words::Timestamp;
use crate::service::{
    Claims, CompleteMultipartUpload, InitiateMultipartUpload, ListParts, UploadDescription, UploadMultipartPart,
    VaultCommand,
};
use crate::text::decimal;

use super::display::Displayed;
use super::request::Request;

const ARCHIVE_SIZE: &str = "x-amz-archive-size";

pub(super) fn initiate(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let given = request.header("x-amz-part-size")?.unwrap_or("null");
    let part_size = PartSize::parse(given).ok_or_else(|| Failure::InvalidPartSize { given: given.to_owned() })?;
    let description = request.archive_description()?;
    Ok(VaultCommand::InitiateMultipartUpload(InitiateMultipartUpload { description, part_size }))
}

pub(super) fn put_part(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let written = request.header("content-range")?.ok_or(Failure::missing("Content-Range"))?;
    let bytes = content_range(written).ok_or_else(|| Failure::invalid("Content-Range", written))?;
    let length = request.body.len;
    if bytes.len() != length {
        return Err(Failure::ContentRangeMismatch { range: written.to_owned(), length });
    }
    let range = HeaderRange { bytes, written: written.into() };
    let body = request.verified_body()?;
    Ok(VaultCommand::UploadMultipartPart(UploadMultipartPart { upload: request.upload()?, range, body }))
}

/// Reads `bytes A-B/*` or `bytes A-B/TOTAL`. The service does not check the total, so its digits may be any number
/// (api.md section 4, observed.md 2.C).
pub(crate) fn content_range(header: &str) -> Option<ByteRange> {
    let (range, total) = header.strip_prefix("bytes ")?.split_once('/')?;
    let is_number = !total.is_empty() && total.bytes().all(|byte| byte.is_ascii_digit());
    ByteRange::parse(range).filter(|_| total == "*" || is_number)
}

pub(super) fn complete(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let size = request.header(ARCHIVE_SIZE)?.ok_or(Failure::missing(ARCHIVE_SIZE))?;
    let size = decimal(size).ok_or_else(|| Failure::invalid(ARCHIVE_SIZE, size))?;
    let tree_hash = request.tree_hash()?;
    let (upload, claims) = (request.upload()?, Some(Claims { size, tree_hash }));
    Ok(VaultCommand::CompleteMultipartUpload(CompleteMultipartUpload { upload, claims }))
}

pub(super) fn abort(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    Ok(VaultCommand::AbortMultipartUpload(request.upload()?))
}

pub(super) fn list(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    Ok(VaultCommand::ListMultipartUploads(request.page()?))
}

pub(super) fn list_parts(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let page = request.page()?;
    Ok(VaultCommand::ListParts(ListParts { upload: request.upload()?, page }))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListMultipartUploadsOutput<'a> {
    marker: Option<&'a str>,
    uploads_list: Vec<UploadListElement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UploadListElement<'a> {
    archive_description: Option<&'a str>,
    creation_date: Displayed<Timestamp>,
    multipart_upload_id: &'a str,
    part_size_in_bytes: u64,
    #[serde(rename = "VaultARN")]
    vault_arn: &'a str,
}

pub(super) fn list_page(page: &Page<UploadDescription>) -> ListMultipartUploadsOutput<'_> {
    ListMultipartUploadsOutput {
        marker: page.marker.as_deref(),
        uploads_list: page.entries.iter().map(upload).collect(),
    }
}

fn upload(upload: &UploadDescription) -> UploadListElement<'_> {
    UploadListElement {
        archive_description: upload.description.get(),
        creation_date: Displayed(upload.created),
        multipart_upload_id: upload.id.as_str(),
        part_size_in_bytes: upload.part_size.bytes(),
        vault_arn: &upload.vault_arn,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPartsOutput<'a> {
    archive_description: Option<&'a str>,
    creation_date: Displayed<Timestamp>,
    marker: Option<&'a str>,
    multipart_upload_id: &'a str,
    part_size_in_bytes: u64,
    parts: Vec<PartListElement>,
    #[serde(rename = "VaultARN")]
    vault_arn: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PartListElement {
    range_in_bytes: Displayed<ByteRange>,
    #[serde(rename = "SHA256TreeHash")]
    sha256_tree_hash: Displayed<Digest>,
}

pub(super) fn parts_page<'a>(upload: &'a UploadDescription, page: &'a Page<Part>) -> ListPartsOutput<'a> {
    ListPartsOutput {
        archive_description: upload.description.get(),
        creation_date: Displayed(upload.created),
        marker: page.marker.as_deref(),
        multipart_upload_id: upload.id.as_str(),
        part_size_in_bytes: upload.part_size.bytes(),
        parts: page.entries.iter().map(part).collect(),
        vault_arn: &upload.vault_arn,
    }
}

fn part(part: &Part) -> PartListElement {
    PartListElement { range_in_bytes: Displayed(part.range), sha256_tree_hash: Displayed(part.tree_hash) }
}
