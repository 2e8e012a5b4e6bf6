//! Tests that no changed or random request passes the verification of its signature.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Returns every part of a request that its signature covers, and the signature itself.
fn covered(sent: &Sent) -> Vec<Vec<u8>> {
    let line = [&sent.method, &sent.path, &sent.query].map(|part| part.clone().into_bytes());
    line.into_iter().chain(sent.headers.iter().map(|(_, value)| value.clone())).chain([sent.body.clone()]).collect()
}

/// Returns the request with these parts, or `None` if HTTP could not carry them.
fn changed(sent: &Sent, parts: Vec<Vec<u8>>) -> Option<Sent> {
    let mut parts = parts.into_iter();
    let mut text = || String::from_utf8(parts.next()?).ok();
    let (method, path, query) = (text()?, text()?, text()?);
    let headers = sent.headers.iter().map(|(name, _)| Some((name.clone(), parts.next()?))).collect::<Option<_>>()?;
    Some(Sent { method, path, query, headers, body: parts.next()? })
}

fn whole() -> Sent {
    let mut sent = example().with("x-amz-archive-description", "a cat").with("range", "bytes=0-9");
    sent.query = "limit=10&marker=abc".into();
    sent.body = br#"{"Type":"inventory-retrieval"}"#.to_vec();
    sent.signed("host;range;x-amz-archive-description;x-amz-date;x-amz-glacier-version")
}

#[test]
fn the_complete_request_is_accepted() {
    assert_eq!(whole().verify(), Ok(()));
}

/// Changes every byte: once for each bit, and to characters with a meaning at that position.
#[test]
fn any_changed_byte_is_refused() {
    let (sent, mut tried) = (whole(), 0);
    let parts = covered(&sent);
    for (n, part) in parts.iter().enumerate() {
        for at in 0..part.len() {
            let flips = (0..8).map(|bit| part[at] ^ (1 << bit));
            for byte in flips.chain(*b" ,;=/&+%.\tA0").filter(|byte| *byte != part[at]) {
                let mut parts = parts.clone();
                parts[n][at] = byte;
                let Some(spoilt) = changed(&sent, parts) else { continue };
                let verdict = spoilt.verify_at(&example_user(), "20120525T002453Z");
                assert_ne!(verdict, Some(Ok(())), "accepted: {spoilt:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 5000, "only {tried} were tried");
}

/// Random combinations of the parts of an Authorization header.
fn any_authorization() -> impl Strategy<Value = Vec<u8>> {
    let right = String::from_utf8(whole().headers.last().unwrap().1.clone()).unwrap();
    let pieces = prop_oneof![
        "[ -~]{0,12}",
        prop::sample::select(vec![
            "AWS4-HMAC-SHA256 ",
            "AWS4-",
            "Credential=",
            "SignedHeaders=",
            "Signature=",
            ", ",
            ",",
            " ",
            "/",
            "=",
            ";",
            "host",
            "AKIAIOSFODNN7EXAMPLE/20120525/us-east-1/glacier/aws4_request",
            "host;range;x-amz-archive-description;x-amz-date;x-amz-glacier-version",
            "x-amz-date",
            "0000000000000000000000000000000000000000000000000000000000000000",
            OF_EMPTY_BODY,
        ])
        .prop_map(str::to_owned),
    ];
    let composed = prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat().into_bytes());
    let cut = any::<(Index, Index)>().prop_map(move |(from, to)| {
        let (from, to) = (from.index(right.len()), to.index(right.len()));
        right[..from.min(to)].bytes().chain(right[from.max(to)..].bytes().skip(1)).collect()
    });
    prop_oneof![composed, cut, prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    /// No header makes the parser panic, and only the correct one is accepted.
    #[test]
    fn no_other_authorization_is_accepted(value in any_authorization()) {
        let mut sent = whole();
        let place = sent.headers.iter_mut().find(|(name, _)| name == "authorization").unwrap();
        // Spaces between the parameters are insignificant.
        let bare = |value: &[u8]| value.iter().copied().filter(|byte| *byte != b' ').collect::<Vec<_>>();
        prop_assume!(bare(&value) != bare(&place.1));
        place.1 = value;
        prop_assert_ne!(sent.verify_at(&example_user(), "20120525T002453Z"), Some(Ok(())), "{:?}", sent);
    }

    /// The same for requests.
    #[test]
    fn no_request_without_the_secret_is_accepted(
        method in "[A-Z]{1,8}",
        path in "/[!-~]{0,40}",
        query in "[!-~]{0,40}",
        signed in "[a-z;-]{0,60}",
        signature in "[0-9a-f]{64}",
        date in prop_oneof![Just("20120525T002453Z".to_owned()), "[0-9TZ]{0,20}", "\\PC{0,20}"],
        body in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut sent = Sent { method, path, query, body, ..example() }.with("x-amz-date", "");
        sent.headers.push(("x-amz-date".into(), date.into_bytes()));
        let names = format!("host;x-amz-date;x-amz-glacier-version;{signed}");
        let sent = sent.with("authorization", &authorization(&names, &signature));
        prop_assert_ne!(sent.verify_at(&example_user(), "20120525T002453Z"), Some(Ok(())), "{:?}", sent);
    }
}
