//! Compares the table of operations and the responses of the mock with the service model from which the AWS SDKs are
//! generated.

mod caller;
mod check;
mod model;
mod scenes;

use std::collections::BTreeSet;
use std::fmt::Debug;

use glacier_mock::Operation::{self, *};
use glacier_mock::{ErrorCode, GlacierMock};

use crate::support::{RawResponse, raw, request};

use self::caller::Caller;
use self::check::compare;
use self::model::{FRONT_END, MALFORMED, OPTIONAL, STATUSES, Seen, UNDECLARED, WITHDRAWN};

pub(crate) use self::model::Model;

/// The method, path and status of each operation are equal.
#[test]
fn the_table_of_operations_equals_the_model() {
    let Some(model) = Model::installed("the table of operations against the service model") else { return };
    let ours =
        Operation::ALL.iter().map(|it| (it.as_str(), it.method(), it.path().to_owned(), it.success_status().into()));
    let theirs = model.operations().iter().map(|(name, operation)| {
        let [method, uri] = ["method", "requestUri"].map(|key| operation["http"][key].as_str().unwrap());
        let path = uri.replace("{accountId}", "{account}").replace("{vaultName}", "{vault}");
        let path = path.replace("{archiveId}", "{archive}").replace("{uploadId}", "{upload}");
        let path = path.replace("{jobId}", "{job}").replace("{lockId}", "{lock}");
        (name.as_str(), method, path, operation["http"]["responseCode"].as_u64().unwrap_or(200))
    });
    assert_eq!(Operation::ALL.len(), 33);
    assert_same(&ours.collect(), &theirs.collect());
}

/// The only exception is InsufficientCapacityException, for which the guide contradicts the model.
#[test]
fn error_codes_have_the_statuses_of_the_model() {
    let Some(model) = Model::installed("the codes of errors against the service model") else { return };
    for (code, shape) in model.exceptions() {
        let ours = ErrorCode::ALL.iter().find(|ours| ours.as_str() == code).map(|ours| ours.status());
        // The mock follows the guide (observed.md 1.a).
        let theirs = if code == "InsufficientCapacityException" {
            503
        } else {
            shape["error"]["httpStatusCode"].as_u64().unwrap()
        };
        assert_eq!(ours.map(u64::from), Some(theirs), "{code}");
    }
    for &(code, status) in STATUSES {
        assert!(ErrorCode::ALL.iter().any(|ours| (ours.as_str(), ours.status()) == (code, status)), "{code}");
    }
}

/// Covers every operation, every nullable member with and without a value, and every error.
#[test]
fn every_answer_conforms_to_the_model() {
    let Some(model) = Model::installed("the answers of all operations against the service model") else { return };
    let mut seen = Seen::default();
    let scenes = [
        scenes::front_end,
        scenes::missing_vault,
        scenes::vaults,
        scenes::archives,
        scenes::uploads,
        scenes::jobs,
        scenes::settings,
        scenes::locks,
        scenes::retrieval_limits,
    ];
    for scene in scenes {
        let mut caller = Caller::new(&model);
        scene(&mut caller);
        seen.add(caller.seen);
    }
    let mut caller = Caller::of(&model, GlacierMock::builder().no_longer_supported(true).start());
    scenes::new_customer(&mut caller);
    seen.add(caller.seen);
    assert_complete(&model, &seen);
}

/// Asserts that the responses covered every rule and every exception of the comparison.
fn assert_complete(model: &Model, seen: &Seen) {
    let all: BTreeSet<_> = Operation::ALL.iter().copied().collect();
    assert_same(&seen.successes, &all);
    assert_same(&seen.with_value, &model.output_members());
    assert_same(&seen.without, &OPTIONAL.iter().map(|(path, _)| (*path).to_owned()).collect());
    let every = |code: &str| all.iter().map(|operation| (*operation, code.to_owned())).collect::<BTreeSet<_>>();
    assert_same(&seen.front_end, &FRONT_END.iter().flat_map(|(code, _)| every(code)).collect());
    for (operation, code, source) in UNDECLARED {
        assert!(
            seen.refusals.contains(&(*operation, (*code).to_owned())),
            "{operation} was never answered {code}: {source}"
        );
    }
    for operation in all.iter().filter(|operation| model.takes_document(**operation)) {
        assert!(
            seen.refusals.contains(&(*operation, MALFORMED.to_owned())),
            "{operation} was never answered {MALFORMED}"
        );
    }
    for (path, source) in WITHDRAWN {
        let (shape, member) = path.split_once('.').unwrap();
        assert!(model.members(shape).any(|(name, _)| name == member), "the model no longer has {path}: {source}");
    }
}

