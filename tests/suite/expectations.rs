//! Assertions on calls, expectations, and waits. Snapshots of their failure messages are in `src/fixture/tests/reports.rs`.

use std::time::Duration;

use aws_sdk_glacier::Client;
use glacier_mock::{ErrorCode, GlacierMock, JobTiming, Operation, Step};

use crate::support::{
    MIB, TIMEOUT, initiate, inventory, mock_with_vault, panic_message, raw, request, retrieval, role, this_test_again,
    until, upload,
};

#[tokio::test]
async fn filters_select_calls_and_requests() {
    let (mock, glacier) = mock_with_vault().await;
    glacier.create_vault().vault_name("w").send().await.unwrap();
    let (one, two) = (upload(&glacier, "v", b"1").await, upload(&glacier, "w", b"2").await);
    let job = initiate(&glacier, "v", retrieval(&one)).await;
    glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap();
    glacier.describe_job().vault_name("v").job_id("none").send().await.unwrap_err();
    let begun = glacier.initiate_multipart_upload().vault_name("w").part_size(MIB.to_string()).send().await.unwrap();
    glacier.list_parts().vault_name("w").upload_id(begun.upload_id().unwrap()).send().await.unwrap();
    glacier.delete_archive().vault_name("w").archive_id(&two).send().await.unwrap();

    mock.calls(Operation::UploadArchive).assert_count(2);
    mock.calls(Operation::UploadArchive).vault("v").assert_count(1);
    // The filter finds the ID in a response, in the parameters of a job, and in a path.
    let about_one: Vec<_> = mock.all_calls().archive(&one).iter().map(|call| call.operation().unwrap()).collect();
    assert_eq!(about_one, [Operation::UploadArchive, Operation::InitiateJob]);
    let about_two: Vec<_> = mock.requests().archive(&two).iter().map(|request| request.operation().unwrap()).collect();
    assert_eq!(about_two, [Operation::UploadArchive, Operation::DeleteArchive]);
    mock.all_calls().job(&job).assert_count(2);
    mock.all_calls().upload(begun.upload_id().unwrap()).assert_count(2);
    mock.all_calls().failed().assert_count(1);
    mock.calls(Operation::DescribeJob).succeeded().assert_count(1);
    mock.calls(Operation::DescribeJob).with_error(ErrorCode::ResourceNotFoundException).assert_count(1);
    mock.calls(Operation::DescribeJob).with_error(ErrorCode::ThrottlingException).assert_none();
    mock.requests().with_status(201).operation(Operation::CreateVault).assert_count(2);
    mock.all_calls().region("us-east-1").account(mock.account()).assert_count(10);
    mock.all_calls().header("x-amz-part-size", MIB.to_string()).assert_count(1);
    mock.all_calls().matching(|request| request.body().is_some_and(|body| body.to_vec() == b"2")).assert_count(1);
    assert_eq!(mock.calls(Operation::CreateVault).vault("w").only().number(), 2);
    assert_eq!(mock.calls(Operation::CreateVault).first().unwrap().first().vault(), Some("v"));
}

/// Requests with the same invocation ID are attempts of one call, also if others arrive between them.
#[tokio::test]
async fn attempts_are_grouped_into_calls() {
    let mock = GlacierMock::start();
    for (id, path) in [("one", "/-/vaults/v"), ("one", "/-/vaults/v"), ("two", "/-/vaults/v")] {
        raw(&mock, &request("GET", path, &[("amz-sdk-invocation-id", id)], b""));
    }
    raw(&mock, &request("PUT", "/-/vaults/v", &[("amz-sdk-invocation-id", "three")], b""));
    raw(&mock, &request("GET", "/-/vaults/v", &[("amz-sdk-invocation-id", "two")], b""));
    let calls = mock.calls(Operation::DescribeVault);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].attempts().statuses(), [404, 404]);
    assert_eq!(calls[1].attempts().statuses(), [404, 200]);
    assert_eq!((calls[1].status(), calls[0].error_code()), (Some(200), Some(ErrorCode::ResourceNotFoundException)));
    calls.clone().succeeded().assert_count(1);
    mock.requests().assert_count(5);
    mock.calls(Operation::CreateVault).assert_no_retries();
    assert!(panic_message(|| calls.assert_no_retries()).contains("call 1 took 2 attempts: [404, 404]"));
    assert!(panic_message(|| calls.assert_all_succeeded()).contains("call 1 failed with ResourceNotFoundException"));
    mock.all_calls().vault("v").matching(|request| request.status() != Some(404)).assert_all_succeeded();
}

