//! The requests of the comparison: for each operation all variants of success, and its errors.

use glacier_mock::Operation::{self, *};
use serde_json::{Value, json};

use crate::support::{ARN, MIB, bytes, tree_hash};

use super::caller::Caller;

const DENIED: &str = "AccessDeniedException";
const INVALID: &str = "InvalidParameterValueException";
const LIMIT: &str = "LimitExceededException";
const MALFORMED: &str = "SerializationException";
const MISSING: &str = "MissingParameterValueException";
const NOT_FOUND: &str = "ResourceNotFoundException";
const SIGNATURE: &str = "InvalidSignatureException";
const TURNED_AWAY: &str = "NoLongerSupportedException";
const UNKNOWN: &str = "UnrecognizedClientException";

/// Errors of the front end, which come before those of the operation, and malformed documents.
pub(super) fn front_end(caller: &mut Caller<'_>) {
    for &operation in Operation::ALL {
        caller.call(operation).account("111122223333").refused(403, DENIED);
        caller.call(operation).account("abcmnoxyz").refused(400, UNKNOWN);
        caller.call(operation).header("x-amz-content-sha256", &"0".repeat(64)).refused(403, SIGNATURE);
        let text = caller.call(operation).header("x-amz-glacier-version", "").refused(400, MISSING);
        assert_eq!(text, "Required parameter missing: API version", "{operation}");
    }
    for operation in [
        InitiateJob,
        AddTagsToVault,
        RemoveTagsFromVault,
        SetVaultNotifications,
        SetVaultAccessPolicy,
        InitiateVaultLock,
        SetDataRetrievalPolicy,
    ] {
        caller.call(operation).body("{").refused(400, MALFORMED);
    }
}

/// An account without archives, while the service is closed to new customers (observed.md 2.J).
pub(super) fn new_customer(caller: &mut Caller<'_>) {
    for &operation in Operation::ALL {
        caller.call(operation).refused(400, TURNED_AWAY);
    }
}

/// Every operation on a vault fails if the vault is missing, except CreateVault and DeleteVault.
pub(super) fn missing_vault(caller: &mut Caller<'_>) {
    let in_a_vault = Operation::ALL.iter().filter(|operation| operation.path().contains("{vault}"));
    for &operation in in_a_vault.filter(|operation| !matches!(operation, CreateVault | DeleteVault)) {
        let text = caller.call(operation).vault("none").refused(404, NOT_FOUND);
        assert_eq!(text, "Vault not found for ARN: arn:aws:glacier:us-east-1:000000000000:vaults/none", "{operation}");
    }
    caller.call(CreateVault).vault("testz:z").refused(400, INVALID);
    caller.call(DeleteVault).vault("testz:z").refused(404, NOT_FOUND);
    caller.call(DeleteVault).vault("none").gives(204);
}

pub(super) fn vaults(caller: &mut Caller<'_>) {
    caller.call(DeleteVault).gives(204);
    assert_eq!(caller.call(ListVaults).gives_json(), json!({ "Marker": null, "VaultList": [] }));
    caller.call(CreateVault).gives(201);
    caller.call(CreateVault).gives(201);
    caller.call(CreateVault).vault("w").gives(201);
    let new = caller.call(DescribeVault).gives_json();
    assert_eq!((&new["VaultARN"], &new["LastInventoryDate"]), (&ARN.into(), &Value::Null));
    caller.call(UploadArchive).gives(201);
    let written_to = caller.call(DescribeVault).gives_json();
    assert!(written_to["LastInventoryDate"].is_string(), "{written_to}");

    let first = caller.call(ListVaults).query("limit=1").gives_json();
    let marker = first["Marker"].as_str().unwrap();
    let rest = caller.call(ListVaults).query(&format!("marker={marker}")).gives_json();
    assert_eq!((first["VaultList"][0]["VaultName"].as_str(), rest["Marker"].as_str()), (Some("v"), None));
    caller.call(ListVaults).query("limit=0").refused(400, INVALID);
    caller.call(ListVaults).query("marker=nonsense").refused(400, INVALID);
    caller.call(DeleteVault).refused(400, INVALID);
    caller.call(DeleteVault).vault("w").gives(204);
}

