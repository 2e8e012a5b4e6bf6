//! Sets, lists and removes faults.

use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};

use crate::domain::words::Origin;
use crate::fault::{After, Before, Delay, Effect, Rule, Script, SetRule, Spoil, Times};
use crate::record::{Condition, Filter};

use super::error::ControlError;

/// Which requests a fault applies to, and how often.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultRule {
    pub(crate) filter: Filter,
    /// If set, the fault applies only after a request that matches this filter has arrived.
    pub(crate) after: Option<Filter>,
    /// If set, the fault applies only to this call among the matching ones, counted from 1.
    pub(crate) nth_call: Option<usize>,
    /// If set, the request waits this long before the effect.
    pub(crate) delay: Option<Delay>,
    /// Defaults to all matching requests for a quota, and to one request for other effects.
    pub(crate) times: Option<Times>,
    /// Whether verification accepts that the fault did not fire as often as required.
    pub(crate) optional: bool,
    /// `None` for a fault that has no source line. Reports name it by its ID.
    pub(crate) declared: Option<Origin>,
}

/// The faults of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults<'a>(pub(crate) &'a Script);

impl Faults<'_> {
    /// Sets a fault and returns its ID.
    pub(crate) fn set(self, rule: FaultRule, effect: Effect) -> Result<u64, ControlError> {
        rule.check()?;
        check_effect(&effect)?;
        let FaultRule { filter, after, nth_call, delay, times, optional, declared } = rule;
        let usual = if effect.quota().is_some() { Times::Always } else { Times::Exactly(1) };
        let times = times.unwrap_or(usual);
        Ok(self.0.add(|id| {
            let declared = declared.unwrap_or_else(|| Origin::Named(format!("fault {id} of the control API")));
            Rule { filter, after, nth_call, delay, effect, times, optional, declared }
        }))
    }

    /// Returns the faults that are set, in order, with how often each fired. Those that are used up are among them.
    #[cfg_attr(not(any(test, feature = "standalone")), expect(dead_code, reason = "only the control API uses it"))]
    pub(crate) fn list(self) -> Vec<SetRule> {
        self.0.list()
    }

    /// Removes a fault, which verification then no longer reports.
    #[cfg_attr(not(any(test, feature = "standalone")), expect(dead_code, reason = "only the control API uses it"))]
    pub(crate) fn remove(self, id: u64) -> Result<(), ControlError> {
        if self.0.remove(id) { Ok(()) } else { Err(ControlError::not_found(format!("there is no fault {id}"))) }
    }

    /// Removes all faults, which verification then no longer reports.
    #[cfg_attr(not(any(test, feature = "standalone")), expect(dead_code, reason = "only the control API uses it"))]
    pub(crate) fn clear(self) {
        self.0.clear();
    }
}

/// Returns the effect that sets a header of the response.
pub(crate) fn sets_header(name: &str, value: &str) -> Result<Effect, ControlError> {
    let header = header_name(name)?;
    let value = HeaderValue::from_str(value)
        .map_err(|_| ControlError::invalid(format!("cannot set {name:?}: the value is not a valid header value")))?;
    Ok(Effect::After(After::Spoil(Spoil::SetHeader(header, value))))
}

/// Returns the effect that removes a header from the response.
pub(crate) fn drops_header(name: &str) -> Result<Effect, ControlError> {
    Ok(Effect::After(After::Spoil(Spoil::DropHeader(header_name(name)?))))
}

fn header_name(name: &str) -> Result<HeaderName, ControlError> {
    name.parse().map_err(|_| ControlError::invalid(format!("{name:?} is not a valid header name")))
}

impl FaultRule {
    pub(crate) fn check_times(times: usize) -> Result<(), ControlError> {
        ensure("times", times > 0, || "a fault cannot fire 0 times: leave it out instead".into())
    }

    pub(crate) fn check_nth_call(n: usize) -> Result<(), ControlError> {
        ensure("nth_call", n > 0, || "invalid call number 0: calls are counted from 1".into())
    }

    pub(crate) fn check_nth_attempt(n: usize) -> Result<(), ControlError> {
        ensure("nth_attempt", n > 0, || "invalid attempt number 0: attempts are counted from 1".into())
    }

    fn check(&self) -> Result<(), ControlError> {
        if let Some(Times::Exactly(times)) = self.times {
            Self::check_times(times)?;
        }
        self.nth_call.map_or(Ok(()), Self::check_nth_call)?;
        for condition in [Some(&self.filter), self.after.as_ref()].into_iter().flatten().flat_map(Filter::conditions) {
            let member = match condition {
                Condition::Attempt(n) => {
                    Self::check_nth_attempt(*n)?;
                    continue;
                }
                Condition::Status(_) => "match.status",
                Condition::Error(_) => "match.error",
                Condition::Failed | Condition::Succeeded => "match.failed",
                _ => continue,
            };
            let why = "it is decided before there is a response";
            return Err(ControlError::invalid(format!("a fault cannot depend on {condition}: {why}")).about(member));
        }
        Ok(())
    }
}

