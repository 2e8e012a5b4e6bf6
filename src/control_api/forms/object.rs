//! Readers that accept only JSON objects. A struct that derives `Deserialize` would also accept an array of the values
//! of its members, and an effect without a value would also accept an object.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Error, Expected, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::effect::EffectForm;
use super::job::TimingForm;
use super::text::Text;

/// A value that is an object in JSON.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Object)
    }
}

/// Reads a value from an object.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Members<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(members))
        }
    }

    deserializer.deserialize_map(Members(PhantomData))
}

/// Reads an optional value from an object. Null counts as absent.
pub(crate) fn members<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(value)| value))
}

/// Reads an effect: the name of one that has no value, or an object with the name and the value of one that has.
pub(super) fn effect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EffectForm, D::Error> {
    struct NameOrMember;

    impl<'de> Visitor<'de> for NameOrMember {
        type Value = EffectForm;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the name of an effect, or an object with one effect")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<EffectForm, E> {
            EffectForm::deserialize(StrDeserializer::new(name))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<EffectForm, A::Error> {
            let effect = EffectForm::deserialize(MapAccessDeserializer::new(&mut members))?;
            if members.next_key::<IgnoredAny>()?.is_some() {
                return Err(A::Error::custom("a fault has one effect: set a fault for each"));
            }
            match serde_json::to_value(&effect) {
                Ok(serde_json::Value::String(name)) => {
                    Err(A::Error::custom(format!("this effect has no value: write {name:?}")))
                }
                _ => Ok(effect),
            }
        }
    }

    deserializer.deserialize_any(NameOrMember)
}

/// Reads the timing of jobs: the name of one that has no value, or an object with the name and the value of one that has.
pub(crate) fn timing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimingForm, D::Error> {
    struct NameOrMember;

    impl<'de> Visitor<'de> for NameOrMember {
        type Value = TimingForm;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("\"instant\", \"manual\", \"by_tier\", {\"after\": \"4h\"} or {\"after_polls\": 3}")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<TimingForm, E> {
            let duration: Result<Text<Duration>, E> = Text::deserialize(StrDeserializer::new(name));
            if duration.is_ok() {
                return Err(E::custom(format!("{name:?} is a duration: write {{\"after\": {name:?}}}")));
            }
            TimingForm::deserialize(StrDeserializer::new(name))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<TimingForm, A::Error> {
            if members.size_hint().is_some_and(|count| count != 1) {
                return Err(A::Error::custom(format_args!("expected {}", &self as &dyn Expected)));
            }
            TimingForm::deserialize(MapAccessDeserializer::new(&mut members))
        }
    }

    deserializer.deserialize_any(NameOrMember)
}

/// Reads the one member of an object as an enum. The error of an object with another number of members is `expected`.
pub(super) fn one_member<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<T, D::Error> {
    struct Member<T>(&'static str, PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Member<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
            if members.size_hint().is_some_and(|count| count != 1) {
                return Err(A::Error::custom(format_args!("expected {}", self.0)));
            }
            T::deserialize(MapAccessDeserializer::new(members))
        }
    }

    deserializer.deserialize_map(Member(expected, PhantomData))
}