pub(super) fn archives(caller: &mut Caller<'_>) {
    let archive = caller.call(UploadArchive).gives_header(201, "x-amz-archive-id");
    caller.call(UploadArchive).header("x-amz-archive-description", "cat.jpg").gives(201);
    caller.call(UploadArchive).data(b"").refused(400, INVALID);
    caller.call(UploadArchive).header("x-amz-content-sha256", "").refused(403, SIGNATURE);
    caller.call(UploadArchive).header("x-amz-sha256-tree-hash", "").refused(400, MISSING);
    caller.call(UploadArchive).header("x-amz-sha256-tree-hash", "000").refused(400, INVALID);
    caller.call(UploadArchive).header("x-amz-sha256-tree-hash", &"0".repeat(64)).refused(400, INVALID);
    caller.call(UploadArchive).header("x-amz-archive-description", &"x".repeat(1025)).refused(400, INVALID);

    caller.call(CreateVault).vault("w").gives(201);
    caller.call(DeleteArchive).vault("w").id(&archive).refused(400, INVALID);
    caller.call(DeleteArchive).id("never-was").refused(404, NOT_FOUND);
    caller.call(DeleteArchive).id(&archive).gives(204);
    caller.call(DeleteArchive).id(&archive).gives(204);
}

pub(super) fn uploads(caller: &mut Caller<'_>) {
    assert_eq!(caller.call(ListMultipartUploads).gives_json(), json!({ "Marker": null, "UploadsList": [] }));
    let plain = caller.call(InitiateMultipartUpload).gives_header(201, "x-amz-multipart-upload-id");
    let described = caller.call(InitiateMultipartUpload).header("x-amz-archive-description", "in parts");
    let described = described.gives_header(201, "x-amz-multipart-upload-id");
    caller.call(InitiateMultipartUpload).header("x-amz-part-size", "").refused(400, INVALID);
    caller.call(InitiateMultipartUpload).header("x-amz-part-size", "10485760").refused(400, INVALID);

    let first = caller.call(ListMultipartUploads).query("limit=1").gives_json();
    assert_eq!((&first["UploadsList"][0]["ArchiveDescription"], &first["Marker"]), (&Value::Null, &json!(described)));
    let rest = caller.call(ListMultipartUploads).query(&format!("marker={described}")).gives_json();
    assert_eq!((&rest["UploadsList"][0]["ArchiveDescription"], &rest["Marker"]), (&json!("in parts"), &Value::Null));
    caller.call(ListMultipartUploads).query("limit=0").refused(400, INVALID);
    caller.call(ListMultipartUploads).query("marker=nonsense").refused(400, INVALID);

    let empty = caller.call(ListParts).id(&plain).gives_json();
    assert_eq!((&empty["Parts"], &empty["ArchiveDescription"]), (&json!([]), &Value::Null));
    let first = caller.call(UploadMultipartPart).id(&described).data(&bytes(MIB));
    first.header("Content-Range", "bytes 0-1048575/*").gives(204);
    caller.call(UploadMultipartPart).id(&described).header("Content-Range", "bytes 1048576-1048580/*").gives(204);
    let part = |caller: &mut Caller<'_>, header: &str, value: &str, code: &str| {
        caller.call(UploadMultipartPart).id(&described).header(header, value).refused(400, code);
    };
    part(caller, "Content-Range", "", MISSING);
    part(caller, "Content-Range", "bytes 4-0/*", INVALID);
    part(caller, "Content-Range", "bytes 0-9/*", INVALID);
    part(caller, "Content-Range", "bytes 10485760000-10485760004/*", INVALID);
    part(caller, "x-amz-sha256-tree-hash", &"0".repeat(64), INVALID);
    let page = caller.call(ListParts).id(&described).query("limit=1").gives_json();
    assert_eq!(page["ArchiveDescription"], "in parts");
    let marker = page["Marker"].as_str().unwrap();
    let page = caller.call(ListParts).id(&described).query(&format!("marker={marker}")).gives_json();
    assert_eq!((page["Parts"].as_array().unwrap().len(), &page["Marker"]), (1, &Value::Null));
    caller.call(ListParts).id(&described).query("limit=0").refused(400, INVALID);
    caller.call(ListParts).id(&described).query("marker=nonsense").refused(400, INVALID);

    caller.call(CompleteMultipartUpload).id(&plain).refused(400, INVALID);
    caller.call(UploadMultipartPart).id(&plain).gives(204);
    caller.call(CompleteMultipartUpload).id(&plain).header("x-amz-archive-size", "").refused(400, MISSING);
    caller.call(CompleteMultipartUpload).id(&plain).header("x-amz-archive-size", "6").refused(400, INVALID);
    caller.call(CompleteMultipartUpload).id(&plain).header("x-amz-sha256-tree-hash", "").refused(400, MISSING);
    caller.call(CompleteMultipartUpload).id(&plain).header("x-amz-sha256-tree-hash", "00").refused(400, INVALID);
    caller.call(AbortMultipartUpload).id(&described).gives(204);
    caller.call(AbortMultipartUpload).id(&described).gives(204);
    caller.call(CompleteMultipartUpload).id(&plain).gives(201);
    caller.call(CompleteMultipartUpload).id(&plain).gives(201);
    for operation in [UploadMultipartPart, ListParts, AbortMultipartUpload] {
        caller.call(operation).id(&plain).refused(404, NOT_FOUND);
    }
    for operation in [UploadMultipartPart, ListParts, CompleteMultipartUpload, AbortMultipartUpload] {
        caller.call(operation).id("never-was").refused(404, NOT_FOUND);
    }
}

