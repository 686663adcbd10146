//! Payment providers: adapters behind one trait. They move money and say what became of it; what that means for a
//! subscription is decided in [`crate::billing`].

use async_trait::async_trait;
use domain::{Money, Timestamp, application::Provider, billing::payment::Fact, id::ApplicationId};
use serde::{Deserialize, Serialize};

use crate::{Result, Services};

pub mod sandbox;

/// What is to be paid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentRequest {
    /// Names the payment for ever: asking twice with one key is asking once.
    pub key: uuid::Uuid,
    pub application: ApplicationId,
    pub money: Money,
    /// What the customer reads beside the amount.
    pub description: String,
    pub email: String,
    /// The method is kept, so that it can be charged again. Nothing may be due yet: then it is only kept.
    pub keep_method: bool,
    /// Where the customer goes afterwards, whatever came of it.
    pub return_url: String,
}

/// A payment that waits for its customer.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The provider's page.
    pub url: String,
    /// The provider's name for the payment.
    pub reference: String,
}

/// A method that can be charged again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// The provider's name for it.
    pub token: String,
    pub kind: MethodKind,
    /// As its owner knows it: `Visa •••• 4242`.
    pub label: String,
}

/// How somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    Card,
    /// A transfer to an account that is made for this one payment.
    VirtualAccount,
    Qris,
}

impl MethodKind {
    /// Whether it can be charged again without its owner.
    pub const fn is_chargeable(self) -> bool {
        matches!(self, Self::Card)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::VirtualAccount => "virtual_account",
            Self::Qris => "qris",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Card, Self::VirtualAccount, Self::Qris].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What a provider knows of a payment.
#[derive(Clone, Debug)]
pub struct Report {
    pub reference: String,
    /// The key of the request.
    pub key: uuid::Uuid,
    pub money: Money,
    /// Everything that has become of it, in any order.
    pub facts: Vec<Fact>,
    pub method: Option<Method>,
    /// Until when a transfer that was begun may arrive.
    pub pay_until: Option<Timestamp>,
}

/// Who collects the money.
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Prepares a payment on the provider's page.
    ///
    /// # Errors
    /// When the provider does not answer or refuses.
    async fn open(&self, request: &PaymentRequest) -> Result<Opened>;

    /// Asks what became of a payment. `None` when there is none of that key.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn inquire(&self, application: ApplicationId, key: uuid::Uuid) -> Result<Option<Report>>;

    /// Charges a kept method, without its owner.
    ///
    /// # Errors
    /// As [`Self::open`]; a declined charge is no error but a report.
    async fn charge(&self, request: &PaymentRequest, method: &Method) -> Result<Report>;

    /// Gives back until `total` has been given back altogether.
    ///
    /// # Errors
    /// As [`Self::open`].
    async fn refund(&self, application: ApplicationId, key: uuid::Uuid, total: Money) -> Result<Report>;
}

impl Services {
    /// The adapter of a provider, `None` where nothing is collected or the adapter is not there.
    pub(crate) fn provider(&self, provider: Provider) -> Option<Box<dyn PaymentProvider>> {
        match provider {
            Provider::Sandbox => Some(Box::new(sandbox::Sandbox(self.clone()))),
            Provider::None | Provider::Stripe | Provider::Midtrans => None,
        }
    }
}
