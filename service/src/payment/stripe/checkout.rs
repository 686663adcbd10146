//! Checkout Sessions: Stripe's page for one purchase.

use domain::{ErrorCode, billing::price::Interval};
use stripe::StripeRequest;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionDiscounts, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionPaymentIntentDataSetupFutureUsage, CreateCheckoutSessionSetupIntentData,
    CreateCheckoutSessionSubscriptionData, ExpireCheckoutSession, ProductData, RetrieveCheckoutSession,
};
use stripe_shared::CheckoutSessionMode;

use super::{
    Stripe,
    answers::{COUPON, KEY, Metadata, PRICE, Session},
    catalog::currency,
};
use crate::{
    Error, Result,
    payment::{Opened, PaymentRequest, Renewal},
};

/// What Checkout wants of a trial's end, in seconds from now; a shorter trial is counted in days.
const SHORTEST_TRIAL: i64 = 48 * 3600 + 300;

impl Stripe {
    pub(super) async fn open_page(&self, request: &PaymentRequest) -> Result<Opened> {
        if let Some(known) = self.services.provider_object(self.account(), request.key).await? {
            return self.opened(&known, request).await;
        }
        let made = match self.make_page(request).await {
            Err(error) if error.code() == ErrorCode::Internal => {
                let forgotten = match &request.renewal {
                    Some(renewal) => self.forget_missing(renewal).await?,
                    None => false,
                };
                if !forgotten {
                    return Err(error);
                }
                self.make_page(request).await?
            }
            made => made?,
        };
        let winner = self.services.name_object(self.account(), request.key, made.id.clone()).await?;
        if winner == made.id {
            return Ok(Opened { url: made.url.unwrap_or_else(|| request.return_url.clone()), reference: winner });
        }
        // Somebody else opened it meanwhile: nobody ever sees this page, and it is closed where that succeeds.
        if let Err(error) = self.close_page(&made.id).await {
            tracing::warn!(%error, "a page that nobody sees stays open");
        }
        self.opened(&winner, request).await
    }

    async fn make_page(&self, request: &PaymentRequest) -> Result<Session> {
        let wanted = self.session(request).await?;
        self.wire.make(&wanted, ("open", &request.key.to_string()), self.mode).await
    }

    /// The page that is there; where it is done with, the customer goes on to where it would have sent them.
    async fn opened(&self, id: &str, request: &PaymentRequest) -> Result<Opened> {
        let found: Option<Session> = self.wire.get(&RetrieveCheckoutSession::new(id.to_owned()), self.mode).await?;
        let session = found.ok_or_else(|| Error::internal("Stripe has forgotten a Checkout Session"))?;
        let url = session.url.or(session.success_url).unwrap_or_else(|| request.return_url.clone());
        Ok(Opened { url, reference: session.id })
    }

    /// Closes a page. One that is done with stays as it is.
    pub(super) async fn close_page(&self, id: &str) -> Result<()> {
        let found: Option<Session> = self.wire.get(&RetrieveCheckoutSession::new(id.to_owned()), self.mode).await?;
        if found.is_some_and(|session| session.status.as_deref() == Some("open")) {
            let expire = ExpireCheckoutSession::new(id.to_owned());
            self.wire.set::<Session>(expire.build(), self.mode).await?;
        }
        Ok(())
    }

    async fn session(&self, request: &PaymentRequest) -> Result<CreateCheckoutSession> {
        let metadata = Metadata::from([(KEY.into(), request.key.to_string())]);
        let mut marks = metadata.clone();
        if let Some(price) = request.price {
            marks.insert(PRICE.into(), price.to_string());
        }
        let session = CreateCheckoutSession::new()
            .customer(self.customer(&request.customer).await?)
            .client_reference_id(request.key.to_string())
            .metadata(marks.clone())
            .success_url(request.return_url.as_str())
            .cancel_url(request.return_url.as_str());
        match &request.renewal {
            Some(renewal) if renewal.price.interval != Interval::OneTime => {
                self.subscribing(session, renewal, metadata).await
            }
            _ if request.money.is_zero() => {
                let mut data = CreateCheckoutSessionSetupIntentData::new();
                data.metadata = Some(metadata);
                data.description = Some(request.description.clone());
                let session = session.mode(CheckoutSessionMode::Setup).setup_intent_data(data);
                Ok(session.currency(currency(request.money.currency())))
            }
            _ => self.paying(session, request, marks).await,
        }
    }

    /// What renews.
    async fn subscribing(
        &self,
        session: CreateCheckoutSession,
        renewal: &Renewal,
        metadata: Metadata,
    ) -> Result<CreateCheckoutSession> {
        self.reopen(&renewal.plan, Some(&renewal.price)).await?;
        let mut item = CreateCheckoutSessionLineItems::new();
        item.price = Some(self.price(&renewal.plan, &renewal.price).await?);
        item.quantity = Some(1);
        let mut data = CreateCheckoutSessionSubscriptionData::new();
        data.metadata = Some(metadata);
        if let (Some(marks), Some(coupon)) = (&mut data.metadata, &renewal.coupon) {
            marks.insert(COUPON.into(), coupon.id.to_string());
        }
        if let Some(ends) = renewal.trial_ends {
            let left = ends.timestamp() - self.services.now().timestamp();
            if left >= SHORTEST_TRIAL {
                data.trial_end = Some(ends.timestamp());
            } else {
                data.trial_period_days = u32::try_from((left + 86_399) / 86_400).ok().map(|days| days.max(1));
            }
        }
        let session = session.mode(CheckoutSessionMode::Subscription).line_items(vec![item]).subscription_data(data);
        let coupon = match &renewal.coupon {
            Some(coupon) => self.coupon(coupon, &renewal.price).await?,
            None => None,
        };
        Ok(match coupon {
            Some(coupon) => {
                let mut discount = CreateCheckoutSessionDiscounts::new();
                discount.coupon = Some(coupon);
                session.discounts(vec![discount])
            }
            None => session,
        })
    }

    /// Money, once: exactly what was quoted.
    async fn paying(
        &self,
        session: CreateCheckoutSession,
        request: &PaymentRequest,
        metadata: Metadata,
    ) -> Result<CreateCheckoutSession> {
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency(request.money.currency()));
        price.unit_amount = Some(request.money.amount());
        match &request.renewal {
            Some(renewal) => {
                self.reopen(&renewal.plan, None).await?;
                price.product = Some(self.product(&renewal.plan).await?);
            }
            None => price.product_data = Some(ProductData::new(request.description.as_str())),
        }
        let mut item = CreateCheckoutSessionLineItems::new();
        item.price_data = Some(price);
        item.quantity = Some(1);
        let mut data = CreateCheckoutSessionPaymentIntentData::new();
        data.metadata = Some(metadata);
        data.description = Some(request.description.clone());
        // Stripe sends a receipt to the customer by the account's settings, to anybody else when it is told to.
        let payer = request.payer.as_ref().map(|payer| payer.email.as_str());
        data.receipt_email = payer.filter(|email| *email != request.customer.email).map(str::to_owned);
        if request.keep_method {
            data.setup_future_usage = Some(CreateCheckoutSessionPaymentIntentDataSetupFutureUsage::OffSession);
        }
        Ok(session.mode(CheckoutSessionMode::Payment).line_items(vec![item]).payment_intent_data(data))
    }
}
