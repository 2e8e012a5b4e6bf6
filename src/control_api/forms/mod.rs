//! The JSON forms of requests and answers of the control API (docs/control-api.md).
//!
//! serde parses and writes the forms. A method such as [`FaultForm::into_fault`] converts a form into data, and `of`
//! converts data into a form. A closure of the test has no form: it is written as `{"custom": "text"}`, and a request
//! with that member is refused.

mod call;
mod effect;
mod event;
mod fault;
mod filter;
mod job;
mod job_rule;
mod leftover;
mod object;
mod principal;
mod record_query;
mod request;
mod step;
mod text;
mod times;
mod usage;
mod vault_properties;
mod vault_state;
mod verification;
mod words;

pub(super) use self::call::CallForm;
pub(crate) use self::event::EventForm;
pub(crate) use self::fault::{FaultForm, SetFaultForm};
pub(crate) use self::job::{JobForm, NotificationForm, TimingForm};
pub(crate) use self::job_rule::{JobRuleForm, KindForm, SetJobRuleForm};
pub(super) use self::leftover::LeftoverForm;
pub(super) use self::record_query::{RecordQuery, within};
pub(super) use self::request::RequestForm;
pub(super) use self::usage::UsageForm;
pub(super) use self::verification::{Asked, VerifyForm, WaitForm};

pub(crate) use self::object::{Object, members, timing};
pub(crate) use self::principal::{NewPrincipalForm, PrincipalForm, RegisteredPrincipalForm};
pub(crate) use self::text::Text;
pub(crate) use self::vault_properties::{NewLockForm, NewNotificationsForm, PolicyForm, VaultPropertiesForm};
pub(crate) use self::vault_state::{ArchivePage, VaultForm, VaultSummaryForm};

#[cfg(test)]
mod tests;
