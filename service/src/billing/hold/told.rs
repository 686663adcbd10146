//! A subscription as the ledger tells of it.

use domain::billing::subscription::Subscription;
use serde::Serialize;

use super::{Billing, Hold};

/// What is held, and how it is billed.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Told<'a> {
    #[serde(flatten)]
    pub subscription: &'a Subscription,
    #[serde(flatten)]
    pub billing: &'a Billing,
}

impl Hold {
    /// The subscription that is held, as the ledger told of it last.
    pub(super) fn told(&self) -> Option<Told<'_>> {
        self.subscription.as_ref().map(|subscription| Told { subscription, billing: &self.billed })
    }

    /// What becomes of it, billed as it is to be from now on.
    pub(super) const fn tells<'a>(&'a self, subscription: &'a Subscription) -> Told<'a> {
        Told { subscription, billing: &self.billing }
    }
}
