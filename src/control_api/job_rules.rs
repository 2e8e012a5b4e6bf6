//! Endpoints of rules that decide in advance how jobs end.

use axum::extract::State;
use axum::response::NoContent;
use serde::Serialize;

use crate::control::{JobRules, RecordControl};

use super::answer::{Created, Json};
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{JobRuleForm, SetJobRuleForm};
use super::parts::Parts;
use super::read::{Body, Nothing, Query};

/// The rules that are not used up.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Rules {
    /// In the order in which they were set. The first one that matches a job decides how it ends.
    rules: Vec<SetJobRuleForm>,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/jobs/rules", "Decides how the next jobs that match end", add)
        .get("/jobs/rules", "The rules for jobs that are not used up", list)
        .delete("/jobs/rules", "Removes all rules for jobs", clear)
}

async fn add(State(parts): State<Parts>, body: Body<JobRuleForm>) -> Result<Created<SetJobRuleForm>, ApiError> {
    let mut rule = body.form.into_rule(RecordControl(&parts.mock).next_number())?;
    (rule.fits.account, rule.fits.region) = (body.place.account, body.place.region);
    let form = SetJobRuleForm::of(&rule);
    JobRules(&parts.mock.service).add(rule)?;
    Ok(Created(form))
}

async fn list(State(parts): State<Parts>, _: Query<Nothing>) -> Json<Rules> {
    Json(Rules { rules: JobRules(&parts.mock.service).list().iter().map(SetJobRuleForm::of).collect() })
}

async fn clear(State(parts): State<Parts>, _: Body<Nothing>) -> NoContent {
    JobRules(&parts.mock.service).clear();
    NoContent
}
