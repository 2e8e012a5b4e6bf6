//! Makes filtered lists behave like slices: they can be indexed, counted, iterated over and formatted.

/// Implements the slice-like traits for a type with a field `fitting: Vec<$item>`.
macro_rules! slice_of {
    ($type:ident, $item:ident) => {
        impl std::ops::Deref for $type {
            type Target = [$item];

            fn deref(&self) -> &[$item] {
                &self.fitting
            }
        }

        impl IntoIterator for $type {
            type Item = $item;
            type IntoIter = std::vec::IntoIter<$item>;

            fn into_iter(self) -> Self::IntoIter {
                self.fitting.into_iter()
            }
        }

        impl<'a> IntoIterator for &'a $type {
            type Item = &'a $item;
            type IntoIter = std::slice::Iter<'a, $item>;

            fn into_iter(self) -> Self::IntoIter {
                self.fitting.iter()
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_list().entries(&self.fitting).finish()
            }
        }
    };
}

pub(crate) use slice_of;
