//! The data retrieval policy and provisioned capacity on the wire (api.md section 10, observed.md 3.6).

use serde_json::{Value, json};

use crate::domain::account::{CapacityUnit, RetrievalPolicy};
use crate::domain::failure::Failure;
use crate::service::AccountCommand;

use super::request::Request;

/// `{"Policy":{"Rules":[{"Strategy": ..., "BytesPerHour": ...}]}}`, with exactly one rule.
pub(super) fn set_policy(request: &Request<'_>) -> Result<AccountCommand, Failure> {
    let policy = request.fields()?.map(|fields| fields.object("Policy")).transpose()?.flatten();
    let rules = policy.ok_or(Failure::missing("policy"))?.objects("Rules")?.ok_or(Failure::missing("rules"))?;
    let [rule] = &rules[..] else {
        return Err(Failure::invalid("number of rules", rules.len().to_string()));
    };
    let strategy = rule.string("Strategy")?.ok_or(Failure::missing("strategy"))?;
    let policy = RetrievalPolicy::new(strategy, rule.integer("BytesPerHour")?)?;
    Ok(AccountCommand::SetDataRetrievalPolicy(policy))
}

pub(super) fn policy(policy: RetrievalPolicy) -> Value {
    let rule = json!({ "BytesPerHour": policy.bytes_per_hour(), "Strategy": policy.strategy() });
    json!({ "Policy": { "Rules": [rule] } })
}

pub(super) fn capacity(units: &[CapacityUnit]) -> Value {
    let unit = |unit: &CapacityUnit| {
        json!({
            "CapacityId": unit.id.as_str(),
            "ExpirationDate": unit.expiration.to_string(),
            "StartDate": unit.start.to_string(),
        })
    };
    json!({ "ProvisionedCapacityList": units.iter().map(unit).collect::<Vec<_>>() })
}
