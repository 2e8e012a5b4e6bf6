//! The recorded calls of a mock: a list that a test filters and asserts on.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::account::{Account, AccountRegion};
use crate::domain::words::Operation;
use crate::record::{Call, Request};

use super::count::Count;
use super::known::StateView;
use super::sequence::Step;
use super::slice::slice_of;
use super::style::Style;
use crate::record::{Condition, Filter, answer_filters, filters};

/// Calls of the code under test, in the order in which they began, returned by
/// [`GlacierMock::calls`](crate::GlacierMock::calls). All attempts of one SDK call count as one call. Filters and
/// assertions examine the last attempt of a call.
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
/// let glacier = mock.client();
/// glacier.create_vault().vault_name("photos").send().await?;
/// glacier.create_vault().vault_name("films").send().await?;
///
/// let created = mock.calls(Operation::CreateVault);
/// assert_eq!(created.len(), 2);
/// created.assert_all_succeeded();
/// assert_eq!(created[0].attempts().statuses(), [400, 201]);
/// created.vault("films").assert_once();
/// mock.all_calls().failed().assert_none();
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Calls {
    pub(super) all: Vec<Call>,
    pub(super) filter: Filter,
    pub(super) fitting: Vec<Call>,
    /// The number of older requests that are no longer on record.
    pub(super) dropped: usize,
    pub(super) state: Arc<dyn StateView>,
}

impl Calls {
    /// Selects from all calls on record. `dropped` is the number of older requests that are no longer on record.
    pub(crate) fn new((all, dropped): (Vec<Call>, usize), filter: Filter, state: Arc<dyn StateView>) -> Self {
        let fitting = all.iter().filter(|call| filter.fits(call.last())).cloned().collect();
        Calls { all, filter, fitting, dropped, state }
    }

    fn narrowed(self, condition: Condition) -> Self {
        Calls::new((self.all, self.dropped), self.filter.and(condition), self.state)
    }

    filters!(
        "mock.calls(Operation::UploadArchive)",
        ".assert_none();",
        #[must_use = "nothing is asserted until one of the `assert_..` methods is called"]
    );

    answer_filters!(
        "mock.calls(Operation::UploadArchive)",
        ".assert_none();",
        #[must_use = "nothing is asserted until one of the `assert_..` methods is called"]
    );

    /// Keeps only the calls of this operation.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// use glacier_mock::{GlacierMock, Operation};
    ///
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    ///
    /// let photos = mock.all_calls().vault("photos");
    /// photos.clone().operation(Operation::CreateVault).assert_once();
    /// photos.operation(Operation::DeleteVault).assert_none();
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    #[must_use = "nothing is asserted until one of the `assert_..` methods is called"]
    pub fn operation(self, operation: Operation) -> Self {
        Calls::new((self.all, self.dropped), self.filter.and_operation(operation), self.state)
    }

    /// Returns the only call. The returned value is owned and shares the data of the record.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// # use glacier_mock::{GlacierMock, Operation};
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// let call = mock.calls(Operation::CreateVault).only();
    /// assert_eq!((call.vault(), call.status()), (Some("photos"), Some(201)));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no call, or more than one.
    #[track_caller]
    pub fn only(&self) -> Call {
        self.assert_count(1);
        self.fitting[0].clone()
    }

    /// Asserts the number of calls: an exact number, or a range.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// # use glacier_mock::{GlacierMock, Operation};
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// mock.calls(Operation::CreateVault).assert_count(1);
    /// mock.calls(Operation::CreateVault).assert_count(1..=3);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If the number of calls differs; the message shows the record and the nearest miss. Also if the expected number
    /// is negative, or the range is empty.
    #[doc(alias = "expect")]
    #[doc(alias = "verify")]
    #[track_caller]
    pub fn assert_count(&self, expected: impl Into<Count>) {
        passes(self.check_count(expected.into(), Style::of_stderr()));
    }

    /// Asserts that there is exactly one call.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// use glacier_mock::{GlacierMock, Operation};
    ///
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// mock.calls(Operation::CreateVault).vault("photos").assert_once();
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no call, or more than one.
    #[doc(alias = "verify")]
    #[track_caller]
    pub fn assert_once(&self) {
        self.assert_count(1);
    }

