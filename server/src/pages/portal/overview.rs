//! What the page of the portal shows.

use app::{
    form::Fault,
    portal::{
        Another, Cancellation, Done, Dues, Entry, Held, Mark, Next, Offer, Overview, OverviewPage, Owed, Pending,
        Wallet, Way,
    },
};
use axum::{http::StatusCode, response::Response};
use domain::{
    Timestamp,
    application::Provider,
    billing::{
        invoice::{Invoice, State as InvoiceState},
        payment::Status,
        plan::Plan,
        price::Price,
        rank::{Direction, Tier},
        subscription::{Fixed, Scheduled, State, Subscription},
    },
    id::PriceId,
};
use leptos::prelude::*;
use service::{
    billing::{offers::offered, payments::MemberPayment},
    portal::Upcoming,
};

use super::desk::Desk;

/// Everything that was asked for and paid.
pub struct Books {
    /// Newest first, as the payments.
    pub invoices: Vec<Invoice>,
    pub payments: Vec<MemberPayment>,
}

pub async fn show(desk: &Desk) -> Response {
    let done = desk.asked.parameter("done").and_then(|done| Done::parse(&done));
    page(desk, StatusCode::OK, done, None).await
}

/// The page once more, with what was refused.
pub async fn refused(desk: &Desk, fault: Fault, status: StatusCode) -> Response {
    page(desk, status, None, Some(fault)).await
}

async fn page(desk: &Desk, status: StatusCode, done: Option<Done>, fault: Option<Fault>) -> Response {
    let overview = match overview(desk).await {
        Ok(overview) => overview,
        Err(error) => return desk.asked.fail(error),
    };
    let done = done.filter(|done| holds(*done, &overview));
    let (visit, product) = (desk.asked.visit.clone(), desk.product());
    desk.asked.page(status, || view! { <OverviewPage visit product overview done fault/> })
}

/// Whether what the address says was done is how it stands: addresses are loaded anew and gone back to.
fn holds(done: Done, overview: &Overview) -> bool {
    let held = overview.held.as_ref();
    let subscription = held.map(|held| &held.subscription);
    let leaves = subscription.is_some_and(|own| own.cancel_at.is_some());
    match done {
        // What ended at once left the plan that everybody has, or none.
        Done::Canceled => leaves || held.is_none_or(|held| !held.is_billed),
        Done::Undone => !leaves && held.is_some_and(|held| held.pending.is_none()),
        Done::Resumed => subscription.is_some_and(|own| !matches!(own.state, State::Paused { .. })),
        Done::Scheduled => subscription.is_some_and(|own| own.scheduled.is_some()),
        Done::Paid => overview.owed.is_none(),
        Done::Changed => held.is_some(),
        Done::MethodChanged => overview.wallet.method.is_some(),
        Done::MethodRemoved => overview.wallet.method.is_none(),
    }
}

/// # Errors
/// The database's own.
pub async fn books(desk: &Desk) -> service::Result<Books> {
    let (services, application, user) = (desk.services(), desk.application(), desk.visitor.holder.user.id);
    Ok(Books {
        invoices: services.invoices().of_member(&desk.ctx, application, user).await?,
        payments: services.payments().of_member(&desk.ctx, application, user).await?,
    })
}

async fn overview(desk: &Desk) -> service::Result<Overview> {
    let (services, visitor) = (desk.services(), &desk.visitor);
    let (application, user) = (desk.application(), visitor.holder.user.id);
    let books = books(desk).await?;
    let now = services.billing_now(application);
    let provider = visitor.application.application.settings.provider;
    let upcoming = services.portal().upcoming(&desk.ctx, visitor, &books.invoices).await?;
    let method = services.methods().current(&desk.ctx, application, user).await?.map(|method| method.label);
    let held = held(desk, upcoming, method.is_some());
    let fixed = subscription(desk).and_then(Subscription::fixed);
    let wallet = Wallet {
        method,
        another: match held.as_ref().is_some_and(|held| held.is_billed) {
            true if services.methods().needs_payment(application) => Another::WithPayment,
            true if provider != Provider::None => Another::AtOnce,
            _ => Another::Never,
        },
        is_needed: services.methods().is_needed(&desk.ctx, application, user).await?,
        credit: services.credits().balance(&desk.ctx, application, user).await?.all().collect(),
        credit_pays: services.credits().pay_at_once(&visitor.application),
    };
    let offers = match fixed {
        None => offers(desk, offered(services, &visitor.application, Some(&visitor.holder)).await?),
        Some(_) => Vec::new(),
    };
    Ok(Overview {
        of: application.to_string(),
        who: visitor.holder.user.email.to_string(),
        back: visitor.back.clone(),
        now,
        owed: owed(desk, &books),
        offers,
        is_managed: fixed == Some(Fixed::Assigned),
        wallet,
        history: history(desk, &books),
        cancellation: held.as_ref().and_then(|held| cancellation(held, now)),
        is_test: visitor.application.is_test(),
        held,
    })
}

