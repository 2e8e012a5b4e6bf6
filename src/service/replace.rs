//! Replaces the state of a running service by one that was saved.

use crate::domain::words::Timestamp;

use super::Service;
use super::data::ServiceData;
use super::state::State;

impl Service {
    /// Replaces the state by one that was saved, with its settings and its instant. The clock follows what it followed
    /// before. The rules for the next jobs and the callbacks stay; notices that wait to be sent are discarded. Later, a
    /// reset returns to the state at the start of the mock. Data that is invalid changes nothing.
    pub(crate) fn replace(&self, data: &ServiceData) -> Result<(), String> {
        let new = State::from_data(data, self.initial.settings.bounds)?;
        let instant = Timestamp::restored(data.whole.now)?;
        self.exchange(new, data.whole.closed_to_new_customers, |previous, new| {
            new.rules = std::mem::take(&mut previous.rules);
            new.listeners = std::mem::take(&mut previous.listeners);
            self.clock.move_to(instant);
        });
        Ok(())
    }
}
