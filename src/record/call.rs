//! Calls: the attempts that one call of an SDK made, told apart from calls that look alike.

use std::collections::HashMap;

use super::request::Request;

/// One call of the code under test: its attempts, of which there is at least one.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) attempts: Vec<Request>,
}

impl Call {
    pub(crate) fn first(&self) -> &Request {
        &self.attempts[0]
    }
}

/// Groups requests by `amz-sdk-invocation-id`, in the order in which the calls began. A request without that header
/// is a call of its own.
pub(crate) fn calls(requests: &[Request]) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for request in requests {
        let id = request.invocation_id();
        match id.and_then(|id| known.get(id)) {
            Some(&call) => calls[call].attempts.push(request.clone()),
            None => {
                if let Some(id) = id {
                    known.insert(id, calls.len());
                }
                calls.push(Call { attempts: vec![request.clone()] });
            }
        }
    }
    calls
}
