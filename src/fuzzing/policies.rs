//! Policies: each text is refused, or the decision of every question takes a bounded number of steps.

use std::borrow::Cow;

use crate::policy::{Decision, PolicyDocument, PolicyKind, Principal, Question, evaluate, steps_of};

/// The most steps of a decision about one policy, of at most 20 KB: 2,048 for each of at most 2,624 words of 64 places. The
/// slowest policies known take 3 million steps, which are 3 ns each in an optimised build.
const MOST_STEPS: usize = 5_500_000;

const OWNER: &str = "arn:aws:iam::111111111111:root";
const CALLERS: [&str; 3] =
    [OWNER, "arn:aws:iam::222222222222:user/path/Alice", "arn:aws:sts::222222222222:assumed-role/R/session"];
const ACTIONS: [&str; 2] = ["glacier:DeleteArchive", "glacier:InitiateJob"];
const VAULT: &str = "arn:aws:glacier:us-east-1:111111111111:vaults/photos";

/// Parses a policy, and asks it about each caller and action. The policy ends at the first byte 0x1e. What follows is the
/// value that the request has for every condition key; without it the request has none.
pub fn policies(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (policy, value) = text.split_once('\u{1e}').map_or((text, None), |(policy, value)| (policy, Some(value)));
    let Ok(document) = PolicyDocument::parse(policy) else { return };
    // The service returns a text with the same meaning.
    let again = PolicyDocument::parse(document.text()).expect("the text of a policy is a policy");
    assert_eq!(again.text(), document.text(), "{policy}");
    for (caller, action) in CALLERS.iter().flat_map(|caller| ACTIONS.map(|action| (*caller, action))) {
        let asked = |policies: &[(PolicyKind, &PolicyDocument)]| ask(policies, caller, action, value);
        let (access, lock) = ((PolicyKind::VaultAccess, &document), (PolicyKind::VaultLock, &again));
        let decision = asked(&[access]);
        // The words of a decision are in proportion to the policy.
        assert!(decision.to_string().len() <= 1 << 20, "{policy}");
        let both = asked(&[access, lock]);
        // Beyond 64 KiB of values of variables, nothing matches.
        let variables = policy.matches("${").count() * value.map_or(0, str::len);
        let agree = decision.is_allowed() == both.is_allowed();
        assert!(agree || variables > 16 * 1024, "{decision}, and {both} with the same policy twice");
        // Without a policy that decides, only the owner is allowed. A caller that a policy denies is not.
        let is_denied = matches!(decision, Decision::Denied { .. });
        assert!(!(is_denied && decision.is_allowed()) && (is_denied || caller != OWNER || decision.is_allowed()));
    }
}

/// Returns the decision. Panics if it takes too long.
fn ask(policies: &[(PolicyKind, &PolicyDocument)], caller: &str, action: &str, value: Option<&str>) -> Decision {
    let principal = Principal::parse(caller).expect("an ARN");
    let keys = |_: &str| value.map(Cow::Borrowed).into_iter().collect();
    let question = Question::new(&principal, action, VAULT, &keys);
    let (decision, steps) = steps_of(|| evaluate(policies, &question, caller == OWNER));
    assert!(steps <= policies.len() * MOST_STEPS, "{steps} steps");
    decision
}
