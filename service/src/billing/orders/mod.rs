//! Orders: from what somebody chose to what they paid for. The quote that was shown is stored; a payment that differs
//! from it grants nothing.

mod coupon;
mod destination;
mod expire;
mod forget;
mod hear;
mod place;
pub(crate) mod rows;
mod settle;
pub(crate) mod told;

use domain::{
    ErrorCode, Problem,
    billing::{
        coupon::CouponCode,
        invoice,
        ledger::Actor,
        order::State,
        plan::{Plan, PlanKey},
        quote::{Quote, QuoteKind, Seen},
        subscription::Subscription,
    },
    id::{ApplicationId, MembershipId, OrderId, PriceId, UserId},
    route,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

pub use destination::Destination;
pub(crate) use expire::{expire, expiring};
pub(crate) use forget::{forget, forget_unpaid};
pub(crate) use place::{Wanted, awaited, cancel_change, cancel_open, quote, replace_open};
pub use rows::Placed;
pub(crate) use settle::settle;

pub use crate::payment::Payer;
use crate::{
    Ctx, Error, Result, Services,
    billing::{coupons, credits, invoices, which::Which},
    crypto::Purpose,
    directory::ApplicationEntry,
    entity::{memberships, orders, payments, users},
    payment::{self, Customer, PaymentProvider, PaymentRequest, Renewal},
};

/// What somebody wants to pay for.
#[derive(Clone, Debug)]
pub struct NewOrder {
    pub plan: PlanKey,
    /// The first price of the plan that is on offer, when left out.
    pub price: Option<PriceId>,
    pub coupon: Option<CouponCode>,
    pub destination: Destination,
    /// What the application wants to find again; handed on, never read.
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// Who is billed, where it is somebody else than the member.
    pub payer: Option<Payer>,
}

/// What followed from a [`NewOrder`].
#[derive(Clone, Debug)]
pub enum Started {
    /// Nothing had to be paid: the plan is there already.
    Granted(Subscription),
    Order(Box<Placed>),
}

/// What costs nothing now, before somebody agrees to it.
#[derive(Clone, Debug)]
pub struct Offer {
    pub quote: Quote,
    /// What it would take the place of.
    pub held: Option<Subscription>,
}

/// What followed from a link to a checkout.
#[derive(Clone, Debug)]
pub enum Followed {
    /// Nothing has changed: somebody has to agree to this first.
    Ask(Box<Offer>),
    /// It was agreed to, and is done.
    Done,
    Order(Box<Placed>),
}

/// What followed from pressing the button.
#[derive(Clone, Debug)]
pub enum Pressed {
    /// On to the provider's page.
    Go(String),
    /// There was nothing left to pay.
    Done(Box<Placed>),
}

/// See the module.
pub struct Orders<'a>(&'a Services);

impl Services {
    pub const fn orders(&self) -> Orders<'_> {
        Orders(self)
    }
}

