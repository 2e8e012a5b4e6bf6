//! Tests of the policy engine as a whole: by example, by table, and against a naive evaluator.

mod bounds;
mod condition_table;
mod properties;
mod refusals;
mod truth_table;