pub(super) fn settings(caller: &mut Caller<'_>) {
    assert_eq!(caller.call(ListTagsForVault).gives_json(), json!({ "Tags": {} }));
    caller.call(AddTagsToVault).gives(204);
    assert_eq!(caller.call(ListTagsForVault).gives_json(), json!({ "Tags": { "team": "photos" } }));
    caller.call(RemoveTagsFromVault).gives(204);
    caller.call(RemoveTagsFromVault).body("").refused(400, MISSING);
    let eleven = json!({ "TagKeys": vec!["k"; 11] });
    caller.call(RemoveTagsFromVault).json(eleven).refused(400, INVALID);
    caller.call(AddTagsToVault).body("").refused(400, MISSING);
    caller.call(AddTagsToVault).json(json!({ "Tags": { "aws:mine": "x" } })).refused(400, INVALID);
    for ten in 0..5 {
        let tags: Value = (0..10).map(|n| (format!("k{ten}{n}"), json!(""))).collect();
        caller.call(AddTagsToVault).json(json!({ "Tags": tags })).gives(204);
    }
    caller.call(AddTagsToVault).refused(400, LIMIT);

    caller.call(GetVaultNotifications).refused(404, NOT_FOUND);
    caller.call(SetVaultNotifications).gives(204);
    caller.call(GetVaultNotifications).gives(200);
    caller.call(SetVaultNotifications).body("").refused(400, MISSING);
    let unknown = json!({ "SNSTopic": "arn:aws:sns:us-east-1:111122223333:done", "Events": ["VaultPainted"] });
    caller.call(SetVaultNotifications).json(unknown).refused(400, INVALID);
    caller.call(DeleteVaultNotifications).gives(204);
    caller.call(DeleteVaultNotifications).gives(204);

    caller.call(GetVaultAccessPolicy).refused(404, NOT_FOUND);
    caller.call(SetVaultAccessPolicy).gives(204);
    caller.call(GetVaultAccessPolicy).gives(200);
    caller.call(SetVaultAccessPolicy).body("").refused(400, MISSING);
    caller.call(SetVaultAccessPolicy).json(json!({ "Policy": "{}" })).refused(400, INVALID);
    caller.call(DeleteVaultAccessPolicy).gives(204);
    caller.call(DeleteVaultAccessPolicy).gives(204);
}

pub(super) fn locks(caller: &mut Caller<'_>) {
    caller.call(GetVaultLock).refused(404, NOT_FOUND);
    caller.call(CompleteVaultLock).refused(404, NOT_FOUND);
    caller.call(AbortVaultLock).gives(204);
    caller.call(InitiateVaultLock).body("").refused(400, MISSING);
    caller.call(InitiateVaultLock).json(json!({ "Policy": "{}" })).refused(400, INVALID);
    caller.call(InitiateVaultLock).gives(201);
    caller.call(InitiateVaultLock).refused(403, DENIED);
    caller.call(AbortVaultLock).gives(204);

    let lock = caller.call(InitiateVaultLock).gives_header(201, "x-amz-lock-id");
    let trial = caller.call(GetVaultLock).gives_json();
    assert_eq!((&trial["State"], trial["ExpirationDate"].is_string()), (&json!("InProgress"), true));
    caller.call(CompleteVaultLock).id("wrong").refused(400, INVALID);
    caller.call(CompleteVaultLock).id(&lock).gives(204);
    caller.call(CompleteVaultLock).id(&lock).gives(204);
    let locked = caller.call(GetVaultLock).gives_json();
    assert_eq!((&locked["State"], &locked["ExpirationDate"]), (&json!("Locked"), &Value::Null));
    caller.call(CompleteVaultLock).id("wrong").refused(403, DENIED);
    caller.call(InitiateVaultLock).refused(403, DENIED);
    caller.call(AbortVaultLock).refused(403, DENIED);
}

