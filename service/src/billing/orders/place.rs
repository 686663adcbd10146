//! Making an order.

use chrono::TimeDelta;
use domain::{
    Currency, ErrorCode, Flaw, Problem, Timestamp,
    application::Provider,
    billing::{
        coupon::CouponCode,
        ledger::Action,
        order::{Event, Order, State},
        plan::{Plan, PlanKey},
        price::Price,
        quote::{Quote, QuoteKind, Seen},
        quoting::{Ask, Held, Standing, TrialKind},
        rank::Tier,
        subscription::{self, Source, Subscription},
        worth::worth,
    },
    id::{CouponId, InvoiceId, PriceId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    Followed, NewOrder, Offer, Placed, Started, refused, rows,
    settle::{Grant, grant},
    told::Told,
};
use crate::{
    Result,
    billing::{
        coupons, credits,
        hold::{self, Hold, Placement},
        invoices, methods, offers, payments,
        subscriptions::{no_access, refuse_assigned},
        trials,
        which::Which,
    },
    directory::ApplicationEntry,
    entity::orders,
    payment,
    tx::Tx,
};

/// How long a checkout stays open.
const OPEN: TimeDelta = TimeDelta::hours(24);

/// Which plans an order may take the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The member orders for themselves: what they chose or got by default, and what is billed.
    Own,
    /// Any: whoever manages the member has decided.
    Any,
}

pub(super) async fn place(
    tx: &Tx<'_>,
    entry: &ApplicationEntry,
    which: Which,
    new: NewOrder,
    reach: Reach,
) -> Result<Started> {
    let bid = bid(tx, entry, which, &new, reach).await?;
    take(tx, entry, bid, new).await
}

/// As [`place`], but what costs nothing now waits until somebody has agreed to it: `agreed` is the quote that they saw.
pub(super) async fn follow(
    tx: &Tx<'_>,
    entry: &ApplicationEntry,
    which: Which,
    new: NewOrder,
    agreed: Option<&Seen>,
) -> Result<Followed> {
    let bid = bid(tx, entry, which, &new, Reach::Own).await?;
    if bid.is_at_once && agreed.is_none_or(|seen| !bid.quote.is_still(seen, tx.now)) {
        return Ok(Followed::Ask(Box::new(Offer { quote: bid.quote, held: bid.hold.subscription })));
    }
    Ok(match take(tx, entry, bid, new).await? {
        Started::Granted(_) => Followed::Done,
        Started::Order(placed) => Followed::Order(placed),
    })
}

/// What an order comes to, before anything of it is done.
struct Bid {
    hold: Hold,
    quote: Quote,
    /// Nothing has to be paid or entered first.
    is_at_once: bool,
    reach: Reach,
}

async fn bid(tx: &Tx<'_>, entry: &ApplicationEntry, which: Which, new: &NewOrder, reach: Reach) -> Result<Bid> {
    let hold = which.lock(tx, entry.application.id).await.map_err(no_access)?;
    if !hold.is_active() {
        return Err(ErrorCode::NoAccess.into());
    }
    let wanted = Wanted { plan: &new.plan, price: new.price, coupon: new.coupon.as_ref() };
    let quote = quote(tx, entry, &hold, &wanted).await?;
    for money in quote.next.iter().map(|(_, money)| *money).chain([quote.due]) {
        payment::takes(entry.application.settings.provider, money)?;
    }
    if let (Reach::Own, Some(held)) = (reach, &hold.subscription) {
        refuse_assigned(held)?;
    }
    let has_method = match entry.account() {
        Some(account) => methods::current(tx.db, hold.member(), Some(account)).await?.is_some(),
        None => false,
    };
    let is_at_once = quote.due.is_zero() && (!quote.takes_method || has_method);
    Ok(Bid { hold, quote, is_at_once, reach })
}

