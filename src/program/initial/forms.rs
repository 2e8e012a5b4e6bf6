//! The members of the file of `--init`. Those of a vault are named like those of the control API (docs/control-api.md).

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::domain::account::{Account, AccountRegion, is_region};
use crate::mock::Mock;
use crate::service::JobTiming;

use crate::program::values::duration;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InitialForm {
    #[serde(default)]
    pub(super) jobs: Option<Object<JobsForm>>,
    #[serde(default, deserialize_with = "objects")]
    pub(super) vaults: Vec<VaultForm>,
}

/// When jobs complete.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobsForm {
    pub(super) timing: TimingForm,
}

/// The timing of jobs, as `PUT /jobs/timing` has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TimingForm {
    Instant,
    Manual,
    ByTier,
    After(#[serde(deserialize_with = "read_duration")] Duration),
    AfterPolls(u32),
}

/// A vault, with the members of `PUT /vaults/{name}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VaultForm {
    pub(super) name: String,
    /// Defaults to the program's.
    #[serde(default, deserialize_with = "account")]
    account: Option<Account>,
    /// Defaults to the program's.
    #[serde(default, deserialize_with = "region")]
    region: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) access_policy: Option<PolicyForm>,
    #[serde(default)]
    pub(super) lock: Option<Object<LockForm>>,
    #[serde(default)]
    pub(super) notifications: Option<Object<NotificationsForm>>,
    #[serde(default, deserialize_with = "objects")]
    pub(super) archives: Vec<ArchiveForm>,
}

/// A vault lock.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockForm {
    pub(super) policy: PolicyForm,
    #[serde(default)]
    pub(super) state: LockStateForm,
}

/// The state of a lock, as GetVaultLock names it, or in the style of the control API's other words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum LockStateForm {
    #[default]
    #[serde(alias = "locked")]
    Locked,
    #[serde(alias = "in_progress")]
    InProgress,
}

/// A notification configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotificationsForm {
    pub(super) sns_topic: String,
    pub(super) events: Vec<String>,
}

/// An archive. It has exactly one of `text`, `repeat` and `file`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArchiveForm {
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    repeat: Option<Object<RepeatForm>>,
    #[serde(default)]
    file: Option<PathBuf>,
}

/// A block that is repeated up to a length in bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepeatForm {
    block: String,
    length: u64,
}

/// The bytes of an archive.
pub(super) enum ContentForm {
    Text(String),
    Repeat { block: String, length: u64 },
    File(PathBuf),
}

/// A policy: the text of a JSON document, or the document itself.
#[derive(Clone, Debug)]
pub(super) struct PolicyForm(pub(super) String);

impl VaultForm {
    /// Returns the account and the region of the vault.
    pub(super) fn place(&self, mock: &Mock) -> AccountRegion {
        let own = mock.own_place();
        let region = self.region.as_deref().map_or(own.region, Into::into);
        AccountRegion::new(self.account.unwrap_or(own.account), region)
    }
}

impl ArchiveForm {
    pub(super) fn content(&self) -> Result<ContentForm, String> {
        match (&self.text, &self.repeat, &self.file) {
            (Some(text), None, None) => Ok(ContentForm::Text(text.clone())),
            (None, Some(Object(repeat)), None) => {
                Ok(ContentForm::Repeat { block: repeat.block.clone(), length: repeat.length })
            }
            (None, None, Some(file)) => Ok(ContentForm::File(file.clone())),
            _ => Err("expected exactly one of `text`, `repeat` and `file`".into()),
        }
    }
}

impl From<TimingForm> for JobTiming {
    fn from(form: TimingForm) -> Self {
        match form {
            TimingForm::Instant => JobTiming::instant(),
            TimingForm::Manual => JobTiming::manual(),
            TimingForm::ByTier => JobTiming::by_tier(),
            TimingForm::After(duration) => JobTiming::after(duration),
            TimingForm::AfterPolls(polls) => JobTiming::after_polls(polls),
        }
    }
}

/// Reads a form. The error has the path of the key, for example `vaults[0].tags`.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let read = serde_path_to_error::deserialize(value).map(|Object(form)| form);
    read.map_err(|error| match error.path().to_string().as_str() {
        "." => error.inner().to_string(),
        path => format!("{path}: {}", error.inner()),
    })
}

/// A value that is an object. A derived reader would also accept an array of the members' values.
#[derive(Clone, Debug)]
pub(super) struct Object<T>(pub(super) T);

impl<T> std::ops::Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of members")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Object)
    }
}

fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(form)| form).collect())
}

impl<'de> Deserialize<'de> for PolicyForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(PolicyForm(text)),
            document @ Value::Object(_) => Ok(PolicyForm(document.to_string())),
            _ => Err(D::Error::custom("expected a policy: the text of a JSON document, or the document")),
        }
    }
}

fn account<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Account>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

fn region<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_region(&text) {
        return Ok(Some(text));
    }
    Err(D::Error::custom(format!("{text:?} is not a region, for example \"eu-west-1\"")))
}

fn read_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is not a duration, for example \"5s\" or \"4h\"")))
}
