//! Calls: groups the attempts that an SDK makes for one call.

use std::collections::HashMap;

use crate::domain::words::Operation;

use super::request::Request;

/// One call of the code under test with all attempts that the SDK made for it. Its outcome is that of the last attempt.
#[derive(Clone, Debug)]
pub struct Call {
    first: Request,
    /// The attempts after the first.
    retries: Vec<Request>,
    number: usize,
}

impl Call {
    /// Returns the position of this call in the order in which the calls began, starting at 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Returns the operation, or `None` if the method and path match no operation.
    pub fn operation(&self) -> Option<Operation> {
        self.first.operation()
    }

    /// Returns the attempts in order. There is always at least one.
    pub fn attempts(&self) -> Attempts {
        let mut attempts = vec![self.first.clone()];
        attempts.extend(self.retries.iter().cloned());
        Attempts(attempts)
    }

    /// Returns the first attempt.
    pub fn first(&self) -> &Request {
        &self.first
    }

    /// Returns the last attempt, whose outcome the code under test received.
    pub fn last(&self) -> &Request {
        self.retries.last().unwrap_or(&self.first)
    }

    /// Returns the status of the last attempt.
    pub fn status(&self) -> Option<u16> {
        self.last().status()
    }

    /// Returns the error code of the last attempt.
    pub fn error_code(&self) -> Option<&str> {
        self.last().error_code()
    }
}

/// The attempts of one call.
#[derive(Clone, Debug)]
pub struct Attempts(Vec<Request>);

impl Attempts {
    /// Returns the status of each attempt; 0 for an attempt that was not answered.
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
/// becomes a separate call.
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