async fn take(tx: &Tx<'_>, entry: &ApplicationEntry, bid: Bid, new: NewOrder) -> Result<Started> {
    let application = entry.application.id;
    let provider = entry.application.settings.provider;
    let Bid { mut hold, quote, is_at_once, reach } = bid;
    if is_at_once {
        cancel_open(tx, &hold).await?;
        if let Some(coupon) = redeems(&hold, &quote) {
            coupons::reserve(tx, &hold, coupon, None).await?;
        }
        let plan = quote.plan_id;
        carry_out(tx, entry, &mut hold, quote).await?;
        match reach {
            Reach::Own => hold::select(tx, &mut hold, Some(plan)).await?,
            Reach::Any => hold::mark_chosen(tx, &mut hold).await?,
        }
        return hold.subscription.map(Started::Granted).ok_or_else(|| ErrorCode::PlanNotFound.into());
    }
    let order = Order {
        id: tx.id(),
        application_id: application,
        membership_id: hold.member(),
        quote,
        mode: tx.services.provider(application, provider)?.mode(),
        state: State::Open,
        expires_at: hold.now + OPEN,
        created_at: hold.now,
    };
    let placed = Placed {
        order,
        provider,
        destination: new.destination,
        metadata: new.metadata,
        payer: new.payer,
        reference: None,
        invoice: None,
    };
    replace_open(tx, &hold, placed).await.map(|placed| Started::Order(Box::new(placed)))
}

/// What costs nothing now takes effect now: a downgrade is noted, everything else is there.
async fn carry_out(tx: &Tx<'_>, entry: &ApplicationEntry, hold: &mut Hold, quote: Quote) -> Result<()> {
    match quote.kind {
        QuoteKind::Downgrade => {
            invoices::release_next(tx, hold).await?;
            let before = hold.subscription.clone().ok_or(ErrorCode::PlanNotFound)?;
            let after = Subscription { scheduled: quote.scheduled, cancel_at: None, ..before };
            hold.billing.discount = quote.discount;
            hold::change(tx, hold, after, Action::SubscriptionScheduled).await?;
        }
        QuoteKind::Free => {
            invoices::release_all(tx, hold).await?;
            let placement = Placement { plan: quote.plan_id, price: None, source: Source::User, expires_at: None };
            hold::place(tx, hold, placement).await?;
        }
        _ => {
            let plan = entry.plan(quote.plan_id).ok_or(ErrorCode::PlanNotFound)?;
            // Where nobody collects any more, what is billed stays with who did.
            let account = entry.account().or_else(|| hold.account());
            let provider = account.map_or(entry.application.settings.provider, |own| own.provider);
            let mode = account.map(|own| own.mode);
            let what = Grant { quote: &quote, since: hold.now, provider, mode, agreement: None };
            grant(tx, hold, plan, &what).await?;
        }
    }
    Ok(())
}

/// What somebody wants.
pub(crate) struct Wanted<'a> {
    pub plan: &'a PlanKey,
    /// The first on offer, when left out.
    pub price: Option<PriceId>,
    pub coupon: Option<&'a CouponCode>,
}

/// What it costs, and what follows: nothing, where no provider collects.
pub(crate) async fn quote(tx: &Tx<'_>, entry: &ApplicationEntry, hold: &Hold, wanted: &Wanted<'_>) -> Result<Quote> {
    let plan = entry.plan_by_key(wanted.plan.as_str()).filter(|plan| plan.is_on_offer());
    let plan = plan.ok_or(ErrorCode::PlanNotFound)?;
    let held = hold.subscription.as_ref();
    // Nobody collects: a plan is a plan, without trial, period and price. What is still billed changes as it would.
    let is_granted =
        entry.application.settings.provider == Provider::None && !held.is_some_and(Subscription::is_billed);
    let held_price = held.and_then(|held| price_of(entry, held));
    let paid = held_price.map(|price| price.money.currency());
    let price = wanted_price(plan, wanted.price, paid)?.filter(|_| !is_granted);
    let had_trial = trials::had(tx.db, hold.membership.id).await?;
    let currency = price.or(held_price).map_or_else(|| Currency::parse("usd"), |price| Ok(price.money.currency()))?;
    let discount = match (wanted.coupon, price) {
        (Some(code), Some(price)) => Some(coupons::redeem(tx, hold, code, plan.id, price).await?),
        (Some(_), None) => return Err(Problem::field("coupon", Flaw::UnknownCoupon).into()),
        (None, _) => hold.billing.discount.clone(),
    };
    let ask = Ask {
        now: hold.now,
        wanted: Tier::new(plan, price),
        trial: price.and_then(|price| price.trial_for(trial_kind(tx, entry), had_trial)),
        discount: discount.as_ref(),
        balance: credits::available(tx, hold, currency).await?,
        pays_now: tx.services.credits().pay_at_once(entry),
    };
    let Some(held) = held.filter(|held| held.is_billed()) else {
        if held.is_some_and(|held| held.plan_id == plan.id) {
            return Err(ErrorCode::AlreadySubscribed.into());
        }
        return Quote::for_new(&ask).map_err(refused);
    };
    let current = entry.plan(held.plan_id).ok_or(ErrorCode::PlanNotFound)?;
    stays_in_currency(entry, hold, held_price, price)?;
    let standing = standing(tx, entry, hold, held_price).await?;
    let tier = Tier::new(current, held_price);
    Quote::for_change(&ask, &Held { tier, standing }).map_err(refused)
}

