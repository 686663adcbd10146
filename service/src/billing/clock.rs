//! Billing time: the machine's, unless a test clock has moved an application ahead of it.

use domain::{Timestamp, id::ApplicationId};

use crate::Services;

impl Services {
    /// The moment in an application's billing time, by which trials, periods, grace and expiries are told. Codes,
    /// sessions and tokens stay on the machine's own.
    pub fn billing_now(&self, application: ApplicationId) -> Timestamp {
        let now = self.now();
        self.directory().application(application).map_or(now, |entry| entry.billing_time(now))
    }
}
