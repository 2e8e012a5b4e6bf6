//! Amazon Resource Names.

use std::fmt;

/// The parts of an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. The resource may have colons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits a text into the parts of an ARN, which may be empty. Returns `None` if the text does not begin with
    /// `arn:` or has too few parts.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let parts: [&str; 6] = arn_segments(text).collect::<Vec<_>>().try_into().ok()?;
        let [prefix, partition, service, region, account, resource] = parts;
        (prefix == "arn").then_some(Arn { partition, service, region, account, resource })
    }

    /// Returns whether the partition is one of AWS, for example `aws`, `aws-cn` or `aws-us-gov`.
    pub(crate) fn is_of_aws(&self) -> bool {
        self.partition.starts_with("aws")
    }
}

/// Splits an ARN, or a pattern for ARNs, at its first five colons: into `arn` and the five parts that follow.
pub(crate) fn arn_segments(text: &str) -> impl Iterator<Item = &str> {
    text.splitn(6, ':')
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts() {
        for text in ["arn:aws:iam::111122223333:user/anna", "arn:aws:sns:us-east-1:111122223333:a:b", "arn:::::"] {
            assert_eq!(Arn::parse(text).unwrap().to_string(), text);
        }
        let topic = Arn::parse("arn:aws-cn:sns:cn-north-1:111122223333:a:b").unwrap();
        assert_eq!((topic.partition, topic.region, topic.resource), ("aws-cn", "cn-north-1", "a:b"));
        for bad in ["", "arn", "arn:aws:iam::111122223333", "ARN:aws:iam::111122223333:root", "x:aws:iam:::root"] {
            assert_eq!(Arn::parse(bad), None, "{bad}");
        }
    }
}
