//! The state at the start of the program, from the file of `--init`: vaults with their contents, and the timing of jobs.

mod forms;

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::control::{ControlError, VaultControl, VaultProperties, set_timing};
use crate::control_api::{Object, Text};
use crate::domain::account::Account;
use crate::domain::bytes::Content;
use crate::mock::Mock;
use crate::service::JobTiming;

use self::forms::InitialForm;

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
    name: String,
    account: Option<Account>,
    region: Option<String>,
    properties: VaultProperties,
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
        for (n, mut vault) in form.vaults.into_iter().enumerate() {
            let mut archives = Vec::new();
            for (k, mut archive) in std::mem::take(&mut vault.archives).into_iter().enumerate() {
                let description = std::mem::take(&mut archive.description);
                let content = archive.into_content(folder);
                let content = content.map_err(|error| format!("{file}: vaults[{n}].archives[{k}]: {error}"))?;
                archives.push((description, content));
            }
            let (name, region) = (std::mem::take(&mut vault.name), vault.region.take());
            let account = vault.account.take().map(|Text(account)| account);
            vaults.push(InitialVault { name, account, region, properties: vault.into_properties(), archives });
        }
        Ok(Initial { timing: form.jobs.map(|Object(jobs)| jobs.timing.into()), vaults, file })
    }

    /// Sets the timing of jobs, unless the file has one.
    pub(super) fn with_timing(self, timing: Option<JobTiming>) -> Self {
        Initial { timing: self.timing.or(timing), ..self }
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
            let place = mock.place(vault.account, vault.region.as_deref());
            let at = |key: &str| format!("{}: vaults[{n}].{key}", self.file);
            if !known.insert((place.clone(), &vault.name)) {
                return Err(ControlError::invalid(format!("{}: an earlier entry creates the same vault", at("name"))));
            }
            let control = VaultControl::new(mock.clone(), place, &vault.name);
            // The message begins with the key.
            control.set_up(vault.properties.clone()).map_err(|error| error.within(&at("")))?;
            for (k, (description, content)) in vault.archives.iter().enumerate() {
                let put = control.put_archive(description, content.clone());
                put.map_err(|error| error.within(&at(&format!("archives[{k}]: "))))?;
            }
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

#[cfg(test)]
mod tests;
