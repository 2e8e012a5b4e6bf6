//! Binary units of size.

/// 1,024 bytes.
pub const KIB: u64 = 1 << 10;

/// 1,024 KiB. Part sizes and retrieval ranges are multiples of it.
///
/// ```
/// use glacier_mock::{GlacierMock, MIB};
///
/// let mock = GlacierMock::start();
/// let upload = mock.create_vault("photos").start_upload("cat.tar", 4 * MIB);
/// assert_eq!(mock.vault("photos").uploads()[0].part_size(), 4_194_304);
/// ```
pub const MIB: u64 = 1 << 20;

/// 1,024 MiB.
pub const GIB: u64 = 1 << 30;

/// 1,024 GiB.
pub const TIB: u64 = 1 << 40;
