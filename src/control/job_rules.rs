//! Adds, lists and removes rules that decide in advance how jobs end.

use crate::service::{JobRule, Service};

use super::error::ControlError;

/// The rules of a mock for jobs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JobRules<'a>(pub(crate) &'a Service);

impl JobRules<'_> {
    /// Adds a rule for the next jobs that match it.
    pub(crate) fn add(self, rule: JobRule) -> Result<(), ControlError> {
        if rule.times == 0 {
            return Err(ControlError::invalid("a rule cannot apply to 0 jobs: leave it out instead").about("times"));
        }
        self.0.add_rule(rule);
        Ok(())
    }

    /// Returns the rules that are not used up, in the order in which they were added. [`JobRule::left`] says how many
    /// more jobs each applies to.
    #[cfg_attr(not(any(test, feature = "standalone")), expect(dead_code, reason = "only the control API uses it"))]
    pub(crate) fn list(self) -> Vec<JobRule> {
        self.0.rules()
    }

    /// Removes all rules, which verification then no longer reports.
    #[cfg_attr(not(any(test, feature = "standalone")), expect(dead_code, reason = "only the control API uses it"))]
    pub(crate) fn clear(self) {
        self.0.clear_rules();
    }
}