fn check_effect(effect: &Effect) -> Result<(), ControlError> {
    match effect {
        Effect::Before(Before::Answer { status, content_type, body }) => {
            ensure("effect.answer.status", (200..=999).contains(status), || {
                format!("{status} is not a valid status for a final response: use one from 200 to 999")
            })?;
            ensure("effect.answer.body", body.is_empty() || !matches!(status, 204 | 205 | 304), || {
                format!("a response with status {status} cannot have a body: leave it empty")
            })?;
            let is_valid = !content_type.is_empty() && HeaderValue::from_str(content_type).is_ok();
            ensure("effect.answer.content_type", is_valid, || format!("{content_type:?} is not a valid content type"))
        }
        Effect::After(After::Spoil(Spoil::SetHeader(name, _))) => {
            ensure("effect.sets_header", ![CONTENT_LENGTH, TRANSFER_ENCODING].contains(name), || {
                format!(
                    "cannot set {name:?}: it determines where the body ends. Use the effect `wrong_content_length` instead"
                )
            })
        }
        Effect::After(After::Spoil(Spoil::Dribble { bytes_per_second: 0, .. })) => Err(ControlError::invalid(
            "a body cannot arrive at 0 bytes a second: use the effect `stalls_after` instead",
        )
        .about("effect.dribbles")),
        _ => Ok(()),
    }
}

/// Returns an error about this member of the form of a fault unless the condition holds.
fn ensure(member: &str, holds: bool, message: impl FnOnce() -> String) -> Result<(), ControlError> {
    if holds { Ok(()) } else { Err(ControlError::invalid(message()).about(member)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::ErrorKind;
    use crate::domain::failure::ErrorCode;
    use crate::fault::Passing;

    fn refuses() -> Effect {
        Effect::Before(Before::Refuse(ErrorCode::ThrottlingException))
    }

    /// Checks that a fault is refused as invalid with this message, and not set.
    fn assert_invalid(rule: FaultRule, effect: Effect, message: &str) {
        let script = Script::default();
        let refused = Faults(&script).set(rule, effect).unwrap_err();
        assert_eq!((refused.kind, refused.to_string().as_str()), (ErrorKind::Invalid, message));
        assert!(script.list().is_empty());
    }

    #[test]
    fn a_rule_with_an_invalid_number_is_refused() {
        let rule = FaultRule { times: Some(Times::Exactly(0)), ..FaultRule::default() };
        assert_invalid(rule, refuses(), "a fault cannot fire 0 times: leave it out instead");
        let rule = FaultRule { nth_call: Some(0), ..FaultRule::default() };
        assert_invalid(rule, refuses(), "invalid call number 0: calls are counted from 1");
        let filter = Filter::default().and(Condition::Attempt(0));
        let message = "invalid attempt number 0: attempts are counted from 1";
        assert_invalid(FaultRule { filter: filter.clone(), ..FaultRule::default() }, refuses(), message);
        assert_invalid(FaultRule { after: Some(filter), ..FaultRule::default() }, refuses(), message);
    }

    #[test]
    fn a_rule_that_depends_on_the_response_is_refused() {
        for condition in [
            Condition::Status(200),
            Condition::Error(ErrorCode::ThrottlingException),
            Condition::Failed,
            Condition::Succeeded,
        ] {
            let message = format!("a fault cannot depend on {condition}: it is decided before there is a response");
            let filter = Filter::default().and(condition);
            assert_invalid(FaultRule { filter, ..FaultRule::default() }, refuses(), &message);
        }
    }

    #[test]
    fn an_effect_that_http_does_not_permit_is_refused() {
        let answer = |status, content_type: &str, body: &'static str| {
            let content_type = content_type.to_owned();
            Effect::Before(Before::Answer { status, content_type, body: body.into() })
        };
        let refused = |effect, message| assert_invalid(FaultRule::default(), effect, message);
        refused(answer(199, "a/b", ""), "199 is not a valid status for a final response: use one from 200 to 999");
        refused(answer(1000, "a/b", ""), "1000 is not a valid status for a final response: use one from 200 to 999");
        refused(answer(204, "a/b", "x"), "a response with status 204 cannot have a body: leave it empty");
        refused(answer(304, "a/b", "x"), "a response with status 304 cannot have a body: leave it empty");
        refused(answer(205, "a/b", "x"), "a response with status 205 cannot have a body: leave it empty");
        refused(answer(200, "\n", "x"), "\"\\n\" is not a valid content type");
        refused(answer(200, "", "x"), "\"\" is not a valid content type");
        let framing = "cannot set \"transfer-encoding\": it determines where the body ends. Use the effect \
                       `wrong_content_length` instead";
        refused(sets_header("Transfer-Encoding", "chunked").unwrap(), framing);
        let dribble = Spoil::Dribble { bytes_per_second: 0, on: Passing::Mock };
        let message = "a body cannot arrive at 0 bytes a second: use the effect `stalls_after` instead";
        refused(Effect::After(After::Spoil(dribble)), message);
    }

    #[test]
    fn a_header_that_http_does_not_permit_is_refused() {
        let message = |refused: Result<Effect, ControlError>| refused.unwrap_err().message;
        assert_eq!(message(sets_header("a b", "x")), "\"a b\" is not a valid header name");
        assert_eq!(message(sets_header("a", "\n")), "cannot set \"a\": the value is not a valid header value");
        assert_eq!(message(drops_header("")), "\"\" is not a valid header name");
    }

    #[test]
    fn a_quota_applies_to_every_request_and_another_effect_to_one() {
        let script = Script::default();
        let quota = crate::fault::Quota { burst: 1, refill: std::time::Duration::from_secs(1) };
        let effects = [refuses(), Effect::Before(Before::Throttle(quota))];
        for effect in effects {
            Faults(&script).set(FaultRule::default(), effect.clone()).unwrap();
            Faults(&script).set(FaultRule { times: Some(Times::Exactly(3)), ..FaultRule::default() }, effect).unwrap();
        }
        let times: Vec<_> = script.list().iter().map(|set| set.rule.times).collect();
        assert_eq!(times, [Times::Exactly(1), Times::Exactly(3), Times::Always, Times::Exactly(3)]);
    }
}
