//! Everything that decides what comes next for a subscription, read in one transaction.

use std::sync::Arc;

use domain::{
    ErrorCode,
    billing::{
        credit::Balance,
        invoice::Invoice,
        price::Price,
        rank::Tier,
        renewal::{Account, Collection},
        subscription::Subscription,
    },
    id::{PlanId, PriceId},
};

use crate::{
    Result,
    billing::{credits, hold::Hold, invoices, methods},
    directory::ApplicationEntry,
    payment::Method,
    tx::Tx,
};

/// See the module.
pub(super) struct Loaded {
    pub entry: Arc<ApplicationEntry>,
    pub subscription: Subscription,
    pub invoice: Option<Invoice>,
    pub method: Option<Method>,
    balance: Balance,
}

/// Reads it; `None` without a subscription.
pub(super) async fn load(tx: &Tx<'_>, hold: &Hold) -> Result<Option<Loaded>> {
    let Some(subscription) = hold.subscription.clone() else { return Ok(None) };
    let directory = tx.services.directory();
    let entry = directory.application(hold.application()).ok_or(ErrorCode::ApplicationNotFound)?.clone();
    let invoice = match subscription.period {
        Some(period) => invoices::next(tx, subscription.id, period.end).await?,
        None => None,
    };
    let method = methods::current(tx.db, hold.member(), hold.billing.provider).await?;
    let balance = credits::balance(tx.db, hold.membership.id).await?;
    Ok(Some(Loaded { entry, subscription, invoice, method, balance }))
}

impl Loaded {
    /// The account, for the domain to decide about.
    ///
    /// # Errors
    /// When the plan that is held is gone.
    pub fn account<'a>(&'a self, hold: &'a Hold) -> Result<Account<'a>> {
        let held = &self.subscription;
        let settings = &self.entry.application.settings;
        Ok(Account {
            subscription: held,
            anchor: hold.billing.anchor,
            current: self.tier(held.plan_id, held.price_id).ok_or(ErrorCode::PlanNotFound)?,
            scheduled: held.scheduled.and_then(|change| self.tier(change.plan_id, change.price_id)),
            discount: hold.billing.discount.as_ref(),
            balance: &self.balance,
            collection: self.collection(hold),
            invoice: self.invoice.as_ref(),
            dunning: &settings.dunning,
            grace_days: settings.grace_days,
        })
    }

    /// Who collects the renewal.
    pub fn collection(&self, hold: &Hold) -> Collection {
        match (&hold.billing.reference, &self.method) {
            _ if !self.subscription.is_billed() => Collection::Nobody,
            (Some(_), _) => Collection::Provider,
            (None, Some(_)) => Collection::Method,
            (None, None) => Collection::Link,
        }
    }

    fn tier(&self, plan: PlanId, price: Option<PriceId>) -> Option<Tier<'_>> {
        let plan = self.entry.plan(plan)?;
        let price: Option<&Price> = price.and_then(|id| plan.prices.iter().find(|price| price.id == id));
        Some(Tier::new(plan, price))
    }
}
