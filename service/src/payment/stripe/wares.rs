//! What became of plans and prices that were made at Stripe. One that is no longer sold is inactive there: nobody can
//! begin to pay it, and subscriptions that have it go on.

use chrono::TimeDelta;
use domain::billing::{plan::Plan, price::Price};
use stripe::StripeRequest;
use stripe_product::{price::UpdatePrice, product::UpdateProduct};
use uuid::Uuid;

use super::{Stripe, answers::Named};
use crate::{Result, payment::Ware};

/// How long a page of Stripe's stays open.
const PAGE: TimeDelta = TimeDelta::hours(24);

impl Stripe {
    pub(super) async fn show_ware(&self, reference: &str, ware: &Ware) -> Result<()> {
        let request = match ware {
            Ware::Plan { name, description, is_sold } => UpdateProduct::new(reference.to_owned())
                .name(name.as_str())
                .description(description.as_str())
                .active(*is_sold)
                .build(),
            Ware::Price { is_sold } => UpdatePrice::new(reference.to_owned()).active(*is_sold).build(),
        };
        self.wire.set::<Named>(request, self.mode).await?;
        Ok(())
    }

    /// Lets what is no longer sold be taken once more: by whoever was offered it before, or goes back to it. Stripe is
    /// told again, when no page can be open any more, what it is.
    pub(super) async fn reopen(&self, plan: &Plan, price: Option<&Price>) -> Result<()> {
        if plan.archived_at.is_some() && plan.stripe_product_id.is_none() {
            let (name, description) = (plan.name.clone(), plan.description.clone());
            self.sell_again(plan.id.get(), &Ware::Plan { name, description, is_sold: true }).await?;
        }
        if let Some(price) = price.filter(|price| price.archived_at.is_some() && price.stripe_price_id.is_none()) {
            self.sell_again(price.id.get(), &Ware::Price { is_sold: true }).await?;
        }
        Ok(())
    }

    async fn sell_again(&self, local: Uuid, ware: &Ware) -> Result<()> {
        let Some(known) = self.services.provider_object(self.account(), local).await? else { return Ok(()) };
        self.services.outdate_ware(self.application, local, self.services.now() + PAGE).await?;
        self.show_ware(&known, ware).await
    }
}
