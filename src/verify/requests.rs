//! The recorded requests of a mock: a list that a test filters and asserts on.

use std::sync::Arc;

use crate::domain::account::Account;
use crate::domain::words::Operation;
use crate::record::{Request, calls};

use super::count::Count;
use super::explain;
use super::explain::Judged;
use super::known::StateView;
use super::slice::slice_of;
use super::style::Style;
use crate::record::{Condition, Filter, answer_filters, filters};

/// Requests in order of arrival, returned by [`GlacierMock::requests`](crate::GlacierMock::requests). Each attempt of a
/// call is a separate request.
///
/// The type dereferences to a slice, so `len()`, `iter()`, `first()` and indexing work.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
/// use glacier_mock::{GlacierMock, Operation};
///
/// let mock = GlacierMock::start();
/// mock.fault(Operation::CreateVault).throttled();
/// mock.client().create_vault().vault_name("photos").send().await?;
///
/// let requests = mock.requests();
/// assert_eq!(requests.len(), 2);
/// assert_eq!(requests[1].status(), Some(201));
/// requests.failed().assert_once();
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Requests {
    all: Vec<Request>,
    filter: Filter,
    fitting: Vec<Request>,
    dropped: usize,
    state: Arc<dyn StateView>,
}

impl Requests {
    pub(crate) fn new(all: Vec<Request>, filter: Filter, dropped: usize, state: Arc<dyn StateView>) -> Self {
        let fitting = all.iter().filter(|request| filter.fits(request)).cloned().collect();
        Requests { all, filter, fitting, dropped, state }
    }

    fn narrowed(self, condition: Condition) -> Self {
        Requests::new(self.all, self.filter.and(condition), self.dropped, self.state)
    }

    filters!(
        "mock.requests()",
        ".assert_none();",
        #[must_use = "nothing is asserted until one of the `assert_..` methods is called"]
    );

    answer_filters!(
        "mock.requests()",
        ".assert_none();",
        #[must_use = "nothing is asserted until one of the `assert_..` methods is called"]
    );

    /// Keeps only the requests of this operation.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// # use glacier_mock::{GlacierMock, Operation};
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// mock.requests().operation(Operation::DeleteVault).assert_none();
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    #[must_use = "nothing is asserted until one of the `assert_..` methods is called"]
    pub fn operation(self, operation: Operation) -> Self {
        Requests::new(self.all, self.filter.and_operation(operation), self.dropped, self.state)
    }

    /// Returns how many of the oldest requests are no longer on record. This is 0 unless
    /// [`GlacierMockBuilder::keep_requests`](crate::GlacierMockBuilder::keep_requests) limits the record.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Returns the only request. The returned value is owned and shares the data of the record.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// # use glacier_mock::{GlacierMock, Operation};
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// let request = mock.requests().only();
    /// assert_eq!(request.operation(), Some(Operation::CreateVault));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no request, or more than one.
    #[track_caller]
    pub fn only(&self) -> Request {
        self.check_count(1.into());
        self.fitting[0].clone()
    }

    /// Asserts the number of requests: an exact number, or a range.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// # use glacier_mock::GlacierMock;
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// mock.requests().vault("photos").assert_count(1..=2);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If the number of requests differs; the message shows the record and the nearest miss. Also if the expected
    /// number is negative, or the range is empty.
    #[doc(alias = "expect")]
    #[doc(alias = "verify")]
    #[track_caller]
    pub fn assert_count(&self, expected: impl Into<Count>) {
        self.check_count(expected.into());
    }

    #[track_caller]
    fn check_count(&self, expected: Count) {
        if expected.holds(self.fitting.len()) && self.dropped == 0 {
            return;
        }
        // Show each request on a separate line, not grouped by call.
        let mut each = Vec::new();
        for request in &self.all {
            each.extend(calls(std::slice::from_ref(request)));
        }
        let judged = Judged { calls: &each, after: 0, dropped: self.dropped };
        let style = Style::of_stderr();
        let found = self.fitting.len();
        let problem = explain::check_count(&self.filter, expected, found, &judged, explain::REQUESTS, style.advice);
        if let Some(problem) = problem {
            panic!("{}", problem.report(&each, &*self.state, style));
        }
    }

    /// Asserts that there is exactly one request.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// use glacier_mock::{GlacierMock, Operation};
    ///
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// mock.requests().operation(Operation::CreateVault).assert_once();
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no request, or more than one.
    #[track_caller]
    pub fn assert_once(&self) {
        self.check_count(1.into());
    }

    /// Asserts that there are no requests.
    ///
    /// ```
    /// # use glacier_mock::GlacierMock;
    /// let mock = GlacierMock::start();
    /// mock.requests().assert_none();
    /// ```
    ///
    /// # Panics
    ///
    /// If there is at least one request.
    #[track_caller]
    pub fn assert_none(&self) {
        self.check_count(Count::NONE);
    }
}

slice_of!(Requests, Request);
