//! The data retrieval policy and provisioned capacity on the wire (api.md section 10, observed.md 3.6).

use serde::Serialize;

use crate::domain::account::{CapacityUnit, RetrievalPolicy};
use crate::domain::failure::Failure;
use crate::domain::words::Timestamp;
use crate::service::AccountCommand;

use super::display::Displayed;
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

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetDataRetrievalPolicyOutput {
    policy: DataRetrievalPolicy,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DataRetrievalPolicy {
    rules: [DataRetrievalRule; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DataRetrievalRule {
    bytes_per_hour: Option<u64>,
    strategy: &'static str,
}

pub(super) fn policy(policy: RetrievalPolicy) -> GetDataRetrievalPolicyOutput {
    let rule = DataRetrievalRule { bytes_per_hour: policy.bytes_per_hour(), strategy: policy.strategy() };
    GetDataRetrievalPolicyOutput { policy: DataRetrievalPolicy { rules: [rule] } }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListProvisionedCapacityOutput<'a> {
    provisioned_capacity_list: Vec<ProvisionedCapacityDescription<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProvisionedCapacityDescription<'a> {
    capacity_id: &'a str,
    expiration_date: Displayed<Timestamp>,
    start_date: Displayed<Timestamp>,
}

pub(super) fn capacity(units: &[CapacityUnit]) -> ListProvisionedCapacityOutput<'_> {
    ListProvisionedCapacityOutput { provisioned_capacity_list: units.iter().map(unit).collect() }
}

fn unit(unit: &CapacityUnit) -> ProvisionedCapacityDescription<'_> {
    ProvisionedCapacityDescription {
        capacity_id: unit.id.as_str(),
        expiration_date: Displayed(unit.expiration),
        start_date: Displayed(unit.start),
    }
}
