//! Plans: the tiers of an application.

use serde::{Deserialize, Serialize};

use super::{
    feature::Features,
    price::{NewPrice, Price},
};
use crate::{
    Timestamp,
    flaw::Alphabet,
    id::{ApplicationId, PlanId},
    text::{Description, bounded, keyed, text},
};

text!(
    /// The permanent name of a plan in tokens: `^[a-z0-9_-]{1,64}$`, unique in its application.
    PlanKey,
    |text| keyed(text, 64, Alphabet::Key)
);
text!(
    /// The name that people read: 1 to 64 characters, unique in its application.
    PlanName,
    |text| bounded(text, 1, 64)
);

/// A tier of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub id: PlanId,
    pub application_id: ApplicationId,
    pub key: PlanKey,
    pub name: PlanName,
    pub description: Description,
    pub features: Features,
    /// Granted, without payment, to members who never had a subscription. One per application at most.
    pub is_default: bool,
    /// Shown on the plan selection page while it is not archived.
    pub is_listed: bool,
    /// Order on pages; smaller first.
    pub position: i32,
    pub stripe_product_id: Option<String>,
    pub archived_at: Option<Timestamp>,
    /// Grows with every change that members can see; part of their `ent_ver`.
    pub version: i64,
    /// Every price, archived ones too, oldest first.
    pub prices: Vec<Price>,
    pub created_at: Timestamp,
}

impl Plan {
    /// Listed and not archived: what plan selection and checkout offer.
    pub const fn is_on_offer(&self) -> bool {
        self.is_listed && self.archived_at.is_none()
    }

    /// The prices that can be chosen now.
    pub fn current_prices(&self) -> impl Iterator<Item = &Price> {
        self.prices.iter().filter(|price| price.archived_at.is_none())
    }

    /// The price that the platform API shows: the first unarchived one.
    pub fn shown_price(&self) -> Option<&Price> {
        self.current_prices().next()
    }

    /// No current price, or none above zero.
    pub fn is_free(&self) -> bool {
        self.current_prices().all(|price| price.money.is_zero())
    }
}

/// A plan that is to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPlan {
    /// Made from the name when left out; `-2`, `-3` when taken.
    pub key: Option<PlanKey>,
    pub name: PlanName,
    pub description: Description,
    pub features: Features,
    pub is_default: bool,
    pub is_listed: bool,
    /// Behind all others when left out.
    pub position: Option<i32>,
    pub stripe_product_id: Option<String>,
    pub prices: Vec<NewPrice>,
}

impl NewPlan {
    /// A listed plan without features and prices.
    pub fn new(name: PlanName) -> Self {
        Self {
            key: None,
            name,
            description: Description::default(),
            features: Features::default(),
            is_default: false,
            is_listed: true,
            position: None,
            stripe_product_id: None,
            prices: Vec::new(),
        }
    }
}

/// A partial change of a plan: `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanPatch {
    pub name: Option<PlanName>,
    pub description: Option<Description>,
    /// Replaces the whole object.
    pub features: Option<Features>,
    pub is_default: Option<bool>,
    pub is_listed: Option<bool>,
    pub position: Option<i32>,
    pub archived: Option<bool>,
    pub stripe_product_id: Option<Option<String>>,
    /// Archives the price that the platform API shows and puts this one, or none, in its place.
    pub shown_price: Option<Option<NewPrice>>,
}
