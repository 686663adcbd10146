//! An admin moves a member to another plan, after having seen what that costs.

use domain::{
    Flaw, Problem,
    billing::{plan::PlanKey, quote::Seen, subscription::Subscription},
    id::{ApplicationId, PriceId},
};

use crate::{
    Ctx, Result,
    billing::{
        changes::Changes,
        orders::{Destination, NewOrder, Started},
        which::Which,
    },
    directory::ApplicationEntry,
};

/// Where to.
#[derive(Clone, Debug)]
pub struct Switch {
    pub plan: PlanKey,
    /// The first price of the plan that is on offer, when left out.
    pub price: Option<PriceId>,
    /// What was shown and agreed to; a change that costs something else by now is refused.
    pub agreed: Option<Seen>,
}

/// What followed.
#[derive(Clone, Debug)]
pub enum Switched {
    /// It is done, or waits for the end of the period.
    Done(Box<Subscription>),
    /// It is done once the user has paid, at this address.
    Pay(String),
}

impl Changes<'_> {
    /// Changes the plan of a member whom the actor manages.
    ///
    /// # Errors
    /// `APP_001` on the field `plan` when what was agreed to is no longer what it costs (see
    /// [`Quote::is_still`](domain::billing::quote::Quote::is_still)), `SUB_004` when it has ended, and as
    /// [`crate::billing::orders::Orders::start`].
    pub async fn switch(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: impl Into<Which>,
        switch: Switch,
    ) -> Result<Switched> {
        let services = self.0;
        let which: Which = which.into();
        let entry = services.require_manager(ctx, application).await?;
        let Switch { plan, price, agreed } = switch;
        if let Some(agreed) = agreed {
            let quote = self.preview(ctx, application, which, plan.clone(), price, None).await?;
            if !quote.is_still(&agreed, services.now()) {
                return Err(Problem::field("plan", Flaw::Outdated).into());
            }
        }
        let home = home(&entry, &services.settings.issuer);
        let destination = Destination::Application { success_url: home.clone(), cancel_url: home };
        let new = NewOrder { plan, price, coupon: None, destination, metadata: None, payer: None };
        Ok(match services.orders().start_as_manager(ctx, application, which, new).await? {
            Started::Granted(held) => Switched::Done(Box::new(held)),
            Started::Order(placed) => {
                Switched::Pay(format!("{}{}", services.settings.issuer, services.orders().path(placed.order.id)?))
            }
        })
    }
}

/// Where somebody goes on who paid by a link: the product, as far as it is known.
fn home(entry: &ApplicationEntry, issuer: &str) -> String {
    let settings = &entry.application.settings;
    let own = settings.url.as_ref().map(|url| url.as_str().to_owned());
    let own = own.or_else(|| settings.return_urls.first().map(|url| url.as_str().to_owned()));
    own.unwrap_or_else(|| format!("{issuer}/"))
}
