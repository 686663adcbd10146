//! Everything that decides what comes next for a subscription, read in one transaction.

use std::sync::Arc;

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::{
        credit::Balance,
        invoice::Invoice,
        payment::Mode,
        price::Price,
        rank::Tier,
        renewal::{self, Collection},
        subscription::{State, Subscription},
    },
    id::{PlanId, PriceId},
};

use crate::{
    Result,
    billing::{credits, hold::Hold, invoices, methods, orders},
    directory::ApplicationEntry,
    payment::{Method, objects::Account},
    tx::Tx,
};

/// See the module.
pub(super) struct Loaded {
    pub entry: Arc<ApplicationEntry>,
    pub subscription: Subscription,
    pub invoice: Option<Invoice>,
    awaited: Option<Timestamp>,
    /// The method that is charged, kept where the next period is collected.
    pub method: Option<Method>,
    /// Who collects the next period: the application's account of now. Without one it is who did before.
    collector: Option<Account>,
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
    let awaited = match &invoice {
        Some(invoice) => orders::awaited(tx, hold, invoice.id).await?,
        None => None,
    };
    let collector = entry.account().or_else(|| hold.account());
    let method = match collector.filter(|own| entry.mode_at(own.provider) == Some(own.mode)) {
        Some(account) => methods::current(tx.db, hold.member(), Some(account)).await?,
        None => None,
    };
    let balance = credits::balance(tx.db, hold.membership.id).await?;
    Ok(Some(Loaded { entry, subscription, invoice, awaited, method, collector, balance }))
}

impl Loaded {
    /// The account, for the domain to decide about.
    ///
    /// # Errors
    /// When the plan that is held is gone.
    pub fn account<'a>(&'a self, hold: &'a Hold) -> Result<renewal::Account<'a>> {
        let held = &self.subscription;
        let settings = &self.entry.application.settings;
        Ok(renewal::Account {
            subscription: held,
            anchor: hold.billing.anchor,
            current: self.tier(held.plan_id, held.price_id).ok_or(ErrorCode::PlanNotFound)?,
            scheduled: held.scheduled.and_then(|change| self.tier(change.plan_id, change.price_id)),
            discount: hold.billing.discount.as_ref(),
            balance: &self.balance,
            collection: self.collection(hold),
            invoice: self.invoice.as_ref(),
            awaited: self.awaited,
            dunning: &settings.dunning,
            grace_days: settings.grace_days,
        })
    }

    /// Who collects the renewal.
    pub fn collection(&self, hold: &Hold) -> Collection {
        // Nobody has agreed to be charged for what is asked for anew, whose period is empty.
        let agreed = self.subscription.period.is_none_or(|period| period.start < period.end);
        match (&hold.billing.reference, &self.method) {
            _ if !self.subscription.is_billed() => Collection::Nobody,
            (Some(_), _) if self.successor(hold).is_none() => Collection::Provider,
            (_, Some(_)) if agreed => Collection::Method,
            _ => Collection::Link,
        }
    }

    /// Who bills the subscription from the next period on, where that is no longer who did: the application has another
    /// provider by now, or another mode.
    pub fn successor(&self, hold: &Hold) -> Option<Account> {
        let now = self.entry.account()?;
        let before = &hold.billing;
        let stays = before.provider == Some(now.provider) && before.mode.is_none_or(|mode| mode == now.mode);
        (self.subscription.is_billed() && !stays).then_some(now)
    }

    /// Who asks anew for what was bought for good with test money: the application's account of now, where that takes
    /// real money.
    pub fn asks_anew(&self, hold: &Hold) -> Option<Account> {
        let held = &self.subscription;
        let for_good = held.state == State::Active && held.period.is_none();
        let costs = self.tier(held.plan_id, held.price_id).is_some_and(|tier| tier.charged().is_some());
        let in_test = hold.billing.mode == Some(Mode::Test);
        self.successor(hold).filter(|own| for_good && costs && in_test && own.mode == Mode::Live)
    }

    /// The method that is charged at an account.
    pub fn method_at(&self, provider: Provider, mode: Mode) -> Option<Method> {
        let here = self.collector.is_some_and(|own| (own.provider, own.mode) == (provider, mode));
        self.method.clone().filter(|_| here)
    }

    fn tier(&self, plan: PlanId, price: Option<PriceId>) -> Option<Tier<'_>> {
        let plan = self.entry.plan(plan)?;
        let price: Option<&Price> = price.and_then(|id| plan.prices.iter().find(|price| price.id == id));
        Some(Tier::new(plan, price))
    }
}
