//! Translates an operation into its request and into the call of the model that predicts the response.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::answer::Reply;
use super::archives::Sent;
use super::jobs::InventoryRequest;
use super::known::{Kind, Known};
use super::ops::{Claim, Data, Id, Job, Mistake, Op, OutputRange, Page, Policy, RetrievalRange, Tags, V};
use super::service::{PageParameters, Service, whole_seconds};
use super::wire::Request;
use crate::support::{MIB, bytes, sha256};

/// The call of the model. The argument is the ID that the mock generated, if it generated one.
pub(super) type Call = Box<dyn FnOnce(&mut Service, String) -> Reply>;

fn model(call: impl FnOnce(&mut Service, String) -> Reply + 'static) -> Call {
    Box::new(call)
}

fn under(vault: V, rest: &str) -> String {
    format!("/vaults/{}{rest}", vault.name())
}

fn with_query(path: String, parameters: &[(&str, &str)], asked: &PageParameters) -> String {
    let limit = asked.limit.map(|limit| limit.to_string());
    let page = [("limit", limit.as_deref()), ("marker", asked.marker.as_deref())];
    let page = page.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
    let all = parameters.iter().copied().filter(|(_, value)| !value.is_empty()).chain(page);
    let query: Vec<_> = all.map(|(name, value)| format!("{name}={value}")).collect();
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// A JSON document without the empty values.
fn document(fields: &[(&str, Value)]) -> String {
    let given = fields.iter().filter(|(_, value)| !value.is_null() && *value != "");
    Value::Object(given.map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Map<_, _>>()).to_string()
}

fn data(data: Data, part_size: usize) -> Vec<u8> {
    static ALL: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(5 * MIB));
    let (len, seed) = match data {
        Data::Bytes(len, seed) => (len, seed),
        Data::WholePart(seed) => (part_size, seed),
    };
    ALL[usize::from(seed) * 61..][..len].to_vec()
}

fn sent(bytes: Vec<u8>, slip: Mistake) -> Sent {
    let mut sent = Sent::new(bytes);
    match slip {
        Mistake::WrongPayloadHash => sent.payload_hash = sha256(b"wrong"),
        Mistake::WrongTreeHash => sent.tree_hash = sha256(b"wrong"),
        Mistake::Valid | Mistake::Misplaced | Mistake::TooShort => {}
    }
    sent
}

fn upload(request: Request, sent: &Sent) -> Request {
    request
        .header("x-amz-content-sha256", &sent.payload_hash)
        .header("x-amz-sha256-tree-hash", &sent.tree_hash)
        .body(sent.bytes.clone())
}

fn tags(tags: Tags) -> BTreeMap<String, String> {
    let numbered = |numbers: std::ops::Range<u32>| numbers.map(|n| (format!("k{n}"), "v".to_owned())).collect();
    match tags {
        Tags::Empty => BTreeMap::new(),
        Tags::One(key, value) => BTreeMap::from([(key.to_owned(), value.to_owned())]),
        Tags::Ten(n) => numbered(n * 10..n * 10 + 10),
        Tags::Eleven => numbered(0..11),
    }
}

fn policy(policy: Policy) -> String {
    document(&[("Policy", json!(policy.text()))])
}

impl Known {
    fn asked(&self, kind: Kind, page: Page) -> PageParameters {
        PageParameters { limit: page.0, marker: self.marker(kind, page.1) }
    }

