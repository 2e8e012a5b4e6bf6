//! The forms of a verification and of a wait.

#[cfg(test)]
use std::borrow::Cow;
use std::time::Duration;

#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::control::{ControlError, Verification, WantedCalls};
use crate::domain::words::Operation;
use crate::record::Filter;

use super::super::read::Place;
use super::filter::FilterForm;
use super::object::{object, one_member};
use super::record_query::within;
use super::step::{CountForm, StepForm};
use super::text::Text;

/// The form of a verification.
#[derive(Debug)]
pub(crate) struct VerifyForm(Verified);

const MEMBERS: &str = "an object with exactly one of `sequence`, `in_order`, `count`, `no_retries`, `nothing_left_open` \
                       and `faults_applied` (and `account` and `region`)";

impl<'de> Deserialize<'de> for VerifyForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_member(deserializer, MEMBERS).map(VerifyForm)
    }
}

#[cfg(test)]
impl JsonSchema for VerifyForm {
    fn schema_name() -> Cow<'static, str> {
        "VerifyForm".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Verified::json_schema(generator)
    }
}

/// What is verified: exactly one member.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Verified {
    /// The calls are exactly these, in this order.
    Sequence(Vec<StepForm>),
    /// The calls contain these, in this order.
    InOrder(Vec<StepForm>),
    /// The number of calls.
    Count(#[serde(deserialize_with = "object")] Box<CountedForm>),
    /// No call took more than one attempt.
    NoRetries(True),
    /// No upload, lock or job was left open, and no archive was stored twice.
    NothingLeftOpen(True),
    /// Each fault and each rule for jobs that is set and not optional has applied as often as it should.
    FaultsApplied(True),
}

/// The value `true`.
#[derive(Debug)]
pub(crate) struct True;

#[cfg(test)]
impl JsonSchema for True {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "True".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": true })
    }
}

impl<'de> Deserialize<'de> for True {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            true => Ok(True),
            false => Err(D::Error::custom("expected `true`; leave the member out to verify something else")),
        }
    }
}

/// A number of calls.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CountedForm {
    operation: Text<Operation>,
    /// The conditions that the last attempt of a call must meet.
    #[serde(default, rename = "match", deserialize_with = "object")]
    filter: FilterForm,
    times: CountForm,
}

/// What a form verifies.
pub(crate) enum Asked {
    Calls(Filter, Verification),
    NothingLeftOpen,
    FaultsApplied,
}

impl VerifyForm {
    /// Returns what is verified, about the calls of an account and a region if they are given.
    pub(crate) fn asked(self, place: &Place) -> Result<Asked, ControlError> {
        let of_all = |verification| Ok(Asked::Calls(within(Filter::default(), place), verification));
        let steps = |steps: Vec<StepForm>| steps.into_iter().map(|StepForm(step)| step).collect();
        match self.0 {
            Verified::Sequence(list) => of_all(Verification::Sequence(steps(list))),
            Verified::InOrder(list) => of_all(Verification::InOrder(steps(list))),
            Verified::Count(counted) => {
                let CountedForm { operation: Text(operation), filter, times: CountForm(times) } = *counted;
                let filter = filter.within(place).and_then(|filter| filter.into_filter(Some(operation)));
                let filter = filter.map_err(|error| error.inside("count"))?;
                Ok(Asked::Calls(filter, Verification::Count(times)))
            }
            Verified::NoRetries(True) => of_all(Verification::NoRetries),
            Verified::NothingLeftOpen(True) => Ok(Asked::NothingLeftOpen),
            Verified::FaultsApplied(True) => Ok(Asked::FaultsApplied),
        }
    }
}

/// The calls to wait for.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitForm {
    operation: Text<Operation>,
    /// The conditions that the last attempt of a call must meet.
    #[serde(default, rename = "match", deserialize_with = "object")]
    filter: FilterForm,
    /// The minimum number of calls, of which each has any number of attempts.
    #[serde(default = "once")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    times: usize,
    /// Whether calls count as soon as their headers have arrived. Otherwise they count when they are answered.
    #[serde(default)]
    arrived: bool,
    /// How long to wait, on the wall clock.
    timeout: Text<Duration>,
}

fn once() -> usize {
    1
}

impl WaitForm {
    /// Returns the calls to wait for and the timeout.
    pub(crate) fn into_wanted(self, place: &Place) -> Result<(WantedCalls, Duration), ControlError> {
        let WaitForm { operation: Text(operation), filter, times, arrived, timeout: Text(timeout) } = self;
        if times == 0 {
            return Err(ControlError::invalid("must be at least 1").about("times"));
        }
        let filter = filter.within(place)?.into_filter(Some(operation))?;
        Ok((WantedCalls { filter, least: times, answered: !arrived }, timeout))
    }
}
