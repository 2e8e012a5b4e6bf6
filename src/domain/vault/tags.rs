//! The tags of a vault (api.md section 7).

#[cfg(feature = "state")]
mod data;

use std::collections::BTreeMap;

use crate::domain::failure::Failure;

/// The maximum number of tags of a vault.
const MAX_TAGS: usize = 50;
/// The maximum number of tags that one request may add, and of keys that one request may remove.
pub(crate) const MAX_TAGS_PER_CALL: usize = 10;

/// Keys and values, sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tags(BTreeMap<String, String>);

/// Validated tags to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewTags(BTreeMap<String, String>);

impl NewTags {
    pub(crate) fn new(tags: BTreeMap<String, String>) -> Result<Self, Failure> {
        if tags.is_empty() {
            return Err(Failure::missing("tags"));
        }
        if tags.len() > MAX_TAGS_PER_CALL {
            return Err(Failure::invalid("number of tags", tags.len().to_string()));
        }
        for (key, value) in &tags {
            let length = key.chars().count();
            if !(1..=128).contains(&length) || !is_legal(key) || key.starts_with("aws:") {
                return Err(Failure::invalid("tag key", key));
            }
            if value.chars().count() > 255 || !is_legal(value) {
                return Err(Failure::invalid("tag value", value));
            }
        }
        Ok(NewTags(tags))
    }

    /// Divides all tags of a vault into additions, each of at most as many tags as one request may add. Refuses more
    /// tags than a vault may have.
    #[cfg(feature = "standalone")]
    pub(crate) fn all(tags: BTreeMap<String, String>) -> Result<Vec<Self>, Failure> {
        if tags.len() > MAX_TAGS {
            return Err(Failure::TooManyTags);
        }
        let (mut all, mut rest) = (Vec::new(), tags.into_iter().peekable());
        while rest.peek().is_some() {
            all.push(NewTags::new(rest.by_ref().take(MAX_TAGS_PER_CALL).collect())?);
        }
        Ok(all)
    }
}

/// Returns whether a text has only letters and digits of any script, spaces and `_ . : / = + - @` (api.md section 7;
/// the colon: observed.md 2.E).
fn is_legal(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@'))
}

impl Tags {
    /// Adds or overwrites tags. Changes nothing if the vault would have too many.
    pub(crate) fn add(&mut self, new: NewTags) -> Result<(), Failure> {
        let added = new.0.keys().filter(|key| !self.0.contains_key(*key)).count();
        if self.0.len() + added > MAX_TAGS {
            return Err(Failure::TooManyTags);
        }
        self.0.extend(new.0);
        Ok(())
    }

    /// Removes tags. A key that does not exist is not an error.
    pub(crate) fn remove(&mut self, keys: &[String]) {
        for key in keys {
            self.0.remove(key);
        }
    }

    pub(crate) fn get(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(tags: &[(&str, &str)]) -> Result<NewTags, Failure> {
        NewTags::new(tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn keys_and_values_have_limits() {
        let long = |length| "ä".repeat(length);
        assert!(new(&[(&long(128), &long(255)), ("a b_.:/=+-@9", ""), ("k", "arn:aws:x:y")]).is_ok());
        for bad in ["", "aws:x", "a;b", "a\n", &long(129)] {
            assert_eq!(new(&[(bad, "")]), Err(Failure::invalid("tag key", bad)));
        }
        for bad in ["a;b", "<", &long(256)] {
            assert_eq!(new(&[("k", bad)]), Err(Failure::invalid("tag value", bad)));
        }
        assert_eq!(new(&[]), Err(Failure::missing("tags")));
    }

    #[test]
    fn a_vault_has_at_most_fifty_tags() {
        let mut tags = Tags::default();
        let keys: Vec<_> = (0..51).map(|n| format!("k{n}")).collect();
        for key in &keys[..50] {
            tags.add(new(&[(key, "1")]).unwrap()).unwrap();
        }
        let before = tags.clone();
        assert_eq!(tags.add(new(&[(&keys[0], "2"), (&keys[50], "2")]).unwrap()), Err(Failure::TooManyTags));
        assert_eq!(tags, before);
        // Overwriting does not add a tag.
        assert_eq!(tags.add(new(&[(&keys[0], "2")]).unwrap()), Ok(()));
        tags.remove(&[keys[1].clone(), "not there".into()]);
        assert_eq!((tags.get().len(), tags.get()["k0"].as_str()), (49, "2"));
    }
}