/// Each case changes a correct response and expects the check to report the difference.
#[test]
fn the_check_detects_every_kind_of_difference() {
    let Some(model) = Model::installed("the check against the service model") else { return };
    let mock = GlacierMock::start();
    let ask = |operation: Operation, vault: &str| {
        let path = operation.path().replace("{account}", "-").replace("{vault}", vault);
        raw(&mock, &request(operation.method(), &path, &[], b""))
    };
    ask(CreateVault, "v");
    type Change = fn(&mut RawResponse);
    let cases: &[(Operation, &str, Change, &str)] = &[
        (DescribeVault, "v", |it| it.status = 201, "the status is 201, not 200"),
        (DescribeVault, "v", |it| put(it, "VaultName", "vaultName"), "Output.VaultName is missing"),
        (DescribeVault, "v", |it| put(it, "VaultName", "vaultName"), "Output has no vaultName"),
        (DescribeVault, "v", |it| put(it, r#":"v"}"#, ":5}"), "Output.VaultName is 5, not a string"),
        (DescribeVault, "v", |it| put(it, r#":"v"}"#, ":null}"), "Output.VaultName is null"),
        (DescribeVault, "v", |it| put(it, r#"Bytes":0"#, r#"Bytes":"0""#), r#"SizeInBytes is "0", not a long"#),
        (DescribeVault, "v", |it| put(it, r#"Bytes":0"#, r#"Bytes":0.5"#), "SizeInBytes is 0.5, not a long"),
        (DescribeVault, "v", |it| put(it, "{", "{ "), "the body is not compact and sorted"),
        (DescribeVault, "v", |it| put(it, "}", ""), "the body is not JSON"),
        (DescribeVault, "v", |it| put(it, "}", "} "), "content-length is "),
        (DescribeVault, "v", |it| take(it, "date"), "date is None"),
        (DescribeVault, "v", |it| take(it, "x-amzn-requestid"), "x-amzn-requestid is None"),
        (DescribeVault, "v", |it| take(it, "content-type"), "the content type is None"),
        (DescribeVault, "v", |it| add(it, "x-amz-vault"), "header x-amz-vault is not in the model"),
        (DescribeVault, "v", |it| add(it, "Date"), "header Date is there 2 times"),
        (ListVaults, "", |it| put(it, "[{", "[5,{"), "ListVaultsOutput.VaultList is 5, not a structure"),
        (ListVaults, "", |it| put(it, "VaultName", "Name"), "DescribeVaultOutput has no Name"),
        (ListTagsForVault, "v", |it| put(it, "{}", r#"{"k":1}"#), "Tags is 1, not a string"),
        (CreateVault, "v", |it| take(it, "location"), "CreateVaultOutput.location is missing"),
        (CreateVault, "v", |it| take(it, "content-type"), "the content type is None"),
        (CreateVault, "v", |it| it.body.clear(), r#"the body is "", not "{}""#),
        (DeleteVault, "none", |it| add(it, "content-type"), "header content-type is not in the model"),
        (DeleteVault, "none", |it| it.body = b"{}".to_vec(), r#"the body is "{}", not """#),
        (DeleteVault, "none", |it| it.status = 200, "the status is 200, not 204"),
        (DescribeVault, "none", |it| it.status = 400, r#"of "ResourceNotFoundException" is 400, not Some(404)"#),
        (DescribeVault, "none", |it| put(it, "Client", "Server"), r#"at 404 is "Server", not "Client""#),
        (DescribeVault, "none", |it| put(it, "}", r#","x":1}"#), r#"the keys are ["code", "message", "type", "x"]"#),
        (DescribeVault, "none", |it| put(it, "message", "Message"), "there is no message"),
        (DescribeVault, "none", |it| put(it, ",", ", "), "the body is not compact"),
        (DescribeVault, "none", |it| put(it, "ResourceN", "VaultN"), r#""VaultNotFoundException" is not for"#),
        (DescribeVault, "none", |it| put(it, "ResourceNotFound", "LimitExceeded"), r#"Exception" is not for"#),
        (DescribeVault, "none", |it| add(it, "x-amzn-errortype"), "header x-amzn-errortype is not in the model"),
    ];
    for (operation, vault, change, expected) in cases {
        let mut answer = ask(*operation, vault);
        assert_eq!(compare(&model, *operation, &answer).1, [""; 0]);
        change(&mut answer);
        let problems = compare(&model, *operation, &answer).1;
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected:?} is not among {problems:?}");
    }
}

#[track_caller]
fn assert_same<T: Ord + Debug>(ours: &BTreeSet<T>, theirs: &BTreeSet<T>) {
    let (more, less): (Vec<_>, Vec<_>) = (ours.difference(theirs).collect(), theirs.difference(ours).collect());
    assert!(more.is_empty() && less.is_empty(), "unexpected: {more:?}\nmissing: {less:?}");
}

fn put(answer: &mut RawResponse, from: &str, to: &str) {
    assert!(answer.text().contains(from), "{}", answer.text());
    answer.body = answer.text().replace(from, to).into_bytes();
}

fn take(answer: &mut RawResponse, header: &str) {
    answer.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(header));
}

fn add(answer: &mut RawResponse, header: &str) {
    answer.headers.push((header.to_owned(), "x".to_owned()));
}
