//! What a mock reports about the notifications that it publishes.

use std::sync::Arc;

use crate::mock::Mock;

use super::{Served, Server};

impl Server {
    /// Returns the mock, with what its connections need.
    pub(crate) fn served(&self) -> &Arc<Served> {
        &self.served
    }
}

impl Served {
    /// Returns the mock that is served.
    pub(crate) fn mock(&self) -> &Arc<Mock> {
        &self.mock
    }

    /// Reports a notification that was published, in the log of requests.
    pub(crate) fn report_published(&self, text: &str) {
        self.reporter.published(text);
    }

    /// Reports that something was not published. A mock whose log is off writes this too, unless the test has disabled
    /// its warnings.
    pub(crate) fn report_unpublished(&self, text: &str) {
        self.reporter.unpublished(text, !self.is_quiet);
    }
}
