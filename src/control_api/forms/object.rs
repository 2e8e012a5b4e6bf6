//! Readers of JSON objects. A struct that derives `Deserialize` could otherwise also be read from an array of the values
//! of its members, and the name of an effect from an object.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::effect::EffectForm;

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