pub(super) fn retrieval_limits(caller: &mut Caller<'_>) {
    let none = json!({ "Policy": { "Rules": [{ "BytesPerHour": null, "Strategy": "None" }] } });
    assert_eq!(caller.call(GetDataRetrievalPolicy).gives_json(), none);
    caller.call(SetDataRetrievalPolicy).gives(204);
    let limited = json!({ "Policy": { "Rules": [{ "BytesPerHour": i64::MAX, "Strategy": "BytesPerHour" }] } });
    caller.call(SetDataRetrievalPolicy).json(limited.clone()).gives(204);
    assert_eq!(caller.call(GetDataRetrievalPolicy).gives_json(), limited);
    caller.call(SetDataRetrievalPolicy).body("").refused(400, MISSING);
    caller.call(SetDataRetrievalPolicy).json(json!({ "Policy": { "Rules": [] } })).refused(400, INVALID);

    assert_eq!(caller.call(ListProvisionedCapacity).gives_json(), json!({ "ProvisionedCapacityList": [] }));
    caller.call(PurchaseProvisionedCapacity).gives(201);
    caller.call(PurchaseProvisionedCapacity).gives(201);
    caller.call(PurchaseProvisionedCapacity).refused(400, LIMIT);
    let units = caller.call(ListProvisionedCapacity).gives_json();
    assert_eq!(units["ProvisionedCapacityList"].as_array().unwrap().len(), 2);
}

pub(super) fn jobs(caller: &mut Caller<'_>) {
    refused_jobs(caller);
    let whole = bytes(2 * MIB + 5);
    let described = caller.call(UploadArchive).data(&whole).header("x-amz-archive-description", "cat.jpg");
    let described = described.gives_header(201, "x-amz-archive-id");
    let plain = caller.call(UploadArchive).data(&whole).gives_header(201, "x-amz-archive-id");
    let initiate = |caller: &mut Caller<'_>, parameters: Value| {
        caller.call(InitiateJob).json(parameters).gives_header(202, "x-amz-job-id")
    };
    let topic = "arn:aws:sns:us-east-1:111122223333:done";
    let retrieval =
        json!({ "Type": "archive-retrieval", "ArchiveId": described, "Description": "d", "SNSTopic": topic });
    let all = initiate(caller, retrieval);
    let part = json!({ "Type": "archive-retrieval", "ArchiveId": plain, "RetrievalByteRange": "1048576-2097156" });
    let part = initiate(caller, part);
    let failing = initiate(caller, json!({ "Type": "archive-retrieval", "ArchiveId": plain, "Tier": "Bulk" }));
    let list = initiate(caller, json!({ "Type": "inventory-retrieval" }));
    let page = json!({
        "Type": "inventory-retrieval",
        "Format": "CSV",
        "InventoryRetrievalParameters":
            { "StartDate": "2013-03-20T17:03:43Z", "EndDate": "2113-03-20T17:03:43Z", "Limit": "1" },
    });
    let page = initiate(caller, page);
    let ids = [&all, &part, &failing, &list, &page];

    let describe = |caller: &mut Caller<'_>, id: &str| {
        let job = caller.call(DescribeJob).id(id).gives_json();
        ["StatusCode", "StatusMessage", "Completed"].map(|key| job[key].clone())
    };
    for id in ids {
        assert_eq!(describe(caller, id), [json!("InProgress"), json!(null), json!(false)]);
        caller.call(GetJobOutput).id(id).refused(400, INVALID);
    }
    for id in [&all, &part, &list, &page] {
        caller.mock.jobs().get(id).unwrap().complete();
        assert_eq!(describe(caller, id), [json!("Succeeded"), json!("Succeeded"), json!(true)]);
    }
    let unaligned = caller.call(DescribeJob).id(&part).gives_json();
    assert_eq!(
        (&unaligned["RetrievalByteRange"], &unaligned["SHA256TreeHash"]),
        (&json!("1048576-2097156"), &Value::Null)
    );
    caller.mock.jobs().get(&failing).unwrap().fail("The vault is on strike");
    assert_eq!(describe(caller, &failing), [json!("Failed"), json!("The vault is on strike"), json!(true)]);
    listed_jobs(caller, &ids);

    caller.call(GetJobOutput).id(&failing).refused(400, INVALID);
    outputs(caller, [&all, &part, &list, &page], &whole);
}