impl Orders<'_> {
    /// Makes an order for the signed-in user, or for a member whom the actor manages. The same again is the same
    /// order; another one takes its place. Users may order in the place of what they chose or got by default, and of
    /// what is billed; whoever manages them in the place of anything. Without a provider every plan is granted.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `AUTH_011` for somebody else and for users whose plan was assigned, `APP_005`
    /// without access, `SUB_001` for a plan or price that is not on offer, `SUB_002` for what is held, `SUB_006` while
    /// another subscription is billed and cannot be changed so, `SRV_002` for a provider without keys, `APP_001` for a sum
    /// that the provider does not take.
    pub async fn start(&self, ctx: &Ctx, application: ApplicationId, user: UserId, new: NewOrder) -> Result<Started> {
        let reach = if ctx.actor == Actor::User(user) {
            place::Reach::Own
        } else {
            self.0.require_manager(ctx, application).await?;
            place::Reach::Any
        };
        self.place(ctx, application, user.into(), new, reach).await
    }

    /// As [`Self::start`], in the place of anything: by an admin, who may order for themselves too. Whether the actor is
    /// one has been asked.
    ///
    /// # Errors
    /// As [`Self::start`]; `SUB_001` and `SUB_004` when there is no such subscription, or none any more.
    pub(crate) async fn start_as_manager(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: Which,
        new: NewOrder,
    ) -> Result<Started> {
        self.place(ctx, application, which, new, place::Reach::Any).await
    }

    async fn place(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: Which,
        new: NewOrder,
        reach: place::Reach,
    ) -> Result<Started> {
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?.clone();
        self.0
            .transact(ctx, move |tx| Box::pin(async move { place::place(&tx, &entry, which, new, reach).await }))
            .await
    }

    /// As [`Self::start`], for the signed-in user who followed a link: what costs nothing now is carried out only once
    /// they have agreed to it. `agreed` is the quote that they saw; another one is asked about again.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn follow(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        new: NewOrder,
        agreed: Option<Seen>,
    ) -> Result<Followed> {
        let user = ctx.require_user()?;
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?.clone();
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move { place::follow(&tx, &entry, user.into(), new, agreed.as_ref()).await })
            })
            .await
    }

    /// The path of an order's page. It names the order by a sealed text, so that it cannot be guessed.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn path(&self, id: OrderId) -> Result<String> {
        Ok(format!("{}/{}", route::CHECKOUT, self.token(id)?))
    }

    /// What names an order in the path of its page.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn token(&self, id: OrderId) -> Result<String> {
        self.0.vault.seal_value(Purpose::Order, &id, &*self.0.rng)
    }

    /// The order that the token of its path names, as it stands now.
    ///
    /// # Errors
    /// `SUB_001` when there is none.
    pub async fn find(&self, token: &str) -> Result<Placed> {
        let id: OrderId = self.0.vault.open_value(Purpose::Order, token).ok_or(ErrorCode::PlanNotFound)?;
        self.get(id).await
    }

    /// Whether the money of an order has bought nothing: it came too late, or for whoever has no access any more, and
    /// became credit.
    ///
    /// # Errors
    /// The database's own.
    pub async fn is_unused(&self, placed: &Placed) -> Result<bool> {
        let db = self.0.db.read();
        let of_order = payments::Column::Key.eq(placed.order.id.get());
        match payments::Entity::find().filter(of_order).one(db).await? {
            Some(row) => Ok(credits::of_payment(db, row.membership_id, row.id.into()).await?.is_some()),
            None => Ok(false),
        }
    }

    /// Whether a kept method is being charged for what an order pays: paid beside that, it would be paid twice.
    ///
    /// # Errors
    /// The database's own.
    pub async fn is_being_charged(&self, placed: &Placed) -> Result<bool> {
        let Some(id) = placed.invoice else { return Ok(false) };
        let Some((bill, _)) = invoices::rows::find(self.0.db.read(), id).await? else { return Ok(false) };
        Ok(matches!(bill.state, invoice::State::Open { .. }) && bill.attempts.in_flight())
    }

    async fn get(&self, id: OrderId) -> Result<Placed> {
        let row = orders::Entity::find_by_id(id.get()).one(self.0.db.read()).await?;
        let placed = rows::placed(row.ok_or(ErrorCode::PlanNotFound)?)?;
        let now = self.0.billing_now(placed.order.application_id);
        Ok(Placed { order: placed.order.settle(now), ..placed })
    }

    /// Opens the payment at the provider. `return_url` is where the provider sends the customer afterwards.
    ///
    /// # Errors
    /// `SUB_004` for an order that has ended, also meanwhile, or whose invoice is being charged; `SRV_002` without a
    /// provider, and the provider's own.
    pub async fn press(&self, placed: Placed, return_url: String) -> Result<Pressed> {
        if let State::Paid { .. } = placed.order.state {
            return Ok(Pressed::Done(Box::new(placed)));
        }
        if !placed.order.state.is_open() {
            return Err(ErrorCode::SubscriptionExpired.into());
        }
        if self.is_being_charged(&placed).await? {
            return Err(Problem::new(ErrorCode::SubscriptionExpired, "the invoice is being charged").into());
        }
        let provider = self.account(&placed)?;
        let request = self.request(&placed, return_url).await?;
        let opened = provider.open(&request).await.map_err(payment::between_us)?;
        if placed.reference.as_ref() != Some(&opened.reference) {
            rows::name(self.0, placed.order.id, opened.reference).await?;
        }
        Ok(Pressed::Go(opened.url))
    }

    /// As [`Self::press`], by somebody else than the customer: the order, with the provider's name for its payment.
    ///
    /// # Errors
    /// As [`Self::press`].
    pub async fn open(&self, placed: Placed) -> Result<Placed> {
        let id = placed.order.id;
        let back = format!("{}{}?order={}", self.0.settings.issuer, route::CHECKOUT_RETURN, self.token(id)?);
        self.press(placed, back).await?;
        self.get(id).await
    }

    async fn request(&self, placed: &Placed, return_url: String) -> Result<PaymentRequest> {
        let quote = &placed.order.quote;
        let entry = self.entry(placed)?;
        let plan = entry.plan(quote.plan_id).ok_or(ErrorCode::PlanNotFound)?;
        let price = plan.prices.iter().find(|price| Some(price.id) == quote.price_id);
        let begins = matches!(quote.kind, QuoteKind::New | QuoteKind::Trial);
        let coupon = match quote.coupon {
            Some(id) => coupons::find(self.0.db.read(), id).await?,
            None => None,
        };
        let renewal = price.filter(|_| begins).map(|price| Renewal {
            plan: Plan::clone(plan),
            price: price.clone(),
            trial_ends: quote.trial_ends,
            coupon,
        });
        Ok(PaymentRequest {
            key: placed.order.id.get(),
            application: placed.order.application_id,
            customer: self.0.customer(placed.order.membership_id).await?,
            payer: placed.payer.clone(),
            money: quote.due,
            price: quote.price_id,
            description: format!("{} \u{b7} {}", entry.application.settings.name, plan.name),
            keep_method: quote.next.is_some(),
            renewal,
            return_url,
        })
    }

    /// Asks the provider what became of the payment, and carries out what follows: the plan is there when this
    /// returns, whether or not a notification has arrived.
    ///
    /// # Errors
    /// As [`Self::find`], and the provider's own.
    pub async fn look(&self, placed: Placed) -> Result<Placed> {
        let id = placed.order.id;
        self.ask(&placed).await?;
        self.get(id).await
    }

    /// Asks about an order, whatever is known of it.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub(crate) async fn refresh(&self, id: OrderId) -> Result<()> {
        let placed = self.get(id).await?;
        self.ask(&placed).await
    }

    async fn ask(&self, placed: &Placed) -> Result<()> {
        let id = placed.order.id;
        let report = self.account(placed)?.inquire(&placed.handle()).await.map_err(payment::between_us)?;
        if let Some(report) = report {
            let ctx = Ctx { actor: Actor::System, ..Ctx::anonymous() };
            self.0.transact(&ctx, move |tx| Box::pin(async move { settle(&tx, id, report).await })).await?;
        }
        Ok(())
    }

    /// The account at which an order is paid: of the same mode, or none. What was begun in test buys nothing where real
    /// money is collected by now.
    fn account(&self, placed: &Placed) -> Result<Box<dyn PaymentProvider>> {
        let provider = self.0.provider(placed.order.application_id, placed.provider)?;
        let mode = placed.order.mode;
        let fits = provider.mode() == mode && self.entry(placed)?.honours(mode);
        if fits { Ok(provider) } else { Err(ErrorCode::ProviderNotConfigured.into()) }
    }

    fn entry(&self, placed: &Placed) -> Result<std::sync::Arc<ApplicationEntry>> {
        let directory = self.0.directory();
        Ok(directory.application(placed.order.application_id).ok_or(ErrorCode::ApplicationNotFound)?.clone())
    }
}

impl Services {
    /// The application of a membership.
    pub(crate) async fn application_of(&self, membership: MembershipId) -> Result<ApplicationId> {
        let row = memberships::Entity::find_by_id(membership.get()).one(self.db.read()).await?;
        Ok(row.ok_or(ErrorCode::UserNotFound)?.application_id.into())
    }

    /// Whose a membership is, as providers know them.
    pub(crate) async fn customer(&self, membership: MembershipId) -> Result<Customer> {
        let found = memberships::Entity::find_by_id(membership.get())
            .find_also_related(users::Entity)
            .one(self.db.read())
            .await?;
        let user = found.and_then(|(_, user)| user).ok_or(ErrorCode::UserNotFound)?;
        Ok(Customer { membership, email: user.email, name: user.name })
    }
}

/// A purchase that the quote refuses.
fn refused(error: domain::billing::quote::QuoteError) -> Error {
    Problem::from(error).into()
}