fn subscription(desk: &Desk) -> Option<&Subscription> {
    desk.visitor.holder.subscription.as_ref()
}

fn price_of(plan: &Plan, id: Option<PriceId>) -> Option<&Price> {
    plan.prices.iter().find(|price| Some(price.id) == id)
}

fn held(desk: &Desk, upcoming: Option<Upcoming>, has_method: bool) -> Option<Held> {
    let entry = &desk.visitor.application;
    let subscription = subscription(desk)?;
    let plan = entry.plan(subscription.plan_id)?;
    let is_trial = matches!(subscription.state, State::Trialing { .. });
    let is_paused = matches!(subscription.state, State::Paused { .. });
    let end = subscription.scheduled_end().map(|end| end.at);
    let next = match (upcoming, end) {
        _ if is_paused => None,
        (Some(Upcoming { at, money, by_provider }), _) => {
            let by_link = !by_provider && !has_method && !money.is_zero();
            Some(match (is_trial, by_link) {
                (true, false) => Next::FirstCharge { at, money },
                (true, true) => Next::FirstInvoice { at, money },
                (false, false) => Next::Charge { at, money },
                (false, true) => Next::Invoice { at, money },
            })
        }
        (None, Some(at)) if is_trial && subscription.cancel_at.is_none() => Some(Next::TrialEnds { at }),
        (None, Some(at)) => Some(Next::Ends { at }),
        (None, None) => None,
    };
    let pending = change_that_waits(subscription).and_then(|change| {
        let plan = entry.plan(change.plan_id)?;
        let price = price_of(plan, change.price_id).cloned();
        Some(Pending { plan: plan.name.to_string(), price, at: change.at })
    });
    Some(Held {
        plan: Plan::clone(plan),
        price: price_of(plan, subscription.price_id).cloned(),
        next,
        pending,
        is_billed: subscription.is_billed(),
        subscription: subscription.clone(),
    })
}

/// The change that can be undone: what a trial turns into is none.
fn change_that_waits(subscription: &Subscription) -> Option<Scheduled> {
    let is_trial = matches!(subscription.state, State::Trialing { .. });
    subscription.scheduled.filter(|change| !is_trial || change.plan_id != subscription.plan_id)
}

/// What is owed for a period that has begun: until the grace is over.
fn owed(desk: &Desk, books: &Books) -> Option<Owed> {
    let held = subscription(desk)?;
    let State::PastDue { grace_until: until, .. } = held.state else { return None };
    let open =
        |invoice: &&Invoice| invoice.subscription_id == held.id && matches!(invoice.state, InvoiceState::Open { .. });
    let invoice = books.invoices.iter().find(open)?;
    Some(Owed { number: invoice.number.to_string(), money: invoice.quote.due, until, dues: dues(invoice) })
}

/// Whether anything is left to pay of an invoice.
pub fn dues(invoice: &Invoice) -> Dues {
    match invoice.state {
        InvoiceState::Open { .. } if invoice.attempts.in_flight() => Dues::Charging,
        InvoiceState::Open { .. } => Dues::Open,
        InvoiceState::Paid { .. } | InvoiceState::Void { .. } | InvoiceState::Uncollectible { .. } => Dues::None,
    }
}

