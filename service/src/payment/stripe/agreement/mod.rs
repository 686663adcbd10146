//! Subscriptions that Stripe renews: what it says of them, and how they are brought to what the engine wants.
//!
//! Stripe charges renewals; the engine decides prices, dates and ends. A change never lets Stripe prorate: what an
//! upgrade costs is paid by a Checkout Session of exactly the quoted amount, and the subscription then follows with
//! `proration_behavior=none`. Where the next bill is due at another moment than Stripe would choose (another interval,
//! say), a trial until then moves it: nothing is billed before. Such a trial is marked, and not told as one.

mod bills;
mod bring;
mod ending;
mod tell;

use domain::billing::subscription::Period;
use stripe::StripeRequest;
use stripe_billing::subscription::{ListSubscription, RetrieveSubscription, UpdateSubscription};
use uuid::Uuid;

use super::{
    Stripe,
    answers::{self, Listed, Named, Ref, Session, moment},
};
use crate::{
    Result,
    payment::{Agreement, Method, Report},
};

impl Stripe {
    async fn subscription(&self, id: &str) -> Result<Option<answers::Subscription>> {
        let request =
            RetrieveSubscription::new(id.to_owned()).expand(["default_payment_method", "discounts"].map(str::to_owned));
        self.wire.get(&request, self.mode).await
    }

    pub(super) async fn find_agreement(&self, id: &str) -> Result<Option<Agreement>> {
        match self.subscription(id).await? {
            Some(found) => self.tell(&found).await.map(Some),
            None => Ok(None),
        }
    }

    /// What became of the order that a subscription came of: its first bill, or a trial that has begun.
    pub(super) async fn first_of(&self, id: &str, key: Uuid, session: &Session) -> Result<Report> {
        let Some(agreement) = self.find_agreement(id).await? else { return self.without_money(session, key, None) };
        let told = agreement.billed.iter().find(|billed| billed.payment.key == key);
        let first = match told {
            Some(billed) => Some(billed.payment.clone()),
            None => self.first_bill(session, key).await?,
        };
        let report = match first {
            Some(report) => report,
            None => self.without_money(session, key, agreement.method.clone())?,
        };
        let method = report.method.clone().or_else(|| agreement.method.clone());
        Ok(Report { method, agreement: Some(agreement), ..report })
    }

    /// A customer's subscriptions are charged on another card from now on.
    pub(super) async fn bill_to(&self, customer: &str, method: &Method) -> Result<()> {
        let request = ListSubscription::new().customer(customer).expand(["data.default_payment_method".to_owned()]);
        let listed: Option<Listed<answers::Subscription>> = self.wire.get(&request, self.mode).await?;
        for found in listed.into_iter().flat_map(|listed| listed.data) {
            let current = found.default_payment_method.as_ref().and_then(Ref::object);
            if found.ended_at.is_none() && current.is_none_or(|current| current.id != method.token) {
                let update = UpdateSubscription::new(found.id).default_payment_method(method.token.as_str());
                self.wire.set::<Named>(update.build(), self.mode).await?;
            }
        }
        Ok(())
    }
}

fn period((start, end): (i64, i64)) -> Period {
    Period { start: moment(start), end: moment(end) }
}
