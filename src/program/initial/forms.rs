//! The members of the file of `--init`. Those of a vault and of an archive are those of the control API
//! (docs/control-api.md); an archive can also be a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::control::VaultProperties;
use crate::control_api::{
    ContentForm, NewLockForm, NewNotificationsForm, Object, PolicyForm, RepeatForm, Text, TimingForm,
    VaultPropertiesForm, timing,
};
use crate::domain::account::{Account, is_region};
use crate::domain::bytes::Content;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InitialForm {
    #[serde(default)]
    pub(super) jobs: Option<Object<JobsForm>>,
    #[serde(default, deserialize_with = "objects")]
    pub(super) vaults: Vec<VaultForm>,
}

/// When jobs complete.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobsForm {
    #[serde(deserialize_with = "timing")]
    pub(super) timing: TimingForm,
}

/// A vault, with the members of `PUT /vaults/{name}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VaultForm {
    pub(super) name: String,
    /// Defaults to the program's.
    #[serde(default)]
    pub(super) account: Option<Text<Account>>,
    /// Defaults to the program's.
    #[serde(default, deserialize_with = "region")]
    pub(super) region: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    access_policy: Option<PolicyForm>,
    lock: Option<Object<NewLockForm>>,
    notifications: Option<Object<NewNotificationsForm>>,
    #[serde(default, deserialize_with = "objects")]
    pub(super) archives: Vec<ArchiveForm>,
}

/// An archive. It has exactly one of `text`, `repeat` and `file`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArchiveForm {
    #[serde(default)]
    pub(super) description: String,
    text: Option<String>,
    repeat: Option<Object<RepeatForm>>,
    file: Option<PathBuf>,
}

impl VaultForm {
    pub(super) fn into_properties(self) -> VaultProperties {
        let VaultForm { tags, access_policy, lock, notifications, .. } = self;
        VaultPropertiesForm { tags, access_policy, lock, notifications }.into()
    }
}

impl ArchiveForm {
    /// Returns the bytes. The names of files are relative to the folder.
    pub(super) fn into_content(self, folder: &Path) -> Result<Content, String> {
        let ArchiveForm { text, repeat, file, .. } = self;
        match file {
            Some(name) if text.is_none() && repeat.is_none() => {
                let path = folder.join(name);
                Content::try_from_file(&path)
                    .map_err(|error| format!("cannot use the file {}: {error}", path.display()))
            }
            None if text.is_some() != repeat.is_some() => {
                let repeat = repeat.map(|Object(repeat)| repeat);
                ContentForm { text, repeat }.into_content().map_err(|error| error.message)
            }
            _ => Err("expected exactly one of `text`, `repeat` and `file`".into()),
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

fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(form)| form).collect())
}

fn region<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_region(&text) {
        return Ok(Some(text));
    }
    Err(D::Error::custom(format!("{text:?} is not a region, for example \"eu-west-1\"")))
}
