//! Payment providers: adapters behind one trait. They move money and say what became of it; what that means for a
//! subscription is decided in [`crate::billing`].

use async_trait::async_trait;
use domain::{
    ErrorCode, Money, Problem,
    application::Provider,
    billing::{payment::Mode, plan::Plan, price::Price},
    id::{ApplicationId, MembershipId},
};

use crate::{Error, Result, Services};

pub mod agreement;
mod collector;
pub mod counterparts;
pub mod keys;
pub mod method;
pub mod midtrans;
pub mod notification;
pub mod objects;
pub mod report;
pub mod request;
pub mod sandbox;
pub mod stripe;

pub use agreement::{Agreement, AgreementState, Billed, Draft, Ending, Wanted};
pub use counterparts::Counterpart;
pub use method::{Method, MethodKind};
pub use notification::{Headers, Notification, Subject};
pub use report::{Handle, Opened, Report};
pub use request::{Customer, Payer, PaymentRequest, Renewal};

/// Who collects the money: one application's account at a provider.
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Whether real money moves.
    fn mode(&self) -> Mode;

    /// Whether it renews subscriptions by itself. Where it does not, the engine charges or asks for every period.
    fn renews(&self) -> bool {
        false
    }

    /// Whether a page that [`Self::open`] has opened can be closed before its time. Where it cannot, what is paid on it
    /// after its order was given up is late money all the same.
    fn closes_pages(&self) -> bool {
        false
    }

    /// Whether it can keep a method while nothing is due. Where it cannot, trials begin without one.
    fn keeps_without_payment(&self) -> bool {
        true
    }

    /// Prepares a payment on the provider's page. Again with the same key: the same payment.
    ///
    /// # Errors
    /// `SRV_003` when the provider does not answer; internal when it refuses.
    async fn open(&self, request: &PaymentRequest) -> Result<Opened>;

    /// Asks what became of a payment. `None` when there is none of that name.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn inquire(&self, payment: &Handle) -> Result<Option<Report>>;

    /// Charges a kept method, without its owner. Again with the same key: the same charge.
    ///
    /// # Errors
    /// As [`Self::open`], internal with [`Refused`] behind it; a declined charge is no error but a report.
    async fn charge(&self, request: &PaymentRequest, method: &Method) -> Result<Report>;

    /// Sees to it that a charge which was begun is not carried out any more, unless it has been: what became of it.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn withdraw(&self, charge: &Handle) -> Result<Option<Report>> {
        self.inquire(charge).await
    }

    /// Lets a member's kept method go: nobody can charge it any more. Again: nothing.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn forget(&self, _member: MembershipId, _method: &Method) -> Result<()> {
        Ok(())
    }

    /// Gives back until `total` has been given back altogether.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn refund(&self, payment: &Handle, total: Money) -> Result<Report>;

    /// Whether a refund came to nothing, so that its money is the merchant's again.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn refund_failed(&self, _refund: &str) -> Result<bool> {
        Ok(false)
    }

    /// A subscription that the provider renews, `None` when there is none of that name.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn agreement(&self, _reference: &str) -> Result<Option<Agreement>> {
        Ok(None)
    }

    /// Brings a subscription that the provider renews to what the engine wants. It charges nothing by itself; again
    /// the same changes nothing. Of a page that [`Self::open`] has opened only [`Ending::Now`] is wanted, where
    /// [`Self::closes_pages`]: nobody can pay on it from then on, and what was paid on it stays.
    ///
    /// # Errors
    /// As [`Self::open`], `SRV_002` for a subscription that the account does not know.
    async fn steer(&self, _reference: &str, _wanted: &Wanted, _next: Option<(&Plan, &Price)>) -> Result<()> {
        Ok(())
    }

    /// Takes credit off a bill that nobody has been asked to pay yet, or less of it where the provider would not collect
    /// what is left. Again the same is once.
    ///
    /// # Errors
    /// As [`Self::open`]; internal too when the bill is a draft no more.
    async fn take_off(&self, _draft: &Draft, _credit: Money) -> Result<()> {
        Ok(())
    }

    /// Tells what has become of a plan, a price or a member that was made at the provider. Again the same changes nothing.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn show(&self, _reference: &str, _counterpart: &Counterpart) -> Result<()> {
        Ok(())
    }

    /// Where a customer pays the bill that is open on a subscription which the provider renews; `None` without one.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn bill_page(&self, _reference: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// Reads a notification whose signature is right.
    ///
    /// # Errors
    /// `AUTH_003` when it is not the provider's, `APP_001` when it cannot be read.
    fn read(&self, headers: &Headers, body: &[u8]) -> Result<Notification>;

    /// The method that was kept with a payment, where nothing but a notification tells it, whose signature is right.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn kept(&self, _payment: &Handle, _notification: &[u8]) -> Result<Option<Method>> {
        Ok(None)
    }

    /// Whether the keys work: a call that moves nothing.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn check(&self) -> Result<()>;
}

