//! What became of plans, prices and members that were made at Stripe. What is no longer sold is inactive there: nobody can
//! begin to pay it, and subscriptions that have it go on. Bills go to the address that a member has now.

use chrono::TimeDelta;
use domain::billing::{plan::Plan, price::Price};
use stripe::StripeRequest;
use stripe_core::customer::UpdateCustomer;
use stripe_product::{price::UpdatePrice, product::UpdateProduct};
use uuid::Uuid;

use super::{Stripe, answers::Named};
use crate::{Result, payment::Counterpart};

/// How long a page of Stripe's stays open.
const PAGE: TimeDelta = TimeDelta::hours(24);

impl Stripe {
    pub(super) async fn show_counterpart(&self, reference: &str, counterpart: &Counterpart) -> Result<()> {
        let request = match counterpart {
            Counterpart::Plan { name, description, is_sold } => UpdateProduct::new(reference.to_owned())
                .name(name.as_str())
                .description(description.as_str())
                .active(*is_sold)
                .build(),
            Counterpart::Price { is_sold } => UpdatePrice::new(reference.to_owned()).active(*is_sold).build(),
            // An empty name takes the one away that is there.
            Counterpart::Customer { email, name } => UpdateCustomer::new(reference.to_owned())
                .email(email.as_str())
                .name(name.as_deref().unwrap_or_default())
                .build(),
        };
        self.wire.set::<Named>(request, self.mode).await?;
        Ok(())
    }

    /// Lets what is no longer sold be taken once more: by whoever was offered it before, or goes back to it. Stripe is
    /// told again, when no page can be open any more, what it is.
    pub(super) async fn reopen(&self, plan: &Plan, price: Option<&Price>) -> Result<()> {
        if plan.archived_at.is_some() && plan.stripe_product_id.is_none() {
            let (name, description) = (plan.name.clone(), plan.description.clone());
            self.sell_again(plan.id.get(), &Counterpart::Plan { name, description, is_sold: true }).await?;
        }
        if let Some(price) = price.filter(|price| price.archived_at.is_some() && price.stripe_price_id.is_none()) {
            self.sell_again(price.id.get(), &Counterpart::Price { is_sold: true }).await?;
        }
        Ok(())
    }

    async fn sell_again(&self, local: Uuid, counterpart: &Counterpart) -> Result<()> {
        let Some(known) = self.services.provider_object(self.account(), local).await? else { return Ok(()) };
        self.services.outdate_counterpart(self.application, local, self.services.now() + PAGE).await?;
        self.show_counterpart(&known, counterpart).await
    }
}