async fn four_parts(glacier: &Client) {
    let begun = glacier.initiate_multipart_upload().vault_name("v").part_size(MIB.to_string()).send().await.unwrap();
    let mut parts = tokio::task::JoinSet::new();
    for n in 0..4 {
        let part = glacier.upload_multipart_part().vault_name("v").upload_id(begun.upload_id().unwrap());
        let part = part.range(format!("bytes {}-{}/*", n * MIB, n * MIB)).body(vec![7].into());
        parts.spawn(part.send());
    }
    assert!(parts.join_all().await.iter().all(Result::is_ok));
    glacier.list_parts().vault_name("v").upload_id(begun.upload_id().unwrap()).send().await.unwrap();
    glacier.list_vaults().send().await.unwrap();
}

#[tokio::test]
async fn sequences_support_repetition_and_any_order() {
    let (mock, glacier) = mock_with_vault().await;
    four_parts(&glacier).await;
    mock.assert_sequence([
        Step::from(Operation::CreateVault),
        Operation::InitiateMultipartUpload.into(),
        Step::times(Operation::UploadMultipartPart, 4),
        Step::any_order([Operation::ListVaults, Operation::ListParts]),
    ]);
    // A step with a range matches as many calls as possible, and leaves those that later steps need.
    mock.assert_sequence([
        Step::from(Operation::CreateVault),
        Step::times(Operation::InitiateMultipartUpload, ..=3),
        Step::times(Operation::UploadMultipartPart, 1..),
        Step::from(Operation::UploadMultipartPart),
        Step::any_order([Operation::ListParts, Operation::ListVaults]),
        Step::times(Operation::DeleteVault, 0..),
    ]);
    mock.assert_in_order([Operation::CreateVault, Operation::UploadMultipartPart, Operation::ListVaults]);
    mock.assert_in_order([Step::times(Operation::UploadMultipartPart, 4), Operation::ListVaults.into()]);
    assert!(
        panic_message(|| mock.assert_in_order([Step::times(Operation::UploadMultipartPart, 5)]))
            .contains("never called")
    );
    assert!(
        panic_message(|| mock.assert_in_order([Operation::ListVaults, Operation::ListParts])).contains("after call 8")
    );
    let three = [
        Step::from(Operation::CreateVault),
        Operation::InitiateMultipartUpload.into(),
        Step::times(Operation::UploadMultipartPart, 3),
    ];
    assert!(
        panic_message(|| mock.assert_sequence(three))
            .starts_with("expected 5 calls, but there was another: UploadMultipartPart")
    );
    let five = [
        Step::from(Operation::CreateVault),
        Operation::InitiateMultipartUpload.into(),
        Step::times(Operation::UploadMultipartPart, 5),
    ];
    assert!(
        panic_message(|| mock.assert_sequence(five))
            .starts_with("expected call 7 to be UploadMultipartPart (exactly 5 times), but it was ListParts")
    );
}

