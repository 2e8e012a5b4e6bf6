//! Bytes through a socket: heads, bodies, chunks, pipelines.

use super::arranged::{Arranged, settings};
use super::socket::exchange;

/// Sends the input to a mock, in two pieces, and then a good request on another connection.
pub fn requests(input: &[u8]) {
    let mock = settings().start();
    let arranged = Arranged::new(&mock);
    let input = arranged.fill_in(&arranged.retrieve(&mock), input);
    // The last byte says where the first piece ends, counted from the start and in 256ths of the input.
    let cut = input.last().map_or(0, |last| usize::from(*last) * input.len() / 256);
    let (first, second) = input.split_at(cut);
    let responses = exchange(&mock, &[first, second]);
    let final_ones = responses.iter().filter(|response| response.status >= 200);
    let (answered, refused) =
        (final_ones.clone().count(), final_ones.filter(|response| response.is_of_hyper()).count());
    responses.iter().for_each(|response| response.check_aws());
    let requests = mock.requests();
    assert!(requests.iter().all(|request| request.fault().is_none()), "{:?}", mock.transcript());
    assert!(
        refused <= 1 && answered - refused == requests.len(),
        "{answered} responses to {} requests",
        requests.len()
    );
    assert!(requests.iter().all(|request| request.status().is_some()), "{}", mock.transcript());
    let good = b"GET /-/vaults HTTP/1.1\r\nHost: glacier\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n";
    let answer = exchange(&mock, &[good]);
    assert!(answer.len() == 1 && answer[0].status == 200, "the next good request: {answer:?}");
    // What a test can ask about it afterwards.
    let _ = (mock.usage(), mock.leftovers().len(), mock.transcript().to_string());
}