/// The outputs of an archive, of a range of an archive, and of inventories in JSON and CSV.
fn outputs(caller: &mut Caller<'_>, [all, part, list, page]: [&str; 4], whole: &[u8]) {
    let mut output = |id: &str, range: &str, status: u16| {
        let response = caller.call(GetJobOutput).id(id).header("Range", range).gives(status);
        let headers = ["content-type", "x-amz-archive-description", "x-amz-sha256-tree-hash", "content-range"];
        (headers.map(|name| response.header(name).unwrap_or("none").to_owned()), response.body)
    };
    let binary = "application/octet-stream";
    let (headers, body) = output(all, "", 200);
    assert_eq!(headers, [binary, "cat.jpg", &tree_hash(whole), "none"]);
    assert!(body == whole);
    let (headers, body) = output(all, "bytes=0-1048575", 206);
    assert_eq!(headers, [binary, "cat.jpg", &tree_hash(&whole[..MIB]), "bytes 0-1048575/2097157"]);
    assert!(body == whole[..MIB]);
    let (headers, body) = output(all, "bytes=1-4", 206);
    assert_eq!(headers, [binary, "cat.jpg", "none", "bytes 1-4/2097157"]);
    assert_eq!(body, whole[1..=4]);
    let (headers, body) = output(part, "", 200);
    assert_eq!(headers, [binary, "none", "none", "none"]);
    assert!(body == whole[MIB..]);
    assert_eq!(output(list, "", 200).0, ["application/json", "none", "none", "none"]);
    assert_eq!(output(page, "", 200).0, ["text/csv", "none", "none", "none"]);
    let (headers, body) = output(page, "bytes=0-8", 206);
    assert_eq!((&headers[0][..], &*body), ("text/csv", &b"ArchiveId"[..]));
    caller.call(GetJobOutput).id(all).header("Range", "bytes=2097157-").refused(400, INVALID);
}

fn refused_jobs(caller: &mut Caller<'_>) {
    assert_eq!(caller.call(ListJobs).gives_json(), json!({ "JobList": [], "Marker": null }));
    caller.call(InitiateJob).body("").refused(400, MISSING);
    caller.call(InitiateJob).json(json!({ "Type": "archive-retrieval" })).refused(400, MISSING);
    caller.call(InitiateJob).json(json!({ "Type": "select" })).refused(400, INVALID);
    let unknown = json!({ "Type": "archive-retrieval", "ArchiveId": "never-was" });
    caller.call(InitiateJob).json(unknown).refused(404, NOT_FOUND);
    caller.call(DescribeJob).id("never-was").refused(404, NOT_FOUND);
    caller.call(GetJobOutput).id("never-was").refused(404, NOT_FOUND);
    for query in ["statuscode=finished", "completed=yes", "limit=0", "marker=nonsense"] {
        caller.call(ListJobs).query(query).refused(400, INVALID);
    }
}

/// Lists five jobs, the third of which has failed.
fn listed_jobs(caller: &mut Caller<'_>, ids: &[&String]) {
    let first = caller.call(ListJobs).query("limit=1").gives_json();
    assert_eq!((&first["JobList"][0]["JobId"], &first["Marker"]), (&json!(ids[0]), &json!(ids[1])));
    let rest = caller.call(ListJobs).query(&format!("marker={}", ids[1])).gives_json();
    assert_eq!((rest["JobList"].as_array().unwrap().len(), &rest["Marker"]), (4, &Value::Null));
    let failed = caller.call(ListJobs).query("statuscode=Failed&completed=true").gives_json();
    assert_eq!(failed["JobList"].as_array().unwrap().len(), 1);
    assert_eq!(failed["JobList"][0]["JobId"], json!(ids[2]));
    assert_eq!(caller.call(ListJobs).query("statuscode=InProgress").gives_json()["JobList"], json!([]));
}
