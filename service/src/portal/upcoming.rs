//! The next charge of a subscription, as far as it can be known today.

use domain::{
    Money, Timestamp,
    billing::{
        coupon::Discount,
        cycle::Anchored,
        invoice::{Invoice, State},
        price::Price,
        quote::Quote,
        quoting::Ask,
        rank::Tier,
    },
};
use sea_orm::EntityTrait;

use super::{Portal, Visitor};
use crate::{Ctx, Error, Result, clock::at, entity::subscriptions};

/// What comes next, if nothing changes until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upcoming {
    pub at: Timestamp,
    pub money: Money,
    /// The provider collects it by itself. Else a payment method is charged that is kept, or an invoice is paid by its
    /// link.
    pub by_provider: bool,
}

impl Portal<'_> {
    /// When the visitor is charged next, and how much, if nothing changes until then: the invoice, where there is one
    /// already. `invoices` are the visitor's. `None` where nothing comes.
    ///
    /// # Errors
    /// The database's own.
    pub async fn upcoming(&self, ctx: &Ctx, visitor: &Visitor, invoices: &[Invoice]) -> Result<Option<Upcoming>> {
        let Some(held) = visitor.holder.subscription.as_ref().filter(|held| held.is_billed()) else { return Ok(None) };
        let change = held.scheduled_change();
        let Some(moment) = change.map(|change| change.at).or(held.period.map(|period| period.end)) else {
            return Ok(None);
        };
        if held.scheduled_end().is_some_and(|end| end.at <= moment) {
            return Ok(None);
        }
        let row = subscriptions::Entity::find_by_id(held.id.get()).one(self.0.db.read()).await?;
        let Some(row) = row else { return Ok(None) };
        let upcoming = |money| Upcoming { at: moment, money, by_provider: row.reference.is_some() };
        let made = invoices.iter().find(|invoice| {
            invoice.subscription_id == held.id
                && invoice.period.start == moment
                && matches!(invoice.state, State::Open { .. })
        });
        if let Some(invoice) = made {
            return Ok(Some(upcoming(invoice.quote.due)));
        }
        let (plan, price) = change.map_or((held.plan_id, held.price_id), |change| (change.plan_id, change.price_id));
        let entry = &visitor.application;
        let Some(plan) = entry.plan(plan) else { return Ok(None) };
        let charged = |price: &&Price| !price.money.is_zero() && price.interval.months().is_some();
        let price = plan.prices.iter().find(|own| Some(own.id) == price).filter(charged);
        let Some(price) = price else { return Ok(None) };
        let anchor = row.anchor_at.map_or(moment, at);
        let Some(next) = Anchored::following(anchor, price.interval, moment) else { return Ok(None) };
        let discount: Option<Discount> =
            row.discount.as_deref().map(domain::stored::read).transpose().map_err(Error::internal)?;
        let (application, user) = (entry.application.id, visitor.holder.user.id);
        let balance = self.0.credits().balance(&visitor.ctx(ctx), application, user).await?;
        let ask = Ask {
            now: moment,
            wanted: Tier::new(plan, Some(price)),
            trial: None,
            discount: discount.as_ref(),
            balance: balance.available(price.money.currency()),
            pays_now: true,
        };
        let quote = Quote::for_renewal(&ask, next).map_err(|error| Error::from(domain::Problem::from(error)))?;
        Ok(Some(upcoming(quote.due)))
    }
}
