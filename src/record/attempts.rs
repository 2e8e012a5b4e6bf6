//! The attempts of one call, and their statuses as a value that a test compares with a list of numbers.

use std::fmt;
use std::ops::Deref;

use super::request::Request;

/// The attempts of one call in order of arrival, returned by [`Call::attempts`](crate::Call::attempts). There is always
/// at least one.
///
/// The type dereferences to a slice, so `len()`, `iter()`, `first()` and indexing work.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
/// use glacier_mock::{ErrorCode, GlacierMock, Operation};
///
/// let mock = GlacierMock::start();
/// mock.fault(Operation::CreateVault).throttled();
/// mock.client().create_vault().vault_name("photos").send().await?;
///
/// let attempts = mock.calls(Operation::CreateVault).only().attempts();
/// assert_eq!(attempts.len(), 2);
/// assert_eq!(attempts.statuses(), [400, 201]);
/// assert_eq!(attempts[0].error_code(), Some(ErrorCode::ThrottlingException));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Attempts(pub(super) Vec<Request>);

impl Attempts {
    /// Returns the status of each attempt.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// use glacier_mock::{GlacierMock, Operation};
    ///
    /// let mock = GlacierMock::start();
    /// mock.fault(Operation::ListVaults).resets();
    /// mock.client().list_vaults().send().await?;
    ///
    /// let statuses = mock.calls(Operation::ListVaults).only().attempts().statuses();
    /// assert_eq!(statuses, [None, Some(200)]);
    /// assert_eq!(format!("{statuses:?}"), "[no answer, 200]");
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    #[doc(alias = "retry")]
    pub fn statuses(&self) -> Statuses {
        Statuses(self.0.iter().map(Request::status).collect())
    }
}

impl Deref for Attempts {
    type Target = [Request];

    fn deref(&self) -> &[Request] {
        &self.0
    }
}

impl IntoIterator for Attempts {
    type Item = Request;
    type IntoIter = std::vec::IntoIter<Request>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Attempts {
    type Item = &'a Request;
    type IntoIter = std::slice::Iter<'a, Request>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// The statuses of the attempts of a call, returned by [`Attempts::statuses`]. An attempt without an answer is `None`.
///
/// It compares with a list of numbers, such as `[500, 201]`, which is equal only if every attempt was answered, and
/// with a list of options, such as `[None, Some(201)]`. It dereferences to a slice of options.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Statuses(Vec<Option<u16>>);

impl Deref for Statuses {
    type Target = [Option<u16>];

    fn deref(&self) -> &[Option<u16>] {
        &self.0
    }
}

/// Prints for example `[500, no answer, 201]`.
impl fmt::Debug for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for status in &self.0 {
            match status {
                Some(status) => list.entry(status),
                None => list.entry(&format_args!("no answer")),
            };
        }
        list.finish()
    }
}

impl PartialEq<[u16]> for Statuses {
    fn eq(&self, other: &[u16]) -> bool {
        self.0.iter().copied().eq(other.iter().copied().map(Some))
    }
}

impl PartialEq<[Option<u16>]> for Statuses {
    fn eq(&self, other: &[Option<u16>]) -> bool {
        self.0 == other
    }
}

macro_rules! compare_as_slices {
    ($($status:ty),*) => {$(
        impl PartialEq<&[$status]> for Statuses {
            fn eq(&self, other: &&[$status]) -> bool {
                *self == **other
            }
        }

        impl<const N: usize> PartialEq<[$status; N]> for Statuses {
            fn eq(&self, other: &[$status; N]) -> bool {
                *self == other[..]
            }
        }

        impl PartialEq<Vec<$status>> for Statuses {
            fn eq(&self, other: &Vec<$status>) -> bool {
                *self == other[..]
            }
        }
    )*};
}

compare_as_slices!(u16, Option<u16>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_compare_with_numbers_and_options() {
        let answered = Statuses(vec![Some(500), Some(201)]);
        assert_eq!(answered, [500, 201]);
        assert_eq!(answered, vec![500, 201]);
        assert_eq!(answered, &[500, 201][..]);
        assert_eq!(answered, [Some(500), Some(201)]);
        assert_ne!(answered, [500]);
        assert_ne!(answered, [500, 201, 201]);
        assert_ne!(answered, [201, 500]);
        assert_eq!(answered.last(), Some(&Some(201)));
        let partly = Statuses(vec![None, Some(201)]);
        assert_eq!(partly, [None, Some(201)]);
        assert_eq!(partly, vec![None, Some(201)]);
        assert_ne!(partly, [0, 201]);
        assert_ne!(partly, answered);
        assert_eq!(format!("{:?}", Statuses(vec![Some(500), None, Some(201)])), "[500, no answer, 201]");
    }
}