/// Checks that a provider collects an amount as it is.
///
/// # Errors
/// `APP_001` on the field `currency` or `amount`.
pub(crate) fn takes(provider: Provider, money: Money) -> Result<(), Problem> {
    match provider {
        Provider::Stripe => stripe::currencies::check(money),
        Provider::Midtrans => midtrans::check(money),
        Provider::None | Provider::Sandbox => Ok(()),
    }
}

/// A charge that its provider refuses, and would whenever it is asked. Nothing of it is there.
#[derive(Debug, thiserror::Error)]
#[error("a payment provider refuses a charge")]
pub struct Refused(#[source] pub Error);

impl Refused {
    /// Whether that is behind an error.
    pub(crate) fn is(error: &Error) -> bool {
        matches!(error, Error::Internal(source) if source.is::<Self>())
    }

    /// Whether an answer of this status will not become another. Wrong keys are put right, and what is there already, is
    /// still running or came too often is asked for again.
    const fn is_said_by(status: u16) -> bool {
        matches!(status, 400 | 402..=405 | 410 | 413 | 422)
    }
}

/// What goes wrong between a provider and us is nothing of whoever asks: to them, one that does not take our key is one
/// that does not answer. The admin's test of the keys says more.
pub(crate) fn between_us(error: Error) -> Error {
    if error.code() == ErrorCode::BadCredentials { unanswered(&error) } else { error }
}

/// A provider that does not answer, or only that it is in trouble. What exactly happened is logged here; the caller
/// learns that trying again is worth it.
fn unanswered(trouble: &(dyn std::error::Error + 'static)) -> Error {
    tracing::warn!(error = trouble, "a payment provider does not answer");
    ErrorCode::ProviderUnavailable.into()
}

impl Services {
    /// An application's account at a provider.
    ///
    /// # Errors
    /// `SRV_002` where nothing is collected, or there are no keys.
    pub(crate) fn provider(&self, application: ApplicationId, provider: Provider) -> Result<Box<dyn PaymentProvider>> {
        match provider {
            Provider::Sandbox => Ok(Box::new(sandbox::Sandbox(self.clone()))),
            Provider::Midtrans => {
                Ok(Box::new(midtrans::Midtrans::new(self, application, self.keys_at(application, provider)?)))
            }
            Provider::Stripe => {
                Ok(Box::new(stripe::Stripe::new(self, application, self.keys_at(application, provider)?)?))
            }
            Provider::None => {
                tracing::debug!(%application, provider = provider.as_str(), "no provider");
                Err(ErrorCode::ProviderNotConfigured.into())
            }
        }
    }

    fn keys_at(&self, application: ApplicationId, provider: Provider) -> Result<keys::Keys> {
        let directory = self.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
        Ok(entry.keys_of(provider).ok_or(ErrorCode::ProviderNotConfigured)?.clone())
    }
}