    pub(super) fn call(&self, op: &Op, now: &Service) -> (Request, Call) {
        let get = |path: String| Request::new("GET", path);
        let put = |path: String| Request::new("PUT", path);
        let post = |path: String| Request::new("POST", path);
        let delete = |path: String| Request::new("DELETE", path);
        match *op {
            Op::CreateVault(v) => (put(under(v, "")), model(move |s, _| s.create_vault(v.name()))),
            Op::DescribeVault(v) => (get(under(v, "")), model(move |s, _| s.describe_vault(v.name()))),
            Op::ListVaults(page) => {
                let asked = self.asked(Kind::Vaults, page);
                (get(with_query("/vaults".to_owned(), &[], &asked)), model(move |s, _| s.list_vaults(&asked)))
            }
            Op::DeleteVault(v) => (delete(under(v, "")), model(move |s, _| s.delete_vault(v.name()))),
            Op::UploadArchive(v, what, slip, text) => {
                let sent = sent(data(what, MIB), slip);
                let request = post(under(v, "/archives")).header("x-amz-archive-description", text);
                (upload(request, &sent), model(move |s, id| s.upload_archive(v.name(), sent, text, id)))
            }
            Op::DeleteArchive(v, id) => {
                let id = self.archive(id);
                let path = under(v, &format!("/archives/{id}"));
                (delete(path), model(move |s, _| s.delete_archive(v.name(), &id)))
            }
            Op::InitiateMultipartUpload(v, size, text) => {
                let request = post(under(v, "/multipart-uploads")).header("x-amz-part-size", size);
                let request = request.header("x-amz-archive-description", text);
                (request, model(move |s, id| s.initiate_multipart_upload(v.name(), size, text, id)))
            }
            Op::UploadMultipartPart(v, id, number, what, slip) => {
                let (id, part_size) = self.upload(id);
                let sent = sent(data(what, part_size), slip);
                let first = i64::from(number) * part_size as i64 + i64::from(slip == Mistake::Misplaced);
                let last = first + sent.bytes.len() as i64 - i64::from(slip != Mistake::TooShort);
                let request = put(under(v, &format!("/multipart-uploads/{id}")));
                let request = upload(request.header("Content-Range", format!("bytes {first}-{last}/*")), &sent);
                (request, model(move |s, _| s.upload_multipart_part(v.name(), &id, (first, last), sent)))
            }
            Op::CompleteMultipartUpload(v, id, claim) => {
                let (id, _) = self.upload(id);
                let (size, hash) = self.whole(&id, now);
                let size = size + u64::from(claim == Claim::WrongSize);
                let hash = match claim {
                    Claim::Correct | Claim::WrongSize => hash,
                    Claim::WrongHash => sha256(b"wrong"),
                    Claim::HashOfEmptyBody => sha256(b""),
                };
                let request = post(under(v, &format!("/multipart-uploads/{id}"))).header("x-amz-archive-size", size);
                let request = request.header("x-amz-sha256-tree-hash", &hash);
                (request, model(move |s, archive| s.complete_multipart_upload(v.name(), &id, (size, &hash), archive)))
            }
            Op::AbortMultipartUpload(v, id) => {
                let (id, _) = self.upload(id);
                let path = under(v, &format!("/multipart-uploads/{id}"));
                (delete(path), model(move |s, _| s.abort_multipart_upload(v.name(), &id)))
            }
            Op::ListParts(v, id, page) => {
                let ((id, _), asked) = (self.upload(id), self.asked(Kind::Parts, page));
                let path = with_query(under(v, &format!("/multipart-uploads/{id}")), &[], &asked);
                (get(path), model(move |s, _| s.list_parts(v.name(), &id, &asked)))
            }
            Op::ListMultipartUploads(v, page) => {
                let asked = self.asked(Kind::Uploads, page);
                let path = with_query(under(v, "/multipart-uploads"), &[], &asked);
                (get(path), model(move |s, _| s.list_multipart_uploads(v.name(), &asked)))
            }
            Op::InitiateJob(v, job, text) => self.initiate_job(v, job, text, now),
            Op::DescribeJob(v, id) => {
                let id = self.job(id);
                (get(under(v, &format!("/jobs/{id}"))), model(move |s, _| s.describe_job(v.name(), &id)))
            }
            Op::ListJobs(v, status, completed, page) => {
                let asked = self.asked(Kind::Jobs, page);
                let filters = [("statuscode", status), ("completed", completed)];
                let path = with_query(under(v, "/jobs"), &filters, &asked);
                (get(path), model(move |s, _| s.list_jobs(v.name(), status, completed, &asked)))
            }
            Op::GetJobOutput(v, id, cut) => {
                let id = self.job(id);
                let range = match cut {
                    OutputRange::All => String::new(),
                    OutputRange::Range(first, last) => format!("bytes={first}-{last}"),
                    OutputRange::Onward(first) => format!("bytes={first}-"),
                    OutputRange::RangeHeader(text) => text.to_owned(),
                };
                let request = get(under(v, &format!("/jobs/{id}/output"))).header("Range", &range);
                (request, model(move |s, _| s.get_job_output(v.name(), &id, &range)))
            }
            Op::AddTagsToVault(v, some) => {
                let tags = tags(some);
                let request = post(under(v, "/tags?operation=add")).body(json!({ "Tags": tags }).to_string());
                (request, model(move |s, _| s.add_tags_to_vault(v.name(), &tags)))
            }
            Op::RemoveTagsFromVault(v, some) => {
                let keys: Vec<_> = tags(some).into_keys().collect();
                let request = post(under(v, "/tags?operation=remove")).body(json!({ "TagKeys": keys }).to_string());
                (request, model(move |s, _| s.remove_tags_from_vault(v.name(), &keys)))
            }
            Op::ListTagsForVault(v) => (get(under(v, "/tags")), model(move |s, _| s.list_tags_for_vault(v.name()))),
            Op::SetVaultNotifications(v, topic, events) => {
                let body = document(&[("SNSTopic", json!(topic)), ("Events", json!(events))]);
                let request = put(under(v, "/notification-configuration")).body(body);
                (request, model(move |s, _| s.set_vault_notifications(v.name(), topic, events)))
            }
            Op::GetVaultNotifications(v) => {
                let path = under(v, "/notification-configuration");
                (get(path), model(move |s, _| s.get_vault_notifications(v.name())))
            }
            Op::DeleteVaultNotifications(v) => {
                let path = under(v, "/notification-configuration");
                (delete(path), model(move |s, _| s.delete_vault_notifications(v.name())))
            }
            Op::SetVaultAccessPolicy(v, set) => {
                let request = put(under(v, "/access-policy")).body(policy(set));
                (request, model(move |s, _| s.set_vault_access_policy(v.name(), set.text())))
            }
            Op::GetVaultAccessPolicy(v) => {
                (get(under(v, "/access-policy")), model(move |s, _| s.get_vault_access_policy(v.name())))
            }
            Op::DeleteVaultAccessPolicy(v) => {
                (delete(under(v, "/access-policy")), model(move |s, _| s.delete_vault_access_policy(v.name())))
            }
            Op::InitiateVaultLock(v, set) => {
                let request = post(under(v, "/lock-policy")).body(policy(set));
                (request, model(move |s, id| s.initiate_vault_lock(v.name(), set.text(), id)))
            }
            Op::GetVaultLock(v) => (get(under(v, "/lock-policy")), model(move |s, _| s.get_vault_lock(v.name()))),
            Op::AbortVaultLock(v) => {
                (delete(under(v, "/lock-policy")), model(move |s, _| s.abort_vault_lock(v.name())))
            }
            Op::CompleteVaultLock(v, id) => {
                let id = self.lock(id);
                let path = under(v, &format!("/lock-policy/{id}"));
                (post(path), model(move |s, _| s.complete_vault_lock(v.name(), &id)))
            }
            Op::SetDataRetrievalPolicy(rules) => {
                let all = rules.iter().map(|rule| json!({ "Strategy": rule.0, "BytesPerHour": rule.1 }));
                let body = json!({ "Policy": { "Rules": all.collect::<Vec<_>>() } });
                let request = Request::new("PUT", "/policies/data-retrieval").body(body.to_string());
                (request, model(move |s, _| s.set_data_retrieval_policy(rules)))
            }
            Op::GetDataRetrievalPolicy => {
                (Request::new("GET", "/policies/data-retrieval"), model(|s, _| s.get_data_retrieval_policy()))
            }
            Op::PurchaseProvisionedCapacity => {
                (Request::new("POST", "/provisioned-capacity"), model(|s, id| s.purchase_provisioned_capacity(id)))
            }
            Op::ListProvisionedCapacity => {
                (Request::new("GET", "/provisioned-capacity"), model(|s, _| s.list_provisioned_capacity()))
            }
            Op::Wait(_) => unreachable!("no call"),
        }
    }

