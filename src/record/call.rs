//! Calls: the attempts that one call of an SDK made, told apart from calls that look alike.

use std::collections::HashMap;

use crate::domain::words::Operation;

use super::request::Request;

/// One call of the code under test, with all the attempts that its SDK made for it. It is judged by the last.
#[derive(Clone, Debug)]
pub struct Call {
    first: Request,
    /// After the first.
    retries: Vec<Request>,
    number: usize,
}

impl Call {
    /// Its place in the order in which the calls began, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The operation, or `None` if the method and path are those of no operation.
    pub fn operation(&self) -> Option<Operation> {
        self.first.operation()
    }

    /// The attempts, in order; there is at least one.
    pub fn attempts(&self) -> Attempts {
        let mut attempts = vec![self.first.clone()];
        attempts.extend(self.retries.iter().cloned());
        Attempts(attempts)
    }

    /// The first attempt.
    pub fn first(&self) -> &Request {
        &self.first
    }

    /// The last attempt, by whose outcome the code under test went on.
    pub fn last(&self) -> &Request {
        self.retries.last().unwrap_or(&self.first)
    }

    /// The status of the last attempt.
    pub fn status(&self) -> Option<u16> {
        self.last().status()
    }

    /// The error code of the last attempt.
    pub fn error_code(&self) -> Option<&str> {
        self.last().error_code()
    }
}

/// The attempts of one call.
#[derive(Clone, Debug)]
pub struct Attempts(Vec<Request>);

impl Attempts {
    /// The status of each; 0 for one that was not answered.
    pub fn statuses(&self) -> Vec<u16> {
        self.0.iter().map(|attempt| attempt.status().unwrap_or_default()).collect()
    }
}

impl std::ops::Deref for Attempts {
    type Target = [Request];

    fn deref(&self) -> &[Request] {
        &self.0
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
            Some(&call) => calls[call].retries.push(request.clone()),
            None => {
                if let Some(id) = id {
                    known.insert(id, calls.len());
                }
                let number = calls.len() + 1;
                calls.push(Call { first: request.clone(), retries: Vec::new(), number });
            }
        }
    }
    calls
}
