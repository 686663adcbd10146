//! What we want of a subscription that a provider renews, and of a page on which nobody is to pay any more. It is written
//! down in the transaction that decides it, and told to the provider afterwards, until the provider has it. So are the
//! methods that it is to let go.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    application::Provider,
    billing::{
        payment::Mode,
        subscription::{State, Subscription},
    },
    id::{ApplicationId, MembershipId, PriceId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};

use super::left::At;
use crate::{
    Ctx, Error, Result, Services,
    billing::hold::Hold,
    directory::ApplicationEntry,
    entity::{orders, steering},
    payment::{Ending, Method, MethodKind, Wanted, objects::Account},
    rounds::{self, Round},
    tx::Tx,
};

/// How much of an application one look takes.
const BATCH: u64 = 50;
/// The longest wait between two attempts.
const LONGEST: TimeDelta = TimeDelta::hours(1);

pub(super) type Told = steering::Model;

/// A kept method that is to be let go: its token is the reference.
#[derive(Serialize, Deserialize)]
struct Release {
    member: MembershipId,
    kind: MethodKind,
    mode: Mode,
}

impl Release {
    /// Where a row is about that, and not about a subscription.
    fn of(row: &steering::Model) -> Option<Self> {
        domain::stored::read(&row.wanted).ok()
    }
}

/// When a provider is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tell {
    /// It has it from itself.
    Never,
    /// Where it was not told the same before.
    News,
    Again,
}

/// Writes down what is wanted of the subscription that is held from now on. A price that waits at the provider stays,
/// as long as price and period are what they were.
pub(crate) async fn want(tx: &Tx<'_>, hold: &Hold, held: &Subscription) -> Result<()> {
    let Some((provider, reference)) = named(hold) else { return Ok(()) };
    let terms = |own: &Subscription| (own.price_id, own.period, own.scheduled);
    let same = held.scheduled.is_none() && hold.subscription.as_ref().is_some_and(|own| terms(own) == terms(held));
    let mut wanted = wanted_of(hold, held);
    if same && leaves_price(tx, hold.application(), provider, reference).await? {
        wanted.price = None;
    }
    write(tx, hold.application(), provider, reference, wanted, Tell::News).await
}

fn wanted_of(hold: &Hold, held: &Subscription) -> Wanted {
    let change = held.scheduled_change();
    let ending = match held.state {
        state if state.is_final() => Ending::Now,
        _ if held.cancel_at.is_some() => Ending::AtPeriodEnd,
        _ => Ending::GoesOn,
    };
    let plan = change.map_or(held.plan_id, |change| change.plan_id);
    // A plan that is free needs nobody to bill it.
    let to_free = change.is_some_and(|change| change.price_id.is_none());
    Wanted {
        price: change.map_or(held.price_id, |change| change.price_id),
        bills_at: held.period.map(|period| period.end),
        ending: if to_free { Ending::AtPeriodEnd } else { ending },
        ends_at: held.cancel_at.filter(|_| ending == Ending::AtPeriodEnd && !to_free),
        paused: matches!(held.state, State::Paused { .. }),
        discount: hold.billing.discount.clone().filter(|discount| discount.covers(plan)),
        mode: hold.billing.mode,
    }
}

/// Notes that the provider has what was written down last: it was changed there.
pub(super) async fn has(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    use steering::Column;
    let Some((provider, reference)) = named(hold) else { return Ok(()) };
    steering::Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(None::<i64>))
        .filter(Column::ApplicationId.eq(hold.application().get()))
        .filter(Column::Provider.eq(provider.as_str()))
        .filter(Column::Reference.eq(reference))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Leaves another price that was taken at the provider as it is: it is followed once it is paid, and until then nothing
/// that is told puts the one before back.
pub(super) async fn leave_price(tx: &Tx<'_>, hold: &Hold, held: &Subscription) -> Result<()> {
    let Some((provider, reference)) = named(hold) else { return Ok(()) };
    if is_pending(tx, hold.application(), provider, reference).await? {
        return Ok(());
    }
    let wanted = Wanted { price: None, ..wanted_of(hold, held) };
    write(tx, hold.application(), provider, reference, wanted, Tell::Never).await
}

/// Ends what a provider renews of the subscription that is held: nothing of ours goes with it from now on.
pub(crate) async fn end_held(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    let Some((provider, reference)) = named(hold) else { return Ok(()) };
    write(tx, hold.application(), provider, reference, ended(hold.billing.mode), Tell::News).await
}

/// Ends a subscription of the provider's that nothing of ours goes with.
pub(crate) async fn end_now(tx: &Tx<'_>, account: Account, reference: &str) -> Result<()> {
    let Account { application, provider, mode } = account;
    write(tx, application, provider, reference, ended(Some(mode)), Tell::News).await
}

/// As [`end_now`], of one that goes on although its provider was told to end it.
pub(super) async fn end_again(tx: &Tx<'_>, account: Account, reference: &str) -> Result<()> {
    let Account { application, provider, mode } = account;
    if is_pending(tx, application, provider, reference).await? {
        return Ok(());
    }
    write(tx, application, provider, reference, ended(Some(mode)), Tell::Again).await
}