/// What is offered to nobody who is billed like this is refused.
fn stays_in_currency(
    entry: &ApplicationEntry,
    hold: &Hold,
    held: Option<&Price>,
    wanted: Option<&Price>,
) -> Result<(), Problem> {
    let bound = offers::bound(entry.account(), &hold.billing, held);
    let (Some(currency), Some(wanted)) = (bound, wanted) else { return Ok(()) };
    if offers::is_open(wanted, bound) {
        return Ok(());
    }
    let message = format!("this price is not on offer to who is billed in {}", currency.code());
    Err(Problem::new(ErrorCode::PlanNotFound, message))
}

/// A trial asks for a method where one can be kept before anything is paid.
fn trial_kind(tx: &Tx<'_>, entry: &ApplicationEntry) -> TrialKind {
    match tx.services.provider(entry.application.id, entry.application.settings.provider) {
        Ok(provider) if !provider.keeps_without_payment() => TrialKind::WithoutMethod,
        _ => TrialKind::WithMethod,
    }
}

/// The price that was asked for, or the first on offer, of those in the currency that is paid where there is one; none
/// for a free plan.
fn wanted_price(plan: &Plan, wanted: Option<PriceId>, paid: Option<Currency>) -> Result<Option<&Price>> {
    match wanted {
        Some(id) => {
            let price = plan.current_prices().find(|price| price.id == id);
            Ok(Some(price.ok_or_else(|| Problem::new(ErrorCode::PlanNotFound, "this price is not on offer"))?))
        }
        None => {
            let is_ours = |price: &&Price| Some(price.money.currency()) == paid;
            Ok(plan.current_prices().find(is_ours).or_else(|| plan.current_prices().next()))
        }
    }
}

fn price_of<'a>(entry: &'a ApplicationEntry, held: &Subscription) -> Option<&'a Price> {
    let plan = entry.plan(held.plan_id)?;
    plan.prices.iter().find(|price| Some(price.id) == held.price_id)
}

/// How the subscription that is held is paid. A debt is not paid by changing the plan, nor is it taken along; what test
/// money paid is worth nothing where real money is collected by now.
async fn standing(tx: &Tx<'_>, entry: &ApplicationEntry, hold: &Hold, price: Option<&Price>) -> Result<Standing> {
    let Some(held) = &hold.subscription else { return Ok(Standing::Unbilled) };
    Ok(match (held.state, held.period, price) {
        (subscription::State::Paused { .. }, ..) => {
            let why = "the subscription is paused; resume it before its plan is changed";
            return Err(Problem::new(ErrorCode::BilledByProvider, why).into());
        }
        (subscription::State::Trialing { ends_at }, ..) => Standing::Trial { ends_at, kind: trial_kind(tx, entry) },
        (subscription::State::Active, Some(period), Some(price)) => {
            let charge = invoices::of_period(tx, held.id, period).await?;
            // Who bills it may be another by now than who was paid for the period.
            let paid_in = match &charge {
                Some(invoice) => payments::mode_of(tx, hold, invoice.id).await?,
                None => None,
            };
            if paid_in.or(hold.billing.mode).is_some_and(|mode| !entry.honours(mode)) {
                return Ok(Standing::Unbilled);
            }
            let worth = worth(price.money, charge.as_ref().map(|invoice| &invoice.quote));
            Standing::Paid { period, anchor: hold.billing.anchor.unwrap_or(period.start), worth }
        }
        _ => Standing::Unbilled,
    })
}

