//! The forms of the effects of faults, under the names of the fixture's methods.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::control::{ControlError, drops_header, sets_header};
use crate::domain::failure::ErrorCode;
use crate::fault::{After, Before, Delay, Effect, Passing, Quota, Spoil};

#[cfg(test)]
use super::filter::HEADER_NAME;
use super::object::object;
use super::text::Text;

/// The effect of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum EffectForm {
    /// The request is answered with this error, without effect.
    Error(Text<ErrorCode>),
    /// The request is answered with this response, without effect.
    Answer(#[serde(deserialize_with = "object")] AnswerForm),
    /// The request is never answered, and has no effect.
    NeverAnswers,
    /// The connection is reset, without effect.
    Resets,
    /// The connection is reset when this many bytes of the body have arrived, without effect.
    ResetsAfter(u64),
    /// The request takes effect after this time.
    Delayed(Text<Duration>),
    /// Requests beyond this quota are answered with ThrottlingException.
    ThrottledBeyond(#[serde(deserialize_with = "object")] QuotaForm),
    /// The request takes effect, and the connection is closed without a response.
    LosesAnswer,
    /// The request takes effect, and the connection is reset.
    ResetAfterCommit,
    /// The request takes effect at once and is answered after this time.
    AnswerDelayed(Text<Duration>),
    /// The connection is closed after this many bytes of the response body.
    CutBodyAfter(u64),
    /// The response body stops after this many bytes, and the connection stays open.
    StallsAfter(u64),
    /// The response body arrives at this many bytes a second.
    Dribbles(#[cfg_attr(test, schemars(range(min = 1)))] u64),
    /// A bit of this byte of the response body is changed.
    FlipsByte(u64),
    /// The checksum in the response is wrong.
    WrongChecksum,
    /// The response has this header with this value. Exactly one header.
    SetsHeader(
        #[cfg_attr(test, schemars(extend("minProperties" = 1, "maxProperties" = 1, "propertyNames" = {"pattern": HEADER_NAME},
            "additionalProperties" = {"type": "string", "pattern": "^[\\t -~]*$"})))]
        BTreeMap<String, String>,
    ),
    /// The response does not have this header.
    DropsHeader(#[cfg_attr(test, schemars(extend("pattern" = HEADER_NAME)))] String),
    /// The response body is not valid JSON.
    MalformedJson,
    /// The JSON of the response ends after this many bytes, with a matching Content-Length.
    TruncatedJsonAfter(u64),
    /// The Content-Length of the response has this value.
    WrongContentLength(u64),
}

/// A response that does not come from the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerForm {
    #[cfg_attr(test, schemars(range(min = 200, max = 999)))]
    status: u16,
    #[serde(default = "html")]
    #[cfg_attr(test, schemars(extend("pattern" = "^[\\t -~]+$")))]
    content_type: String,
    /// Must be empty with the statuses 204, 205 and 304.
    #[serde(default)]
    body: String,
}

fn html() -> String {
    "text/html".into()
}

/// How many requests are admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaForm {
    /// The number of requests at once.
    burst: u32,
    /// The time after which one more request is admitted.
    refill: Text<Duration>,
}