/// A report on selected calls shows the whole record, and marks the call by its place there.
#[tokio::test]
async fn a_sequence_of_selected_calls_ignores_the_others() {
    let (mock, glacier) = mock_with_vault().await;
    glacier.list_vaults().send().await.unwrap();
    for name in ["w", "v"] {
        glacier.create_vault().vault_name(name).send().await.unwrap();
    }
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    let about_v = mock.all_calls().vault("v");
    about_v.assert_sequence([Step::times(Operation::CreateVault, 2), Step::once(Operation::DeleteVault)]);
    let expected = vec![Operation::CreateVault, Operation::CreateVault, Operation::DeleteVault];
    about_v.assert_sequence(&expected);
    about_v.assert_in_order(&expected);
    about_v.assert_in_order([Operation::CreateVault, Operation::DeleteVault]);

    let text = panic_message(|| about_v.assert_sequence([Operation::CreateVault, Operation::DeleteVault]));
    let headline = "among the calls of any operation with vault \"v\", expected call 2 to be DeleteVault, but it was \
                    CreateVault\n  call 2 among these is call 4 of the record\n";
    assert!(text.starts_with(headline), "{text}");
    assert!(text.contains("4  CreateVault  v  201          <- here"), "{text}");
    let text = panic_message(|| about_v.assert_sequence([Operation::CreateVault]));
    assert!(text.contains("expected 1 call, but there was another: CreateVault\n  call 2 among these"), "{text}");
    let text = panic_message(|| about_v.assert_in_order([Operation::CreateVault, Operation::ListVaults]));
    let headline = "among the calls of any operation with vault \"v\", expected ListVaults after call 1 (step 2 of 2)";
    assert!(text.starts_with(headline), "{text}");
    assert!(!text.contains("among these is"), "{text}");
}

#[tokio::test]
async fn calls_and_requests_are_asserted_to_be_one_and_selected_by_operation() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).throttled();
    mock.client().create_vault().vault_name("v").send().await.unwrap();
    mock.client().list_vaults().send().await.unwrap();
    mock.calls(Operation::CreateVault).assert_once();
    mock.all_calls().operation(Operation::CreateVault).vault("v").assert_once();
    mock.all_calls().operation(Operation::CreateVault).operation(Operation::ListVaults).assert_none();
    mock.requests().operation(Operation::ListVaults).assert_once();
    mock.requests().succeeded().vault("v").assert_once();
    let text = panic_message(|| mock.all_calls().operation(Operation::DeleteVault).assert_once());
    assert!(text.starts_with("expected exactly 1 call of DeleteVault, but there were 0\n"), "{text}");
    let text = panic_message(|| mock.requests().operation(Operation::CreateVault).assert_once());
    assert!(text.starts_with("expected exactly 1 request of CreateVault, but there were 2\n"), "{text}");
}

#[tokio::test]
async fn expectations_are_checked_on_drop() {
    let (mock, glacier) = mock_with_vault().await;
    mock.expect(Operation::DeleteArchive).never();
    mock.expect(Operation::UploadArchive).vault("v").times(1..=2);
    mock.expect(Operation::ListVaults).at_least(1);
    glacier.list_vaults().send().await.unwrap();
    let line = line!() + 1;
    mock.expect(Operation::DescribeVault).named("the check").once();
    let text = panic_message(|| drop(mock));
    assert!(text.starts_with(concat!("declared at ", file!(), ":")), "{text}");
    assert!(text.contains("expected 1 to 2 calls of UploadArchive with vault \"v\", but there were 0"), "{text}");
    assert!(text.contains(&format!("the check: declared at {}:{line}:", file!())), "{text}");
    assert!(!text.contains("DeleteArchive") && !text.contains("at least"), "{text}");
}

#[tokio::test]
async fn a_met_expectation_is_verified_once() {
    let (mock, glacier) = mock_with_vault().await;
    mock.expect(Operation::ListVaults).once();
    glacier.list_vaults().send().await.unwrap();
    mock.verify();
    // An expectation that was verified no longer counts calls.
    glacier.list_vaults().send().await.unwrap();
    mock.verify();
    mock.expect(Operation::DeleteVault).once();
    assert!(panic_message(|| mock.verify()).contains("expected exactly 1 call of DeleteVault, but there were 0"));
}

/// A test that returns the error prints its `Debug` output, which is therefore the report.
#[test]
fn verification_can_return_an_error() {
    let declare = |mock: &GlacierMock| mock.expect(Operation::CreateVault).vault("v").named("the vault").once();
    let mock = GlacierMock::start();
    assert_eq!(mock.try_verify(), Ok(()));
    declare(&mock);
    let error = mock.try_verify().unwrap_err();
    assert_eq!(mock.try_verify(), Ok(()));
    declare(&mock);
    let panic = panic_message(|| mock.verify());
    assert!(panic.contains("expected exactly 1 call of CreateVault with vault \"v\", but there were 0"), "{panic}");
    assert_eq!((error.to_string(), format!("{error:?}")), (panic.clone(), panic));
    let _: Box<dyn std::error::Error + Send + Sync> = error.into();
}