/// Closes a page of the provider's, also one on which something was begun since it was told to.
pub(crate) async fn close_page(
    tx: &Tx<'_>,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
) -> Result<()> {
    write(tx, application, provider, reference, ended(None), Tell::Again).await
}

/// Lets a kept method of a member's go at its provider.
pub(crate) async fn release(tx: &Tx<'_>, account: Account, member: MembershipId, method: &Method) -> Result<()> {
    let Account { application, provider, mode } = account;
    let wanted = Release { member, kind: method.kind, mode };
    write(tx, application, provider, &method.token, wanted, Tell::News).await
}

/// A method that was to be let go is kept again: its provider is told nothing of it.
pub(crate) async fn retain(tx: &Tx<'_>, account: Account, member: MembershipId, method: &Method) -> Result<()> {
    let row = told(tx.db, account.application, account.provider, &method.token).await?;
    let own = row.filter(|row| Release::of(row).is_some_and(|release| release.member == member));
    if let Some(row) = own {
        let key = (row.application_id, row.provider, row.reference);
        steering::Entity::delete_by_id(key).exec(tx.db).await?;
    }
    Ok(())
}

const fn ended(mode: Option<Mode>) -> Wanted {
    Wanted { price: None, bills_at: None, ending: Ending::Now, ends_at: None, paused: false, discount: None, mode }
}

/// Whether the provider has not been told everything yet.
async fn is_pending(tx: &Tx<'_>, application: ApplicationId, provider: Provider, reference: &str) -> Result<bool> {
    let row = told(tx.db, application, provider, reference).await?;
    Ok(row.is_some_and(|row| row.next_at.is_some()))
}

/// Where something waits that a provider of an application has not been told yet.
pub(super) async fn waiting(tx: &Tx<'_>, entry: &ApplicationEntry) -> Result<Vec<At>> {
    let rows = steering::Entity::find()
        .filter(steering::Column::ApplicationId.eq(entry.application.id.get()))
        .filter(steering::Column::NextAt.is_not_null())
        .all(tx.db)
        .await?;
    let mut waiting = Vec::new();
    for row in rows {
        if !closes_by_itself(tx, entry, &row).await? {
            waiting.push((row.provider.clone(), mode_of(&row)));
        }
    }
    Ok(waiting)
}

/// Whether a row is about a page for which there are no keys any more: its provider lets it run out. What is renewed
/// does not end so, also where its mode was never noted.
async fn closes_by_itself(tx: &Tx<'_>, entry: &ApplicationEntry, row: &steering::Model) -> Result<bool> {
    use orders::Column;
    let has_keys = Provider::parse(&row.provider).is_ok_and(|provider| entry.mode_at(provider).is_some());
    if has_keys || mode_of(row).is_some() {
        return Ok(false);
    }
    let pages = orders::Entity::find()
        .filter(Column::ApplicationId.eq(row.application_id))
        .filter(Column::Provider.eq(row.provider.as_str()))
        .filter(Column::Reference.eq(row.reference.as_str()));
    Ok(pages.count(tx.db).await? > 0)
}

/// The mode of what a row is about, where that is known.
fn mode_of(row: &steering::Model) -> Option<Mode> {
    match Release::of(row) {
        Some(release) => Some(release.mode),
        None => domain::stored::read::<Wanted>(&row.wanted).ok()?.mode,
    }
}

/// Whether the price is left to the provider, in a subscription that goes on.
async fn leaves_price(tx: &Tx<'_>, application: ApplicationId, provider: Provider, reference: &str) -> Result<bool> {
    let Some(row) = told(tx.db, application, provider, reference).await? else { return Ok(false) };
    let before: Wanted = domain::stored::read(&row.wanted).map_err(Error::internal)?;
    Ok(before.price.is_none() && before.ending != Ending::Now)
}

/// What was written down last, and whether the provider has it.
pub(super) async fn told(
    db: &impl ConnectionTrait,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
) -> Result<Option<Told>> {
    let key = (application.get(), provider.as_str().to_owned(), reference.to_owned());
    Ok(steering::Entity::find_by_id(key).one(db).await?)
}

fn named(hold: &Hold) -> Option<(Provider, &str)> {
    Some((hold.billing.provider?, hold.billing.reference.as_deref()?))
}

async fn write(
    tx: &Tx<'_>,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
    wanted: impl Serialize,
    tell: Tell,
) -> Result<()> {
    let text = serde_json::to_string(&wanted).map_err(Error::internal)?;
    let before = told(tx.db, application, provider, reference).await?;
    if tell == Tell::News && before.is_some_and(|row| row.wanted == text) {
        return Ok(());
    }
    use steering::Column;
    let row = steering::ActiveModel {
        application_id: Set(application.get()),
        provider: Set(provider.as_str().into()),
        reference: Set(reference.into()),
        wanted: Set(text),
        attempts: Set(0),
        next_at: Set((tell != Tell::Never).then(|| tx.millis())),
        error: Set(None),
    };
    let again = OnConflict::columns([Column::ApplicationId, Column::Provider, Column::Reference])
        .update_columns([Column::Wanted, Column::Attempts, Column::NextAt, Column::Error])
        .to_owned();
    steering::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await?;
    Ok(())
}

