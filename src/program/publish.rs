//! The options that say where the program publishes the notifications of jobs.

use crate::fixture::GlacierMockBuilder;
use crate::publish::Endpoint;

// Not a doc comment: clap would show it as the description of the program.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Notifications")]
pub(super) struct PublishOptions {
    /// Publish the notifications of completed jobs to this SNS-compatible endpoint.
    ///
    /// The program calls the operation Publish of SNS there, for example at http://127.0.0.1:5000. The topics must
    /// exist there.
    #[arg(long, env = "GLACIER_MOCK_SNS_ENDPOINT", value_name = "URL", value_parser = Endpoint::parse)]
    sns_endpoint: Option<Endpoint>,

    /// Post the notifications of completed jobs to this webhook.
    ///
    /// The body and the headers are those that SNS sends to a subscribed HTTP endpoint.
    #[arg(long, env = "GLACIER_MOCK_NOTIFY", value_name = "URL", value_parser = Endpoint::parse)]
    notify: Option<Endpoint>,
}

impl PublishOptions {
    /// Applies the options to the settings of the mock.
    pub(super) fn apply(&self, mut settings: GlacierMockBuilder) -> GlacierMockBuilder {
        if let Some(endpoint) = &self.sns_endpoint {
            settings = settings.publish_to(endpoint.to_string());
        }
        if let Some(url) = &self.notify {
            settings = settings.notify(url.to_string());
        }
        settings
    }
}
