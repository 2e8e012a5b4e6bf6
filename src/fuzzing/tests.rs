//! A few inputs for each target, so that `cargo test` compiles and runs all of them. The seeds are in `fuzz/seeds`.

use super::*;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"glacier:Del*",
"Resource":"*","Condition":{"StringLike":{"aws:UserAgent":["*${aws:username}*","cu?l"]}}}}"#;

#[test]
fn the_targets_accept_what_the_mock_answers_as_it_must() {
    for (target, inputs) in [
        (dates as fn(&[u8]), vec!["2026-02-28T23:59:60Z", "20120525T002453Z", "9999-12-31T23:59:59+00:00", "today"]),
        (ranges, vec!["0-4", "bytes=1-", "bytes=0-3", "bytes 0-4/*", "bytes 1048576-1048580/7", "bytes=5-9", "-"]),
        (markers, vec!["limit=5", "limit=1&marker=", "marker=w3", "limit=0", "completed=true&limit=2", "%ff"]),
        (policies, vec![POLICY, &format!("{POLICY}\u{1e}curl"), "{}"]),
        (signatures, vec![signatures::EXAMPLE, ""]),
        (
            parameters,
            vec![
                r#"{"Type":"archive-retrieval","ArchiveId":"ARCHIVE_ID","Tier":"Bulk"}"#,
                r#"{"Type":"inventory-retrieval","InventoryRetrievalParameters":{"Limit":"1"}}"#,
                "[]",
            ],
        ),
        (
            requests,
            vec![
                "GET /-/vaults/v/jobs/JOB_ID/output HTTP/1.1\r\nHost: a\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n\
                 HEAD / HTTP/1.1\r\nHost: a\r\n\r\nPUT /-/vaults/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /-/vaults/v/archives HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na c",
                "no request\r\n\r\n",
            ],
        ),
        #[cfg(feature = "standalone")]
        (
            control_api,
            vec![
                "GET vaults/v",
                "POST clock/advance\n{\"by\":\"1d\"}",
                "GET jobs/JOB_ID",
                "PUT vaults/%\n",
                "POST verify\n[",
            ],
        ),
        #[cfg(feature = "state")]
        (states, vec!["", "chunk a cat\nmock {}", "glacier-mock state\nformat 3\n"]),
    ] {
        inputs.iter().for_each(|input| target(input.as_bytes()));
    }
}