impl EffectForm {
    /// Returns the effect. Its delays pass on the given clock.
    pub(crate) fn into_effect(self, on: Passing) -> Result<Effect, ControlError> {
        let before = |before| Ok(Effect::Before(before));
        let after = |after| Ok(Effect::After(after));
        let spoil = |spoil| Ok(Effect::After(After::Spoil(spoil)));
        match self {
            EffectForm::Error(Text(code)) => before(Before::Refuse(code)),
            EffectForm::Answer(AnswerForm { status, content_type, body }) => {
                before(Before::Answer { status, content_type, body: body.into() })
            }
            EffectForm::NeverAnswers => before(Before::Hang),
            EffectForm::Resets => before(Before::Reset(None)),
            EffectForm::ResetsAfter(bytes) => before(Before::Reset(Some(bytes))),
            EffectForm::Delayed(Text(time)) => before(Before::Delay(Delay { time, on })),
            EffectForm::ThrottledBeyond(QuotaForm { burst, refill: Text(refill) }) => {
                before(Before::Throttle(Quota { burst, refill }))
            }
            EffectForm::LosesAnswer => after(After::LoseAnswer),
            EffectForm::ResetAfterCommit => after(After::Reset),
            EffectForm::AnswerDelayed(Text(time)) => after(After::Delay(Delay { time, on })),
            EffectForm::CutBodyAfter(bytes) => spoil(Spoil::Cut { after: bytes }),
            EffectForm::StallsAfter(bytes) => spoil(Spoil::Stall { after: bytes }),
            EffectForm::Dribbles(bytes_per_second) => spoil(Spoil::Dribble { bytes_per_second, on }),
            EffectForm::FlipsByte(at) => spoil(Spoil::Flip { at }),
            EffectForm::WrongChecksum => spoil(Spoil::WrongChecksum),
            EffectForm::SetsHeader(headers) => match headers.iter().collect::<Vec<_>>()[..] {
                [(name, value)] => sets_header(name, value).map_err(|error| error.about("effect.sets_header")),
                _ => {
                    let message = "`sets_header` must have exactly one header: set a fault for each";
                    Err(ControlError::invalid(message).about("effect.sets_header"))
                }
            },
            EffectForm::DropsHeader(name) => drops_header(&name).map_err(|error| error.about("effect.drops_header")),
            EffectForm::MalformedJson => spoil(Spoil::MalformedJson),
            EffectForm::TruncatedJsonAfter(bytes) => spoil(Spoil::TruncatedJson { after: bytes }),
            EffectForm::WrongContentLength(length) => spoil(Spoil::ContentLength(length)),
        }
    }

    pub(crate) fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Before(before) => Self::of_before(before),
            Effect::After(After::LoseAnswer) => EffectForm::LosesAnswer,
            Effect::After(After::Reset) => EffectForm::ResetAfterCommit,
            Effect::After(After::Delay(delay)) => EffectForm::AnswerDelayed(Text(delay.time)),
            Effect::After(After::Spoil(spoil)) => Self::of_spoil(spoil),
        }
    }

    fn of_before(before: &Before) -> Self {
        match before {
            Before::Refuse(code) => EffectForm::Error(Text(*code)),
            Before::Throttle(Quota { burst, refill }) => {
                EffectForm::ThrottledBeyond(QuotaForm { burst: *burst, refill: Text(*refill) })
            }
            Before::Answer { status, content_type, body } => EffectForm::Answer(AnswerForm {
                status: *status,
                content_type: content_type.clone(),
                body: String::from_utf8_lossy(body).into_owned(),
            }),
            Before::Hang => EffectForm::NeverAnswers,
            Before::Reset(None) => EffectForm::Resets,
            Before::Reset(Some(bytes)) => EffectForm::ResetsAfter(*bytes),
            Before::Delay(delay) => EffectForm::Delayed(Text(delay.time)),
        }
    }

    fn of_spoil(spoil: &Spoil) -> Self {
        match spoil {
            Spoil::Cut { after } => EffectForm::CutBodyAfter(*after),
            Spoil::Flip { at } => EffectForm::FlipsByte(*at),
            Spoil::WrongChecksum => EffectForm::WrongChecksum,
            Spoil::SetHeader(name, value) => {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                EffectForm::SetsHeader(BTreeMap::from([(name.to_string(), value)]))
            }
            Spoil::DropHeader(name) => EffectForm::DropsHeader(name.to_string()),
            Spoil::MalformedJson => EffectForm::MalformedJson,
            Spoil::TruncatedJson { after } => EffectForm::TruncatedJsonAfter(*after),
            Spoil::ContentLength(length) => EffectForm::WrongContentLength(*length),
            Spoil::Stall { after } => EffectForm::StallsAfter(*after),
            Spoil::Dribble { bytes_per_second, .. } => EffectForm::Dribbles(*bytes_per_second),
        }
    }
}

/// Returns the clock on which an effect delays or pauses, if it does.
pub(super) fn clock(effect: &Effect) -> Option<Passing> {
    match effect {
        Effect::Before(Before::Delay(delay)) | Effect::After(After::Delay(delay)) => Some(delay.on),
        Effect::After(After::Spoil(Spoil::Dribble { on, .. })) => Some(*on),
        _ => None,
    }
}
