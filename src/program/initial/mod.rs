//! The state at the start of the program, from the file of `--init`: vaults with their contents, and the timing of jobs.

mod forms;

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::control::{ControlError, VaultControl, set_timing};
use crate::domain::account::AccountRegion;
use crate::domain::bytes::Content;
use crate::mock::Mock;
use crate::service::JobTiming;

use self::forms::{ArchiveForm, ContentForm, InitialForm, LockStateForm, Object, VaultForm};

/// The state at the start of the program, which a reset restores. The default is an empty service.
///
/// It contains the bytes of its archives, or opens their files, so a later change of the file of `--init` has no effect.
#[derive(Clone, Default)]
pub(crate) struct Initial {
    timing: Option<JobTiming>,
    vaults: Vec<InitialVault>,
    /// The file that it was read from, for messages.
    file: String,
}

/// A vault, and its archives with their descriptions.
#[derive(Clone)]
struct InitialVault {
    form: VaultForm,
    archives: Vec<(String, Content)>,
}

impl Initial {
    /// Reads a file: JSON if its extension is `json`, and TOML otherwise. The error names the file and the key.
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
        let is_json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let value = if is_json {
            serde_json::from_str::<Value>(&text).map_err(|error| error.to_string())
        } else {
            // The parser's message has the line, and shows it.
            toml::from_str::<Value>(&text).map_err(|error| error.to_string().trim_end().to_owned())
        };
        let value = value.map_err(|error| format!("{shown}: {error}"))?;
        let form: InitialForm = forms::read(value).map_err(|error| format!("{shown}: {error}"))?;
        Self::of(form, shown, file.parent().unwrap_or(Path::new("")))
    }

    fn of(form: InitialForm, file: String, folder: &Path) -> Result<Self, String> {
        let mut vaults = Vec::new();
        for (n, mut form) in form.vaults.into_iter().enumerate() {
            let archives = std::mem::take(&mut form.archives).into_iter().enumerate();
            let archives = archives.map(|(k, archive)| {
                let key = format!("vaults[{n}].archives[{k}]");
                content(archive, folder).map_err(|error| format!("{file}: {key}: {error}"))
            });
            let archives = archives.collect::<Result<_, _>>()?;
            vaults.push(InitialVault { form, archives });
        }
        Ok(Initial { timing: form.jobs.map(|Object(jobs)| jobs.timing.into()), vaults, file })
    }

    /// Arranges the state in a mock that was just started or reset, without a request on its record. Each change
    /// executes the command that a request would execute.
    ///
    /// The error names the file and the key. The changes before it remain.
    pub(crate) fn apply(&self, mock: &Arc<Mock>) -> Result<(), ControlError> {
        if let Some(timing) = &self.timing {
            set_timing(mock, timing.clone());
        }
        let mut known = HashSet::new();
        for (n, vault) in self.vaults.iter().enumerate() {
            let place = vault.form.place(mock);
            let at = |key: String| format!("{}: vaults[{n}].{key}", self.file);
            if !known.insert((place.clone(), &vault.form.name)) {
                return Err(ControlError::invalid(format!("{}: an earlier entry has this vault", at("name".into()))));
            }
            vault.apply(mock, place).map_err(|(key, mut error)| {
                error.message = format!("{}: {}", at(key), error.message);
                error
            })?;
        }
        Ok(())
    }

    /// Arranges the state again after a reset. It was arranged once without an error, so an error is not expected; it is
    /// logged.
    pub(super) fn restore(&self, mock: &Arc<Mock>) {
        if let Err(error) = self.apply(mock) {
            tracing::error!(target: "glacier_mock", "the initial state could not be restored: {error}");
        }
    }
}

/// Omits the bytes.
impl fmt::Debug for Initial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Initial").field("file", &self.file).finish_non_exhaustive()
    }
}

impl InitialVault {
    /// Creates the vault. The error has the key of the member that is wrong.
    fn apply(&self, mock: &Arc<Mock>, place: AccountRegion) -> Result<(), (String, ControlError)> {
        let vault = VaultControl::new(mock.clone(), place, &self.form.name);
        let at = |key: &str| {
            let key = key.to_owned();
            move |error| (key, error)
        };
        vault.create().map_err(at("name"))?;
        for (key, value) in &self.form.tags {
            vault.tag(key, value).map_err(at(&format!("tags.{key}")))?;
        }
        if let Some(policy) = &self.form.access_policy {
            vault.set_access_policy(&policy.0).map_err(at("access_policy"))?;
        }
        if let Some(notifications) = &self.form.notifications {
            let set = vault.set_notifications(&notifications.sns_topic, &notifications.events);
            set.map_err(at("notifications"))?;
        }
        for (k, (description, content)) in self.archives.iter().enumerate() {
            vault.put_archive(description, content.clone()).map_err(at(&format!("archives[{k}]")))?;
        }
        if let Some(lock) = &self.form.lock {
            let id = vault.initiate_lock(&lock.policy.0).map_err(at("lock.policy"))?;
            if lock.state == LockStateForm::Locked {
                vault.complete_lock(id).map_err(at("lock.state"))?;
            }
        }
        Ok(())
    }
}

/// Returns the description and the bytes of an archive. The names of files are relative to the folder.
fn content(archive: ArchiveForm, folder: &Path) -> Result<(String, Content), String> {
    let content = match archive.content()? {
        ContentForm::Text(text) => Content::from(text.into_bytes()),
        ContentForm::Repeat { block, length } if block.is_empty() && length > 0 => {
            return Err("the block of the repeat is empty".into());
        }
        ContentForm::Repeat { block, length } => Content::repeat(block, length),
        ContentForm::File(name) => {
            let path = folder.join(name);
            Content::try_from_file(&path).map_err(|error| format!("cannot use the file {}: {error}", path.display()))?
        }
    };
    Ok((archive.description, content))
}

#[cfg(test)]
mod tests;