    fn initiate_job(&self, v: V, job: Job, text: &'static str, now: &Service) -> (Request, Call) {
        let post = |fields: &[(&str, Value)]| Request::new("POST", under(v, "/jobs")).body(document(fields));
        match job {
            Job::Archive(archive, span, tier) => {
                let archive = self.archive(archive);
                let range = self.range(&archive, span, now);
                let request = post(&[
                    ("Type", json!("archive-retrieval")),
                    ("ArchiveId", json!(archive)),
                    ("RetrievalByteRange", json!(range)),
                    ("Tier", json!(tier)),
                    ("Description", json!(text)),
                ]);
                let call = move |s: &mut Service, id| {
                    s.retrieve_archive(v.name(), (&archive, range.as_deref(), tier), text, id)
                };
                (request, model(call))
            }
            Job::Inventory(format, limit, from, since, until) => {
                let created = |id: Option<Id>| id.and_then(|id| self.created(id));
                let asked = InventoryRequest {
                    format: format.to_owned(),
                    limit: limit.to_owned(),
                    marker: self.marker(Kind::Inventories, from),
                    period: (created(since), created(until)),
                };
                let parameters = document(&[
                    ("Limit", json!(limit)),
                    ("Marker", json!(asked.marker)),
                    ("StartDate", json!(asked.period.0.map(whole_seconds))),
                    ("EndDate", json!(asked.period.1.map(whole_seconds))),
                ]);
                let request = post(&[
                    ("Type", json!("inventory-retrieval")),
                    ("Format", json!(format)),
                    ("InventoryRetrievalParameters", serde_json::from_str(&parameters).unwrap()),
                    ("Description", json!(text)),
                ]);
                (request, model(move |s, id| s.retrieve_inventory(v.name(), &asked, text, id)))
            }
        }
    }

    fn range(&self, archive: &str, span: RetrievalRange, now: &Service) -> Option<String> {
        let mib = MIB as u64;
        let found = now.vaults.values().flat_map(|vault| &vault.archives).find(|candidate| candidate.id == archive);
        let length = found.map_or(1, |archive| archive.bytes.len());
        match span {
            RetrievalRange::Whole => None,
            RetrievalRange::Mib(from, to) => {
                Some(format!("{}-{}", u64::from(from) * mib, (u64::from(to) * mib).max(1) - 1))
            }
            RetrievalRange::MibOnward(from) => Some(format!("{}-{}", u64::from(from) * mib, length - 1)),
            RetrievalRange::RangeText(text) => Some(text.to_owned()),
        }
    }
}
