//! The notification configuration of a vault (api.md section 7).

use crate::domain::failure::Failure;
use crate::text::Arn;
use crate::text::word_enum;

/// The ARN of an SNS topic: `arn:PARTITION:sns:REGION:ACCOUNT:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Topic(String);

impl Topic {
    pub(crate) fn parse(arn: &str) -> Result<Self, Failure> {
        let is_topic = |arn: Arn<'_>| {
            let Arn { service, region, account, resource, .. } = arn;
            arn.is_of_aws() && service == "sns" && [region, account, resource].iter().all(|part| !part.is_empty())
        };
        if Arn::parse(arn).is_some_and(is_topic) {
            Ok(Topic(arn.to_owned()))
        } else {
            Err(Failure::invalid("SNS topic", arn))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

word_enum! {
    /// An event that a vault can announce.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum JobEvent {
        ArchiveRetrievalCompleted = "ArchiveRetrievalCompleted",
        InventoryRetrievalCompleted = "InventoryRetrievalCompleted",
    }
}

impl JobEvent {
    /// Parses the list of a notification configuration.
    pub(crate) fn parse_all<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Result<Vec<Self>, Failure> {
        let event = |word: W| JobEvent::parse(word.as_ref()).ok_or_else(|| Failure::invalid("event", word.as_ref()));
        words.into_iter().map(event).collect()
    }
}

/// The notification configuration of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notifications {
    pub(crate) topic: Topic,
    /// At least one event, in the order of the request.
    pub(crate) events: Vec<JobEvent>,
}

impl Notifications {
    pub(crate) fn new(topic: Topic, events: Vec<JobEvent>) -> Result<Self, Failure> {
        if events.is_empty() { Err(Failure::missing("events")) } else { Ok(Notifications { topic, events }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_an_sns_arn_of_an_aws_partition() {
        let is_topic = |arn: &str| Topic::parse(arn).is_ok();
        assert!(is_topic("arn:aws:sns:us-east-1:111122223333:done"));
        assert!(is_topic("arn:aws-cn:sns:cn-north-1:111122223333:done"));
        for bad in
            ["", "done", "arn:aws:sqs:us-east-1:111122223333:done", "arn:example:sns:us-east-1:111122223333:done"]
        {
            assert!(!is_topic(bad), "{bad}");
        }
        for part in ["us-east-1", "111122223333", "done"] {
            assert!(!is_topic(&"arn:aws:sns:us-east-1:111122223333:done".replace(part, "")), "{part}");
        }
    }
}