#[derive(Clone)]
struct Steering(Services);

impl Round for Steering {
    type For = ApplicationId;

    const EVERY: Duration = Duration::from_secs(1);

    async fn waiting(&self) -> Result<BTreeSet<ApplicationId>> {
        rounds::due::<steering::Entity, _>(&self.0, steering::Column::ApplicationId, steering::Column::NextAt).await
    }

    async fn work(&self, application: ApplicationId) -> Result<bool> {
        Ok(self.0.steer_one(application).await? == BATCH as usize)
    }
}

impl Services {
    /// Tells providers what is wanted, for as long as the server runs.
    pub async fn steer_forever(self) {
        rounds::forever(Steering(self)).await;
    }

    /// Tells providers what is wanted and they have not got yet. Returns how often one was told.
    ///
    /// # Errors
    /// The database's own. What goes wrong at a provider is noted, and tried again.
    pub async fn steer(&self) -> Result<usize> {
        let mut told = 0;
        for application in Steering(self.clone()).waiting().await? {
            told += self.steer_one(application).await?;
        }
        Ok(told)
    }

    /// As [`Self::steer`], for one application.
    async fn steer_one(&self, application: ApplicationId) -> Result<usize> {
        let waiting = steering::Entity::find()
            .filter(steering::Column::ApplicationId.eq(application.get()))
            .filter(steering::Column::NextAt.lte(self.now().timestamp_millis()))
            .order_by_asc(steering::Column::NextAt)
            .limit(BATCH)
            .all(self.db.read())
            .await?;
        let told = waiting.len();
        for row in waiting {
            let outcome = self.tell(&row).await;
            self.note(row, outcome).await?;
        }
        Ok(told)
    }

    async fn tell(&self, row: &steering::Model) -> Result<()> {
        let application = ApplicationId::from(row.application_id);
        let provider = Provider::parse(&row.provider)?;
        if let Some(Release { member, kind, mode }) = Release::of(row) {
            let method = Method { token: row.reference.clone(), kind, label: String::new() };
            return self.methods().release(member, Account { application, provider, mode }, &method).await;
        }
        let wanted: Wanted = domain::stored::read(&row.wanted).map_err(Error::internal)?;
        let directory = self.directory();
        let next = directory.application(application).and_then(|entry| {
            let id: PriceId = wanted.price?;
            entry.plans.iter().find_map(|plan| Some((&**plan, plan.prices.iter().find(|price| price.id == id)?)))
        });
        let provider = self.provider(application, provider)?;
        // To a key of the other mode there is no such thing: it waits until its own is back.
        if wanted.mode.is_some_and(|mode| mode != provider.mode()) {
            return Err(ErrorCode::ProviderNotConfigured.into());
        }
        provider.steer(&row.reference, &wanted, next).await
    }

    /// Notes the outcome, unless something else is wanted by now, or the same once more. Of a method that was let go
    /// nothing stays.
    async fn note(&self, row: steering::Model, outcome: Result<()>) -> Result<()> {
        use steering::Column;
        let is_release = Release::of(&row).is_some();
        let is_over = is_release && outcome.is_ok();
        let attempts = row.attempts.saturating_add(1);
        let (next_at, error) = match outcome {
            Ok(()) => (None, None),
            Err(error) => {
                // What a test key sold waits for good where real money is collected by now, or another account does.
                if error.code() != ErrorCode::ProviderNotConfigured {
                    // The token of a method is nobody's to read.
                    let reference = if is_release { "a payment method" } else { row.reference.as_str() };
                    tracing::warn!(reference, error = &error as &dyn std::error::Error, "a provider could not be told");
                }
                let wait = TimeDelta::seconds(5 << attempts.min(10)).min(LONGEST);
                (Some((self.now() + wait).timestamp_millis()), Some(error.code().as_str().to_owned()))
            }
        };
        self.transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let same = Condition::all()
                    .add(Column::ApplicationId.eq(row.application_id))
                    .add(Column::Provider.eq(row.provider))
                    .add(Column::Reference.eq(row.reference))
                    .add(Column::Wanted.eq(row.wanted))
                    .add(Column::NextAt.eq(row.next_at));
                if is_over {
                    steering::Entity::delete_many().filter(same).exec(tx.db).await?;
                    return Ok(());
                }
                steering::Entity::update_many()
                    .col_expr(Column::NextAt, Expr::value(next_at))
                    .col_expr(Column::Error, Expr::value(error))
                    .col_expr(Column::Attempts, Expr::value(attempts))
                    .filter(same)
                    .exec(tx.db)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