/// The open order of the membership where it asks for the same money, otherwise `placed` in its place.
pub(crate) async fn replace_open(tx: &Tx<'_>, hold: &Hold, placed: Placed) -> Result<Placed> {
    if let Some(before) = open(tx, hold).await? {
        let settled = before.order.clone().settle(hold.now);
        let same = settled.state.is_open()
            && settled.quote.digest() == placed.order.quote.digest()
            && before.provider == placed.provider
            && before.order.mode == placed.order.mode
            && before.invoice == placed.invoice;
        if same {
            let kept = Placed { order: before.order.clone(), reference: before.reference.clone(), ..placed };
            rows::update(tx, &kept).await?;
            let entry = hold.entry(Action::OrderUpdated).from(Told::of(&before)).to(Told::of(&kept));
            if entry.from != entry.to {
                hold.log(tx, entry).await?;
            }
            return Ok(kept);
        }
        let paid_invoice = before.invoice.is_some();
        give_up(tx, hold, before).await?;
        if paid_invoice {
            // A charge may have waited for its money.
            hold::touch(tx, hold).await?;
        }
    }
    rows::insert(tx, &placed).await?;
    if let Some(coupon) = redeems(hold, &placed.order.quote) {
        coupons::reserve(tx, hold, coupon, Some(placed.order.id)).await?;
    }
    hold.log(tx, hold.entry(Action::OrderCreated).to(Told::of(&placed))).await?;
    Ok(placed)
}

/// The coupon that is redeemed with a quote; none for a discount that is held already.
fn redeems(hold: &Hold, quote: &Quote) -> Option<CouponId> {
    let held = hold.billing.discount.as_ref().map(|held| held.coupon_id);
    quote.coupon.filter(|coupon| held != Some(*coupon))
}

/// Until when the money of an invoice may arrive by the order that is open.
pub(crate) async fn awaited(tx: &Tx<'_>, hold: &Hold, invoice: InvoiceId) -> Result<Option<Timestamp>> {
    let placed = open(tx, hold).await?.filter(|placed| placed.invoice == Some(invoice));
    Ok(match placed.map(|placed| placed.order.state) {
        Some(State::Pending { until }) => Some(until),
        _ => None,
    })
}

/// The period that an open order would change is over: it is not to be had any more. One that pays an invoice is.
pub(crate) async fn cancel_change(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    match open(tx, hold).await?.filter(|placed| placed.invoice.is_none()) {
        Some(placed) => give_up(tx, hold, placed).await,
        None => Ok(()),
    }
}

/// What is shown to a member whose subscription has changed is no longer true: their open order ends.
pub(crate) async fn cancel_open(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    match open(tx, hold).await? {
        Some(placed) => give_up(tx, hold, placed).await,
        None => Ok(()),
    }
}

async fn give_up(tx: &Tx<'_>, hold: &Hold, placed: Placed) -> Result<()> {
    let (state, action) = match placed.order.clone().settle(hold.now).state {
        state @ State::Expired { .. } => (state, Action::OrderExpired),
        state => {
            let state = state.apply(Event::Cancel { at: hold.now }).map_err(crate::Error::internal)?;
            (state, Action::OrderCanceled)
        }
    };
    rows::advance(tx, hold, placed, state, action).await?;
    Ok(())
}

async fn open(tx: &Tx<'_>, hold: &Hold) -> Result<Option<Placed>> {
    let open = orders::Entity::find()
        .filter(orders::Column::MembershipId.eq(hold.membership.id))
        .filter(orders::open())
        .one(tx.db)
        .await?;
    open.map(rows::placed).transpose()
}