    /// Panics for a wait that timed out before there were `least` calls.
    #[track_caller]
    pub(crate) fn timed_out(&self, timeout: Duration, least: usize, asked: &Location<'_>) -> ! {
        let report = self.too_few(least, Style::of_stderr());
        panic!("waited for at {asked}\ntimed out after {timeout:?}: {report}")
    }

    /// Asserts that there are no calls.
    ///
    /// ```
    /// # use glacier_mock::{GlacierMock, Operation};
    /// let mock = GlacierMock::start();
    /// mock.calls(Operation::DeleteArchive).assert_none();
    /// ```
    ///
    /// # Panics
    ///
    /// If there is at least one call.
    #[doc(alias = "never")]
    #[track_caller]
    pub fn assert_none(&self) {
        self.assert_count(Count::NONE);
    }

    /// Asserts that these are exactly the expected calls, in this order. A step is an [`Operation`] or a [`Step`],
    /// which also describes repetitions and groups in any order.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// use glacier_mock::{GlacierMock, Operation, Step};
    ///
    /// let mock = GlacierMock::start();
    /// let glacier = mock.client();
    /// glacier.create_vault().vault_name("photos").send().await?;
    /// glacier.create_vault().vault_name("films").send().await?;
    /// glacier.delete_vault().vault_name("photos").send().await?;
    ///
    /// mock.all_calls().vault("photos").assert_sequence([Operation::CreateVault, Operation::DeleteVault]);
    /// mock.all_calls().assert_sequence([Step::times(Operation::CreateVault, 2), Step::once(Operation::DeleteVault)]);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If the calls differ. The message shows the record and the first call that differs.
    #[doc(alias = "order")]
    #[doc(alias = "verify")]
    #[track_caller]
    pub fn assert_sequence<S: Into<Step>>(&self, expected: impl IntoIterator<Item = S>) {
        let steps: Vec<Step> = expected.into_iter().map(Into::into).collect();
        passes(self.check_sequence(&steps, Style::of_stderr()));
    }

    /// Asserts that the expected calls are among these, in this order. Other calls may come between them. A step is an
    /// [`Operation`] or a [`Step`].
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// use glacier_mock::{GlacierMock, Operation};
    ///
    /// let mock = GlacierMock::start();
    /// let glacier = mock.client();
    /// glacier.create_vault().vault_name("photos").send().await?;
    /// glacier.describe_vault().vault_name("photos").send().await?;
    /// glacier.delete_vault().vault_name("photos").send().await?;
    ///
    /// let calls = mock.all_calls().vault("photos");
    /// calls.assert_in_order([Operation::CreateVault, Operation::DeleteVault]);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If the calls were not made in this order. The message shows the record and the last call that was in order.
    #[track_caller]
    pub fn assert_in_order<S: Into<Step>>(&self, expected: impl IntoIterator<Item = S>) {
        let steps: Vec<Step> = expected.into_iter().map(Into::into).collect();
        passes(self.check_in_order(&steps, Style::of_stderr()));
    }

    /// Returns all calls of the record, without the filter.
    pub(super) fn recorded(&self) -> &[Call] {
        &self.all
    }

    /// Returns the account and region of the mock's own client.
    pub(super) fn own_place(&self) -> AccountRegion {
        self.state.known().own
    }

    /// Asserts that each call succeeded, after any number of attempts. A call whose response was cut off in its body
    /// counts as a success, because its status was sent.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// # use glacier_mock::GlacierMock;
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// mock.all_calls().vault("photos").assert_all_succeeded();
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If a call was refused or not answered.
    #[track_caller]
    pub fn assert_all_succeeded(&self) {
        passes(self.check_all_succeeded(Style::of_stderr()));
    }

    /// Asserts that no call took more than one attempt.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// # use glacier_mock::GlacierMock;
    /// let mock = GlacierMock::start();
    /// mock.client().create_vault().vault_name("photos").send().await?;
    /// mock.all_calls().assert_no_retries();
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Panics
    ///
    /// If a call took more than one attempt.
    #[doc(alias = "backoff")]
    #[doc(alias = "retry")]
    #[track_caller]
    pub fn assert_no_retries(&self) {
        passes(self.check_no_retries(Style::of_stderr()));
    }
}

slice_of!(Calls, Call);

/// Panics with the report of a check that does not hold.
#[track_caller]
fn passes(checked: Result<(), String>) {
    if let Err(report) = checked {
        panic!("{report}");
    }
}
