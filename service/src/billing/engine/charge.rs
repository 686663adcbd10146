//! Charging a kept method: begun in one transaction, carried out at the provider, and written down in another. What is
//! interrupted in between is asked for again by the same key, so that it is charged once.

use domain::{
    ErrorCode, Timestamp,
    billing::{dunning::grace_until, invoice::Invoice, ledger::Action, payment::State as PaymentState},
    id::{InvoiceId, MembershipId},
};
use uuid::Uuid;

use super::{account::Loaded, steps};
use crate::{
    Ctx, Error, Result, Services,
    billing::{
        hold::{self, Hold},
        invoices,
        payments::{self, Claim},
    },
    payment::{Method, PaymentRequest, Report},
    tx::Tx,
};

/// A charge that was begun.
pub(super) struct Charge {
    pub key: Uuid,
    member: MembershipId,
    invoice: InvoiceId,
    claim: Claim,
    method: Option<Method>,
    description: String,
    /// The moment that it was due.
    at: Timestamp,
}

/// Writes down that a charge begins.
pub(super) async fn begin(tx: &Tx<'_>, hold: &Hold, loaded: &Loaded, id: InvoiceId) -> Result<Charge> {
    let invoice = loaded.invoice.clone().filter(|invoice| invoice.id == id).ok_or(ErrorCode::PlanNotFound)?;
    let claim = claim(tx, hold, loaded, &invoice, tx.id())?;
    let entry = hold.entry(Action::InvoiceAttempted).from(&invoice);
    let after = Invoice { attempts: invoice.attempts.start(), ..invoice };
    invoices::rows::update(tx, &after).await?;
    hold.log(tx, entry.to(&after)).await?;
    payments::begin(tx, hold, &claim, loaded.method.as_ref()).await?;
    Ok(charge(hold, loaded, &after, claim, hold.now))
}

/// The charge that was begun and of which nobody knows the outcome.
pub(super) async fn begun(tx: &Tx<'_>, hold: &Hold, loaded: &Loaded) -> Result<Option<Charge>> {
    let Some(invoice) = loaded.invoice.as_ref().filter(|invoice| invoice.attempts.in_flight()) else {
        return Ok(None);
    };
    if !matches!(invoice.state, domain::billing::invoice::State::Open { .. }) {
        return Ok(None);
    }
    let Some((claim, at)) = payments::pending_of(tx, hold, invoice.id).await? else { return Ok(None) };
    Ok(Some(charge(hold, loaded, invoice, claim, at)))
}

fn claim(tx: &Tx<'_>, hold: &Hold, loaded: &Loaded, invoice: &Invoice, key: Uuid) -> Result<Claim> {
    let provider = hold.billing.provider.unwrap_or(loaded.entry.application.settings.provider);
    Ok(Claim {
        order: None,
        invoice: Some(invoice.id),
        provider,
        mode: tx.services.provider(hold.application(), provider)?.mode(),
        key,
        expected: invoice.quote.due,
    })
}

fn charge(hold: &Hold, loaded: &Loaded, invoice: &Invoice, claim: Claim, at: Timestamp) -> Charge {
    Charge {
        key: claim.key,
        member: hold.member(),
        invoice: invoice.id,
        // What was begun elsewhere is not charged there any more: it is only asked what came of it.
        method: loaded.method_at(claim.provider, claim.mode),
        claim,
        description: format!("{} \u{b7} {}", loaded.entry.application.settings.name, invoice.number),
        at,
    }
}

/// Asks the provider, and writes down what it says.
pub(super) async fn carry_out(services: &Services, charge: Charge) -> Result<()> {
    let member = charge.member;
    let row = services.customer(member).await?;
    let application = services.application_of(member).await?;
    let provider = services.provider(application, charge.claim.provider)?;
    let request = PaymentRequest {
        key: charge.key,
        application,
        customer: row,
        payer: None,
        money: charge.claim.expected,
        price: None,
        description: charge.description.clone(),
        keep_method: false,
        renewal: None,
        return_url: services.settings.issuer.clone(),
    };
    let report = match &charge.method {
        Some(method) => provider.charge(&request, method).await?,
        // The method is gone: what was begun with it may have come to an end all the same.
        None => match provider.inquire(&crate::payment::Handle { key: charge.key, reference: None }).await? {
            Some(report) => report,
            None => return give_up(services, charge).await,
        },
    };
    services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let mut hold = hold::lock_as_is(&tx, member).await?;
                hold.now = charge.at;
                settle(&tx, &mut hold, &charge.claim, &report).await
            })
        })
        .await
}

async fn give_up(services: &Services, charge: Charge) -> Result<()> {
    services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let mut hold = hold::lock_as_is(&tx, charge.member).await?;
                hold.now = charge.at;
                payments::forget(&tx, &hold, charge.key).await?;
                failed(&tx, &mut hold, charge.invoice).await
            })
        })
        .await
}

/// What became of a charge of an invoice, told by the provider's answer or by a notification.
pub(crate) async fn settle(tx: &Tx<'_>, hold: &mut Hold, claim: &Claim, report: &Report) -> Result<()> {
    let Some(invoice) = claim.invoice else { return Ok(()) };
    let Some(learned) = payments::learn(tx, hold, claim, report).await? else { return Ok(()) };
    payments::consequences(tx, hold, &learned).await?;
    let was_paid = learned.before.is_some_and(|before| before.state().is_paid());
    let is_news = learned.before.is_none_or(|before| before.state() != learned.payment.state());
    match learned.payment.state() {
        state if state.is_paid() && !was_paid => {
            let received = report.received().unwrap_or(report.money);
            invoices::paid(tx, hold, invoice, learned.payment.id, received).await
        }
        // Said again of an earlier charge, it says nothing of one that is under way.
        PaymentState::Failed { .. } | PaymentState::Expired { .. } if is_news => failed(tx, hold, invoice).await,
        _ => Ok(()),
    }
}

async fn failed(tx: &Tx<'_>, hold: &mut Hold, id: InvoiceId) -> Result<()> {
    let (invoice, _) = invoices::rows::find(tx.db, id).await?.ok_or(ErrorCode::PlanNotFound)?;
    if !invoice.attempts.in_flight() {
        return Ok(());
    }
    let entry = hold.entry(Action::InvoiceAttemptFailed).from(&invoice);
    let after = Invoice { attempts: invoice.attempts.fail(hold.now), ..invoice };
    invoices::rows::update(tx, &after).await?;
    hold.log(tx, entry.to(&after)).await?;
    if !matches!(after.state, domain::billing::invoice::State::Open { .. }) {
        return Ok(());
    }
    let directory = tx.services.directory();
    let entry = directory.application(hold.application()).ok_or_else(|| Error::internal("no application"))?;
    let grace = grace_until(hold.now, entry.application.settings.grace_days);
    let now = hold.now;
    steps::fall_behind(tx, hold, Some(&after), now, grace).await
}
