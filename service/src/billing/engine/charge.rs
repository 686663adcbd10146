//! Charging a kept method: begun in one transaction, carried out at the provider, and written down in another. What is
//! interrupted in between is asked for again by the same key, so that it is charged once.

use domain::{
    ErrorCode, Timestamp,
    billing::{
        dunning::{grace_until, silence},
        invoice::Invoice,
        ledger::Action,
        order::Difference,
        payment::State as PaymentState,
    },
    id::{ApplicationId, InvoiceId, MembershipId},
};
use uuid::Uuid;

use super::{account::Loaded, steps};
use crate::{
    Ctx, Error, Result, Services,
    billing::{
        alerts::{self, AlertKind, Cause},
        hold::{self, Hold},
        invoices,
        payments::{self, Claim},
    },
    payment::{Method, PaymentRequest, Refused, Report},
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
    /// Whether nobody has asked for it before.
    is_new: bool,
    /// The moment that it was due.
    at: Timestamp,
}

/// Writes down that a charge begins.
pub(super) async fn begin(tx: &Tx<'_>, hold: &Hold, loaded: &Loaded, id: InvoiceId) -> Result<Charge> {
    let invoice = loaded.invoice.clone().filter(|invoice| invoice.id == id).ok_or(ErrorCode::PlanNotFound)?;
    let new = claim(tx, hold, loaded, &invoice, tx.id())?;
    // One that was given up unheard is asked for once more by its own key: it may have been charged.
    let unheard = payments::pending_of(tx, hold, id).await?.map(|(claim, _)| claim);
    let unheard = unheard.filter(|own| (own.provider, own.mode) == (new.provider, new.mode));
    let entry = hold.entry(Action::InvoiceAttempted).from(&invoice);
    let after = Invoice { attempts: invoice.attempts.start(), ..invoice };
    invoices::rows::update(tx, &after).await?;
    hold.log(tx, entry.to(&after)).await?;
    if let Some(claim) = unheard {
        return Ok(charge(hold, loaded, &after, claim, hold.now));
    }
    payments::begin(tx, hold, &new, loaded.method.as_ref()).await?;
    Ok(Charge { is_new: true, ..charge(hold, loaded, &after, new, hold.now) })
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
        is_new: false,
        at,
    }
}

/// Asks the provider, and writes down what it says.
pub(super) async fn carry_out(services: &Services, charge: Charge) -> Result<()> {
    let member = charge.member;
    let application = services.application_of(member).await?;
    let asked = match ask(services, application, &charge).await {
        Ok(Some(report)) if charge.method.is_none() && report.facts.is_empty() => {
            withdraw(services, application, &charge).await
        }
        asked => asked,
    };
    let report = match asked {
        Ok(Some(report)) => report,
        Ok(None) => return give_up(services, charge).await,
        // What is refused like that is no better a minute later.
        Err(error) if charge.is_new && Refused::is(&error) => {
            tracing::warn!(%member, error = &error as &dyn std::error::Error, "a provider refuses a charge");
            Report::failed(charge.key, charge.claim.mode, charge.claim.expected)
        }
        Err(error) if goes_by(&error) => return Err(error),
        // Nothing else is no answer for ever: keys that are gone or refused, what is refused after it was asked for
        // unheard, what the provider has forgotten.
        Err(error) => return unheard(services, application, charge, error).await,
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

/// Whether the provider, or our own database, may answer a minute later.
fn goes_by(error: &Error) -> bool {
    match error {
        Error::Problem(problem) => problem.code == ErrorCode::ProviderUnavailable,
        Error::Internal(source) => source.is::<sea_orm::DbErr>(),
    }
}

/// What became of it; `None` when the method is gone, and the provider has never heard of the charge.
async fn ask(services: &Services, application: ApplicationId, charge: &Charge) -> Result<Option<Report>> {
    let provider = services.provider(application, charge.claim.provider)?;
    // To a key of the other mode there is no such charge: what it says of it is no answer.
    if provider.mode() != charge.claim.mode {
        return Err(ErrorCode::ProviderNotConfigured.into());
    }
    let Some(method) = &charge.method else {
        // What was begun with it may have come to an end all the same.
        return provider.inquire(&crate::payment::Handle { key: charge.key, reference: None }).await;
    };
    let request = PaymentRequest {
        key: charge.key,
        application,
        customer: services.customer(charge.member).await?,
        payer: None,
        money: charge.claim.expected,
        price: None,
        description: charge.description.clone(),
        keep_method: false,
        renewal: None,
        return_url: services.settings.issuer.clone(),
    };
    provider.charge(&request, method).await.map(Some)
}

/// What was begun waits for its method, and that is gone: it is carried out no more. What became of it.
async fn withdraw(services: &Services, application: ApplicationId, charge: &Charge) -> Result<Option<Report>> {
    let provider = services.provider(application, charge.claim.provider)?;
    let found = provider.withdraw(&crate::payment::Handle { key: charge.key, reference: None }).await?;
    match found.filter(|report| !report.facts.is_empty()) {
        Some(report) => Ok(Some(report)),
        None => Err(Error::internal("a charge waits for a method that is gone")),
    }
}

/// Nobody can say what became of a charge. For as long as a provider that renews by itself may say nothing, that is an
/// error; then it counts as failed, its member has the grace, and a person hears of it. The payment stays, for whoever
/// asks when there are keys again.
async fn unheard(services: &Services, application: ApplicationId, charge: Charge, error: Error) -> Result<()> {
    let directory = services.directory();
    let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
    let patience = silence(entry.application.settings.grace_days);
    if services.billing_now(application) < grace_until(charge.at, patience) {
        return Err(error);
    }
    services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let mut hold = hold::lock_as_is(&tx, charge.member).await?;
                if let Some(held) = &hold.subscription {
                    alerts::raise_drift(&tx, &hold, held.id, Cause::ChargeUnknown).await?;
                }
                failed(&tx, &mut hold, charge.invoice).await
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
        // Given back before anybody heard that it had come.
        PaymentState::Refunded { .. } | PaymentState::ChargedBack { .. } if is_news && !was_paid => {
            failed(tx, hold, invoice).await
        }
        PaymentState::Differs { .. } => {
            alerts::raise(tx, hold, AlertKind::PaymentDiffers, invoice, Difference::Amount).await
        }
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
    // Another plan, or another period, may have begun meanwhile.
    let is_next = hold.subscription.as_ref().is_some_and(|held| {
        held.id == after.subscription_id && held.period.is_some_and(|period| period.end == after.period.start)
    });
    if !is_next || !matches!(after.state, domain::billing::invoice::State::Open { .. }) {
        return Ok(());
    }
    let directory = tx.services.directory();
    let entry = directory.application(hold.application()).ok_or_else(|| Error::internal("no application"))?;
    let grace = grace_until(hold.now, entry.application.settings.grace_days);
    let now = hold.now;
    steps::fall_behind(tx, hold, Some(&after), now, grace).await
}
