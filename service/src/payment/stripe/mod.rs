//! Stripe, by async-stripe.
//!
//! **Who renews.** Stripe does, where a price renews: a Checkout Session in subscription mode makes a subscription, whose
//! bills Stripe collects and retries. The engine still decides plans, dates and ends, and [`agreement`] brings the
//! subscription to them. One-time prices and the price of an upgrade are Checkout Sessions in payment mode, of exactly
//! the quoted amount; a card is kept by one in setup mode. Credit of ours is taken off a renewal as a line, while its
//! bill is a draft, which it is for an hour; the bill says what was taken.
//!
//! **One charge.** Everything that is made carries an idempotency key that follows from our own key and from what is
//! asked for, and its name is noted (`provider_objects`) before a customer sees it or a card is charged: the first name
//! noted is the only one used, also after a day, when Stripe has forgotten its keys.
//!
//! **What counts.** Never what a notification or a returning browser says: the object is fetched again, and it has to be
//! of the key's own mode.

mod agreement;
mod answers;
mod catalog;
mod checkout;
mod counterparts;
pub(super) mod currencies;
mod money;
mod webhook;
mod wire;

use async_trait::async_trait;
use domain::{
    Money,
    application::Provider,
    billing::{payment::Mode, plan::Plan, price::Price},
    id::{ApplicationId, MembershipId},
};
use stripe_core::balance::RetrieveForMyAccountBalance;

use super::{
    Agreement, Counterpart, Draft, Handle, Headers, Method, Notification, Opened, PaymentProvider, PaymentRequest,
    Report, Wanted, keys::Keys, objects::Account,
};
use crate::{Result, Services};
use answers::Balance;
pub use wire::Connections;
use wire::Wire;

/// An application's account at Stripe.
pub struct Stripe {
    services: Services,
    application: ApplicationId,
    keys: Keys,
    mode: Mode,
    wire: Wire,
}

impl Stripe {
    /// # Errors
    /// Internal, for a key that cannot stand in a header.
    pub(super) fn new(services: &Services, application: ApplicationId, keys: Keys) -> Result<Self> {
        let wire = Wire::new(&services.stripe, &services.settings, &keys.secret)?;
        Ok(Self { services: services.clone(), application, mode: keys.mode(), keys, wire })
    }

    fn account(&self) -> Account {
        Account { application: self.application, provider: Provider::Stripe, mode: self.mode }
    }
}

#[async_trait]
impl PaymentProvider for Stripe {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn renews(&self) -> bool {
        true
    }

    fn closes_pages(&self) -> bool {
        true
    }

    async fn open(&self, request: &PaymentRequest) -> Result<Opened> {
        self.open_page(request).await
    }

    async fn inquire(&self, payment: &Handle) -> Result<Option<Report>> {
        self.ask(payment).await
    }

    async fn charge(&self, request: &PaymentRequest, method: &Method) -> Result<Report> {
        self.charge_method(request, method).await
    }

    async fn withdraw(&self, charge: &Handle) -> Result<Option<Report>> {
        self.cancel(charge).await
    }

    async fn forget(&self, member: MembershipId, method: &Method) -> Result<()> {
        self.detach(member, method).await
    }

    async fn refund(&self, payment: &Handle, total: Money) -> Result<Report> {
        self.give_back(payment, total).await
    }

    async fn refund_failed(&self, refund: &str) -> Result<bool> {
        self.came_to_nothing(refund).await
    }

    async fn agreement(&self, reference: &str) -> Result<Option<Agreement>> {
        self.find_agreement(reference).await
    }

    async fn steer(&self, reference: &str, wanted: &Wanted, next: Option<(&Plan, &Price)>) -> Result<()> {
        if reference.starts_with("cs_") {
            self.close_page(reference).await
        } else {
            self.bring(reference, wanted, next).await
        }
    }

    async fn take_off(&self, draft: &Draft, credit: Money) -> Result<()> {
        self.credit_line(draft, credit).await
    }

    async fn show(&self, reference: &str, counterpart: &Counterpart) -> Result<()> {
        self.show_counterpart(reference, counterpart).await
    }

    async fn bill_page(&self, reference: &str) -> Result<Option<String>> {
        self.hosted_invoice(reference).await
    }

    fn read(&self, headers: &Headers, body: &[u8]) -> Result<Notification> {
        let now = self.services.now();
        webhook::read(self.keys.signing(now), self.mode, headers, body, now)
    }

    /// Asks for the balance, which has to be of the key's mode.
    async fn check(&self) -> Result<()> {
        self.wire.get::<Balance>(&RetrieveForMyAccountBalance::new(), self.mode).await.map(drop)
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests;
