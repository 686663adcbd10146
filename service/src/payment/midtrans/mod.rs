//! Midtrans, over plain REST: Snap pages for what customers pay themselves, the Core API for all else.
//!
//! **Who renews.** The engine does: one `POST /v2/charge` for each period, with the token of a kept card
//! (`initiated_by: merchant`) or with the token of a linked GoPay account's wallet. Midtrans also has a Subscription
//! API, which charges the same amount in a fixed rhythm by itself. It is not used: the engine owns amounts (prorations,
//! credit, coupons), dates (pauses, trials, moved clocks) and dunning, and two clocks that charge one card are one too
//! many. The documentation names the charge with a saved token ("One Click", MIT) and with a GoPay token
//! (`recurring`) for exactly this. Bank transfers, QRIS and ShopeePay cannot be charged without their owner: their
//! renewals are invoices with a link to such a page.
//!
//! **One charge.** The order id at Midtrans is the key of the request, and Midtrans takes an order id once. Only when
//! what was begun on a page has failed or expired there, a later page goes by the key with a number behind it.
//! A transfer that has expired may still be sent: money by a second attempt is told as surplus of its own.
//!
//! **One page.** With its order a page closes here too: Snap's session is canceled, and what waits there expires. A
//! page on which a bank has refused a card cannot be closed: what somebody then begins on it expires when it is heard of.
//!
//! **What counts.** Never what a notification or a returning browser says: the status is asked, and
//! [`table`] says what it means. The status has no token of a card that was kept: that one comes with the notification,
//! and counts where order and card are those of the status.

mod api;
mod charge;
mod notification;
mod page;
mod refund;
mod table;
mod transaction;

use async_trait::async_trait;
use domain::{
    Money,
    billing::{payment::Mode, plan::Plan, price::Price},
    id::{ApplicationId, MembershipId},
};
use uuid::Uuid;

pub use api::Connections;
pub use notification::named;
pub(super) use page::check;

use super::{
    Handle, Headers, Method, MethodKind, Notification, Opened, PaymentProvider, PaymentRequest, Report, Wanted,
    keys::Keys, objects::derived,
};
use crate::{Error, Result, Services};
use api::{Api, Call};
use page::{surplus_name, surplus_order};
use transaction::Transaction;

/// An application's account at Midtrans.
pub struct Midtrans {
    services: Services,
    application: ApplicationId,
    keys: Keys,
}

impl Midtrans {
    pub(super) fn new(services: &Services, application: ApplicationId, keys: Keys) -> Self {
        Self { services: services.clone(), application, keys }
    }

    fn api(&self) -> Result<Api<'_>> {
        Api::new(&self.services.midtrans, &self.services.settings, &self.keys.secret, self.keys.mode())
    }

    /// The transaction of an order id; `None` while nobody has chosen how to pay.
    async fn status(&self, api: &Api<'_>, order_id: &str) -> Result<Option<Transaction>> {
        let answer = api.call(Call::get(format!("/v2/{order_id}/status"))).await?;
        match answer.code {
            404 => Ok(None),
            _ if answer.body["transaction_status"].is_string() => Transaction::read(answer.body).map(Some),
            _ => Err(answer.refused()),
        }
    }

    async fn ask(&self, api: &Api<'_>, key: Uuid) -> Result<Option<Report>> {
        let Some(found) = self.find(api, key).await? else { return Ok(None) };
        let surplus = found.surplus.iter().map(|(attempt, own)| self.once_more(&surplus_name(key, *attempt), own));
        let surplus = surplus.collect::<Result<_>>()?;
        Ok(Some(Report { surplus, ..found.main.report(key, self.keys.mode())? }))
    }

    /// Money that came once more: it has a name and a key of its own.
    fn once_more(&self, name: &str, transaction: &Transaction) -> Result<Report> {
        Ok(Report { reference: name.into(), ..transaction.report(derived(name), self.keys.mode())? })
    }

    /// The transaction of a payment, and what it says.
    async fn look_up(&self, api: &Api<'_>, payment: &Handle) -> Result<Option<(Transaction, Report)>> {
        if let Some((name, order)) = payment.reference.as_ref().and_then(|name| Some((name, surplus_order(name)?))) {
            let Some(transaction) = self.status(api, &order).await? else { return Ok(None) };
            let report = self.once_more(name, &transaction)?;
            return Ok(Some((transaction, report)));
        }
        let Some(found) = self.find(api, payment.key).await? else { return Ok(None) };
        let report = found.main.report(payment.key, self.keys.mode())?;
        Ok(Some((found.main, report)))
    }
}

#[async_trait]
impl PaymentProvider for Midtrans {
    fn mode(&self) -> Mode {
        self.keys.mode()
    }

    fn closes_pages(&self) -> bool {
        true
    }

    fn keeps_without_payment(&self) -> bool {
        false
    }

    async fn open(&self, request: &PaymentRequest) -> Result<Opened> {
        self.open_page(&self.api()?, request).await
    }

    async fn inquire(&self, payment: &Handle) -> Result<Option<Report>> {
        let api = self.api()?;
        match payment.reference.as_deref().and_then(surplus_order) {
            Some(_) => Ok(self.look_up(&api, payment).await?.map(|(_, report)| report)),
            None => self.ask(&api, payment.key).await,
        }
    }

    async fn charge(&self, request: &PaymentRequest, method: &Method) -> Result<Report> {
        self.charge_method(&self.api()?, request, method).await
    }

    /// Unlinks a wallet. Of a card there is nothing to let go but the token that we keep.
    async fn forget(&self, _member: MembershipId, method: &Method) -> Result<()> {
        match method.kind {
            MethodKind::GoPay => self.unlink(&self.api()?, &method.token).await,
            MethodKind::Card | MethodKind::ShopeePay | MethodKind::VirtualAccount | MethodKind::Qris => Ok(()),
        }
    }

    async fn refund(&self, payment: &Handle, total: Money) -> Result<Report> {
        self.give_back(&self.api()?, payment, total).await
    }

    /// Nothing renews by itself here: what is steered is a page, which closes.
    async fn steer(&self, reference: &str, _wanted: &Wanted, _next: Option<(&Plan, &Price)>) -> Result<()> {
        let key: Uuid = reference.parse().map_err(Error::internal)?;
        self.close_page(&self.api()?, key).await
    }

    fn read(&self, _headers: &Headers, body: &[u8]) -> Result<Notification> {
        notification::read(&self.keys, body)
    }

    async fn kept(&self, payment: &Handle, notification: &[u8]) -> Result<Option<Method>> {
        let Some(told) = notification::kept(notification) else { return Ok(None) };
        let found = self.find(&self.api()?, payment.key).await?;
        Ok(found.and_then(|found| found.main.kept(told)))
    }

    /// Asks for a transaction that does not exist: only the right key learns that.
    async fn check(&self) -> Result<()> {
        self.status(&self.api()?, &Uuid::nil().to_string()).await.map(drop)
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests;