/// A second panic would abort the whole test binary.
#[test]
fn verification_does_not_panic_in_a_panicking_test() {
    let text = panic_message(|| {
        let mock = GlacierMock::start();
        mock.expect(Operation::CreateVault).once();
        panic!("{}", "the test's own failure".to_owned());
    });
    assert_eq!(text, "the test's own failure");
}

#[tokio::test]
async fn a_strict_mock_reports_unexpected_calls() {
    let mock = GlacierMock::builder().strict(true).start();
    mock.expect(Operation::CreateVault).once();
    mock.client().create_vault().vault_name("v").send().await.unwrap();
    mock.verify();
    mock.expect(Operation::CreateVault).once();
    mock.client().list_vaults().send().await.unwrap();
    assert!(panic_message(|| mock.verify()).contains("unexpected call 2: ListVaults (the mock is strict)"));
    // Dropping verifies again, but each call is judged once.
    mock.client().describe_vault().vault_name("v").send().await.unwrap();
    assert!(panic_message(|| drop(mock)).contains("unexpected call 3: DescribeVault"));
}

#[test]
fn verification_waits_for_requests_in_flight() {
    use std::io::{Read as _, Write as _};
    let mock = GlacierMock::start();
    mock.expect(Operation::CreateVault).with_status(201).once();
    let whole = request("PUT", "/-/vaults/v", &[], b"a body that arrives slowly");
    let (head, rest) = whole.split_at(whole.len() - 5);
    let mut stream = std::net::TcpStream::connect(mock.address()).unwrap();
    stream.write_all(head).unwrap();
    // The request is on record as soon as its head has arrived.
    while mock.requests().is_empty() {
        std::thread::yield_now();
    }
    std::thread::scope(|scope| {
        scope.spawn(|| mock.verify());
        stream.write_all(rest).unwrap();
        let _ = stream.read(&mut [0; 1024]).unwrap();
    });
}

#[test]
fn a_verification_that_fails_names_the_requests_that_have_not_ended() {
    use std::io::Write as _;
    let mock = GlacierMock::start();
    mock.expect(Operation::DeleteVault).once();
    raw(&mock, &request("GET", "/-/vaults", &[], b""));
    let mut stream = std::net::TcpStream::connect(mock.address()).unwrap();
    let whole = request("PUT", "/-/vaults/v", &[], b"never all of it");
    stream.write_all(&whole[..whole.len() - 5]).unwrap();
    until("the head has arrived", || mock.requests().len() == 2);
    let report = mock.try_verify().unwrap_err().to_string();
    let (_, open) = report.split_once("some requests were still in progress after 5 seconds\n").expect(&report);
    assert!(open.starts_with("  2  CreateVault  v ") && !open.contains("ListVaults"), "{report}");
}

#[tokio::test]
async fn a_test_can_wait_for_calls() {
    let (mock, glacier) = mock_with_vault().await;
    let code = tokio::spawn(async move {
        for name in ["a", "b", "c"] {
            glacier.create_vault().vault_name(name).send().await.unwrap();
        }
        glacier.list_vaults().send().await.unwrap();
    });
    let created = mock.wait_for(Operation::CreateVault).at_least(4).within(TIMEOUT).await;
    assert!(created.len() >= 4 && created.iter().all(|call| call.status() == Some(201)));
    let third = mock.wait_for(Operation::CreateVault).vault("b").within(TIMEOUT).await;
    assert_eq!(third.only().number(), 3);
    code.await.unwrap();
    let listed = mock.wait_for(Operation::ListVaults).within(TIMEOUT).blocking();
    listed.assert_count(1);
}

