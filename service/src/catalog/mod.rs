//! The set-up of a server as one file: applications, clients, plans, prices, coupons, sign-in methods and users.
//! Applying it twice changes nothing the second time. The clients, plans, prices and coupons that a file made are
//! archived when they leave the file, its sign-in methods are switched off, nothing is deleted; applications stay
//! without them; users stay; what was made elsewhere is left alone. A key that is left out keeps the value that is
//! there; a price and a coupon are what the file says, whole.

mod apply;
mod clients;
mod coupons;
mod file;
mod parse;
mod parse_coupon;
mod parse_method;
mod place;
mod plans;
mod sign_in_methods;
mod users;

use std::fmt;

use domain::{
    Locale, Secret,
    application::SettingsPatch,
    billing::{
        plan::{PlanKey, PlanName, PlanPatch},
        price::NewPrice,
    },
    identity::{
        email::Email,
        password::Password,
        profile::Profile,
        upstream::{MethodPatch, NewMethod},
        user::GlobalRole,
    },
    oauth::client::{ClientId, ClientPatch, ClientType},
    text::{Name, Slug},
};

use crate::{Services, billing::coupons::NewCoupon};
use place::Place;

/// A catalog file that was read; every value in it is valid.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// See [`Self::as_seed`].
    seed: bool,
    applications: Vec<ApplicationItem>,
    users: Vec<UserItem>,
}

impl Catalog {
    /// The same as a seed: it archives nothing, and what it makes counts as made by hand, so that no later file
    /// archives it.
    pub fn as_seed(self) -> Self {
        let applications = self.applications.into_iter().map(|item| ApplicationItem { seed: true, ..item });
        Self { seed: true, applications: applications.collect(), users: self.users }
    }
}

#[derive(Clone, Debug)]
struct ApplicationItem {
    place: Place,
    seed: bool,
    slug: Slug,
    name: Name,
    settings: SettingsPatch,
    clients: Vec<ClientItem>,
    plans: Vec<PlanItem>,
    coupons: Vec<CouponItem>,
    sign_in_methods: Vec<MethodItem>,
}

#[derive(Clone, Debug)]
struct ClientItem {
    place: Place,
    /// Without one, the client is found again by its name.
    client_id: Option<ClientId>,
    name: Name,
    kind: ClientType,
    secret: Option<Secret>,
    settings: ClientPatch,
}

#[derive(Clone, Debug)]
struct PlanItem {
    place: Place,
    key: PlanKey,
    name: PlanName,
    patch: PlanPatch,
    prices: Vec<PriceItem>,
}

#[derive(Clone, Debug)]
struct PriceItem {
    place: Place,
    new: NewPrice,
}

#[derive(Clone, Debug)]
struct CouponItem {
    place: Place,
    /// Without its plans.
    new: NewCoupon,
    plans: Vec<(Place, PlanKey)>,
}

#[derive(Clone, Debug)]
struct MethodItem {
    place: Place,
    slug: Slug,
    new: NewMethod,
    /// What the file says about it, for one that is there.
    patch: MethodPatch,
}

#[derive(Clone, Debug)]
struct UserItem {
    place: Place,
    email: Email,
    /// Counts only when the user is made.
    credential: Credential,
    name: Option<Name>,
    email_verified: Option<bool>,
    role: Option<GlobalRole>,
    locale: Option<Locale>,
    profile: Option<Profile>,
    applications: Vec<(Place, Slug)>,
}

#[derive(Clone, Debug)]
enum Credential {
    Password(Password),
    /// A PHC string of argon2.
    Hash(String),
}

/// What happened to one thing, or would happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub verb: Verb,
    /// Such as `plan acme/pro`.
    pub what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Create,
    Update,
    Archive,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.verb {
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Archive => "archive",
        };
        write!(f, "{verb} {}", self.what)
    }
}

/// The difference between the file and the server.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub list: Vec<Change>,
    /// Secrets that were made for clients without one in the file: shown this once.
    pub secrets: Vec<(ClientId, Secret)>,
}

impl Changes {
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn note(&mut self, verb: Verb, what: impl Into<String>) {
        self.list.push(Change { verb, what: what.into() });
    }
}

/// See the module.
pub struct Catalogs<'a>(&'a Services);

impl Services {
    pub const fn catalog(&self) -> Catalogs<'_> {
        Catalogs(self)
    }
}
