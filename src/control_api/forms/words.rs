//! IDs, digests, words and addresses, as text.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

#[cfg(test)]
use schemars::{Schema, json_schema};

use crate::domain::account::Principal;
use crate::domain::bytes::Digest;
use crate::domain::vault::JobStatus;
use crate::domain::words::{ArchiveId, CapacityId, JobId, LockId, UploadId};

use super::text::Spelled;

/// Parses a value. Its error quotes the text and says what was expected.
fn value<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

macro_rules! ids {
    ($($id:ty)*) => {$(
        impl Spelled for $id {
            const EXPECTED: &str = "an ID, which is a text";

            fn read(text: &str) -> Result<Self, String> {
                value(text)
            }

            fn write(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

ids!(ArchiveId CapacityId JobId LockId UploadId);

impl Spelled for Digest {
    const EXPECTED: &str = "a hash of 64 hexadecimal digits";

    fn read(text: &str) -> Result<Self, String> {
        value(text)
    }

    fn write(&self) -> String {
        self.to_string()
    }

    #[cfg(test)]
    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
    }
}

impl Spelled for JobStatus {
    const EXPECTED: &str = "a status: \"InProgress\", \"Succeeded\" or \"Failed\"";

    fn read(text: &str) -> Result<Self, String> {
        JobStatus::parse(text)
            .ok_or_else(|| format!("{text:?} is not a status: expected InProgress, Succeeded or Failed"))
    }

    fn write(&self) -> String {
        self.as_str().to_owned()
    }

    #[cfg(test)]
    fn schema() -> Schema {
        json_schema!({ "type": "string", "enum": ["InProgress", "Succeeded", "Failed"] })
    }
}

/// The ARN of a principal.
impl Spelled for Principal {
    const EXPECTED: &str = "the ARN of a principal";

    fn read(text: &str) -> Result<Self, String> {
        value(text)
    }

    fn write(&self) -> String {
        self.arn().to_owned()
    }
}

impl Spelled for IpAddr {
    const EXPECTED: &str = "an IP address such as \"203.0.113.7\"";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("{text:?} is not an IP address, for example 203.0.113.7"))
    }

    fn write(&self) -> String {
        self.to_string()
    }
}