/// The timeout is in wall time. In paused time it would end at once.
#[tokio::test(start_paused = true)]
async fn waiting_works_under_paused_time() {
    let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).start();
    let glacier = mock.client();
    let code = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        glacier.create_vault().vault_name("v").send().await.unwrap();
        initiate(&glacier, "v", inventory()).await;
    });
    mock.wait_for(Operation::InitiateJob).within(TIMEOUT).await.assert_count(1);
    code.await.unwrap();
    let wait =
        tokio::spawn(async move { mock.wait_for(Operation::DeleteVault).within(Duration::from_millis(10)).await });
    let panic = wait.await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().unwrap();
    // The location of a panic in an async function is not that of the caller, so the message names the caller.
    let (place, rest) = text.split_once('\n').unwrap();
    assert!(place.starts_with(concat!("waited for at ", file!(), ":")), "{text}");
    assert!(
        rest.starts_with("timed out after 10ms: expected at least 1 call of DeleteVault, but there were 0"),
        "{text}"
    );
    assert!(text.contains("2  InitiateJob"), "{text}");
}

/// 64 concurrent tasks lose no record, the record has the order of arrival, and counts are exact.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_record_is_lost_under_load() {
    let (mock, glacier) = mock_with_vault().await;
    mock.expect(Operation::UploadArchive).times(640);
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..64 {
        let glacier = glacier.clone();
        tasks.spawn(async move {
            for n in 0..10 {
                upload(&glacier, "v", format!("{task} {n}").as_bytes()).await;
            }
        });
    }
    tasks.join_all().await;
    let uploads = mock.calls(Operation::UploadArchive);
    uploads.assert_count(640);
    uploads.assert_no_retries();
    uploads.assert_all_succeeded();
    let requests = mock.requests();
    assert!(requests.iter().enumerate().all(|(n, request)| request.number() == n + 1));
    assert!(requests.windows(2).all(|pair| pair[0].service_time() <= pair[1].service_time()));
    // The uploads of each task are on record in the order of the task, each once.
    let mut bodies: Vec<String> =
        requests.iter().skip(1).map(|request| String::from_utf8(request.body().unwrap().to_vec()).unwrap()).collect();
    for task in 0..64 {
        let own: Vec<_> = bodies.iter().filter(|body| body.starts_with(&format!("{task} "))).collect();
        assert!(own.iter().enumerate().all(|(n, body)| **body == format!("{task} {n}")), "{own:?}");
    }
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 640);
}

#[tokio::test]
async fn the_record_can_be_bounded() {
    let mock = GlacierMock::builder().keep_requests(2).keep_body_bytes(4).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    upload(&glacier, "v", b"123").await;
    let archive = upload(&glacier, "v", b"12345678").await;
    let requests = mock.requests();
    assert_eq!((requests.len(), requests.dropped(), requests[0].number()), (2, 1, 2));
    let (small, large) = (requests[0].body().unwrap(), requests[1].body().unwrap());
    assert_eq!((small.to_vec(), small.dropped()), (b"123".to_vec(), 0));
    assert_eq!((large.to_vec(), large.dropped(), large.len()), (b"1234".to_vec(), 4, 8));
    assert_eq!(format!("{large:?}"), "Body(8 bytes, 4 of them dropped)");
    assert!(
        panic_message(|| mock.calls(Operation::UploadArchive).assert_none()).contains("(4 bytes of the body dropped)")
    );
    // The service itself stores the whole body.
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    assert_eq!(crate::support::output(&glacier, "v", &job).await, b"12345678");
    let none = GlacierMock::builder().keep_body_bytes(0).start();
    raw(&none, &request("PUT", "/-/vaults/v", &[], b"body"));
    assert_eq!(none.requests()[0].body().unwrap().dropped(), 4);
}

/// The child process is a test that sends requests. The parent reads what it wrote to standard error.
#[test]
fn the_log_has_a_line_for_each_request() {
    if role().is_some() {
        let mock = GlacierMock::start();
        raw(&mock, &request("PUT", "/-/vaults/photos", &[], b""));
        raw(&mock, &request("GET", "/-/vaults/none", &[], b""));
        return;
    }
    let child = |log: &str| {
        let output = this_test_again("expectations::the_log_has_a_line_for_each_request", "caller", |command| {
            command.env("GLACIER_MOCK_LOG", log);
        });
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let lines = child("1");
    assert!(lines.contains("     1  CreateVault  photos  201\n"), "{lines}");
    assert!(lines.contains("     2  DescribeVault  none  404  ResourceNotFoundException: "), "{lines}");
    assert!(!child("0").contains("glacier-mock"));
}