/// What is offered, with where it leads from what is held.
fn offers(desk: &Desk, plans: Vec<Plan>) -> Vec<Offer> {
    let entry = &desk.visitor.application;
    let held = subscription(desk).and_then(|held| Some((held, entry.plan(held.plan_id)?)));
    let tier = held.map(|(held, plan)| Tier::new(plan, price_of(plan, held.price_id)));
    let is_billed = held.is_some_and(|(held, _)| held.is_billed());
    let planned = held.filter(|(held, _)| held.cancel_at.is_none()).and_then(|(held, _)| change_that_waits(held));
    // Where nobody collects, a plan is a plan.
    let is_priced = entry.application.settings.provider != Provider::None || is_billed;
    let offer = |plan: Plan| {
        let is_held = held.is_some_and(|(held, _)| held.plan_id == plan.id);
        let way = |price: Option<&Price>| {
            let wanted = Tier::new(&plan, price);
            let is_planned = planned.is_some_and(|to| to.plan_id == plan.id && to.price_id == wanted.price_id());
            match tier {
                Some(tier) if is_held && (!is_billed || tier.price_id() == wanted.price_id()) => Way::Held,
                Some(_) if is_planned => Way::Planned,
                Some(tier) => Way::To(tier.direction(wanted)),
                None => Way::To(Direction::Upgrade),
            }
        };
        let prices = plan.current_prices().filter(|_| is_priced);
        let mut prices: Vec<_> = prices.map(|price| (Some(price.clone()), way(Some(price)))).collect();
        if prices.is_empty() {
            prices.push((None, way(None)));
        }
        Offer { plan, prices }
    };
    let leads_anywhere = |offer: &Offer| offer.prices.iter().any(|(_, way)| *way != Way::Held);
    plans.into_iter().map(offer).filter(leads_anywhere).collect()
}

fn cancellation(held: &Held, now: Timestamp) -> Option<Cancellation> {
    let subscription = &held.subscription;
    if !held.is_billed || subscription.cancel_at.is_some() {
        return None;
    }
    let after = subscription.clone().cancel_at_end(now).ok()?;
    Some(Cancellation { plan: held.plan.name.to_string(), until: after.cancel_at })
}

impl Books {
    fn of<'a>(&'a self, invoice: &'a Invoice) -> impl Iterator<Item = &'a MemberPayment> {
        self.payments.iter().filter(|payment| payment.invoice == Some(invoice.id))
    }

    /// Where an invoice stands: what became of its money, where something did.
    pub fn mark(&self, invoice: &Invoice) -> Mark {
        let told = |status: &Status| {
            use Status as S;
            matches!(status, S::Differs | S::PartiallyRefunded | S::Refunded | S::Disputed | S::ChargedBack)
        };
        let status = self.of(invoice).map(|own| own.payment.state().status()).find(told);
        status.map_or(Mark::Invoice(invoice.state.status()), Mark::Payment)
    }

    pub fn paid_with(&self, invoice: &Invoice) -> Option<String> {
        let paid = self.of(invoice).find(|own| own.payment.settled_at().is_some());
        paid.map(|own| own.method.clone()).filter(|method| !method.is_empty())
    }
}

fn history(desk: &Desk, books: &Books) -> Vec<Entry> {
    let entry = &desk.visitor.application;
    let invoices = books.invoices.iter().map(|invoice| Entry {
        at: invoice.created_at,
        what: entry.plan_name(invoice.quote.plan_id),
        method: books.paid_with(invoice).unwrap_or_default(),
        amount: invoice.quote.due,
        mark: books.mark(invoice),
        dues: dues(invoice),
        number: Some(invoice.number.to_string()),
    });
    let known = |own: &&MemberPayment| {
        let invoice = books.invoices.iter().find(|invoice| own.invoice == Some(invoice.id));
        let status = own.payment.state().status();
        // An attempt that came to nothing is told beside the invoice that it was for.
        invoice.is_none() || matches!(status, Status::Failed | Status::Expired | Status::Pending)
    };
    let payments = books.payments.iter().filter(known).map(|own| {
        let invoice = books.invoices.iter().find(|invoice| own.invoice == Some(invoice.id));
        Entry {
            at: own.created_at,
            what: invoice.map(|invoice| entry.plan_name(invoice.quote.plan_id)).unwrap_or_default(),
            method: own.method.clone(),
            amount: own.payment.amount,
            mark: Mark::Payment(own.payment.state().status()),
            dues: Dues::None,
            number: None,
        }
    });
    let mut all: Vec<Entry> = invoices.chain(payments).collect();
    all.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    all
}
