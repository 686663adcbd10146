//! What an application owes its members: an append-only list per membership.

use domain::{
    Currency, Money, Problem,
    billing::{
        amount::Amount,
        credit::{Balance, Credit, Reason},
        ledger::Action,
    },
    id::{ApplicationId, PaymentId, UserId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::hold::{self, Hold};
use crate::{Ctx, Error, Result, Services, clock::at, db::json, directory::ApplicationEntry, entity::credits, tx::Tx};

/// See the module.
pub struct Credits<'a>(&'a Services);

impl Services {
    pub const fn credits(&self) -> Credits<'_> {
        Credits(self)
    }
}

impl Credits<'_> {
    /// What a member has, in every currency.
    ///
    /// # Errors
    /// `USR_001` for somebody who is no member, `AUTH_011` for somebody else.
    pub async fn balance(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Balance> {
        let member = self.0.require_member(ctx, application, user).await?;
        balance(self.0.db.read(), member.get()).await
    }

    /// Whether credit pays what is bought. Where the provider renews, it pays renewals only.
    pub fn pay_at_once(&self, entry: &ApplicationEntry) -> bool {
        let provider = self.0.provider(entry.application.id, entry.application.settings.provider);
        !provider.is_ok_and(|provider| provider.renews())
    }

    /// Gives a member credit, or takes it when the amount is negative.
    ///
    /// # Errors
    /// `APP_001` on the field `amount` when there is less than is to be taken.
    pub async fn add(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        amount: Amount,
        why: Option<String>,
    ) -> Result<Balance> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let hold = hold::lock_of(&tx, application, user).await?;
                    balance(tx.db, hold.membership.id).await?.append(amount).map_err(Problem::from)?;
                    append(&tx, &hold, amount, Reason::Admin, why).await?;
                    balance(tx.db, hold.membership.id).await
                })
            })
            .await
    }
}

/// What a membership has.
pub(crate) async fn balance(db: &impl ConnectionTrait, membership: uuid::Uuid) -> Result<Balance> {
    let rows = credits::Entity::find().filter(credits::Column::MembershipId.eq(membership)).all(db).await?;
    let entries = rows.into_iter().map(credit).collect::<Result<Vec<_>>>()?;
    Balance::of(entries).map_err(Error::internal)
}

/// What a membership has in one currency.
pub(crate) async fn available(tx: &Tx<'_>, hold: &Hold, currency: Currency) -> Result<Money> {
    Ok(balance(tx.db, hold.membership.id).await?.available(currency))
}

/// Gives `money` back, or for the first time; nothing for nothing.
pub(crate) async fn give(tx: &Tx<'_>, hold: &Hold, money: Money, reason: Reason) -> Result<()> {
    if money.is_zero() { Ok(()) } else { append(tx, hold, money.into(), reason, None).await }
}

/// Uses `money`, or what there is of it.
pub(crate) async fn take(tx: &Tx<'_>, hold: &Hold, money: Money, reason: Reason) -> Result<()> {
    let there = available(tx, hold, money.currency()).await?;
    let money = if there.amount() < money.amount() { there } else { money };
    if money.is_zero() { Ok(()) } else { append(tx, hold, Amount::from(money).negated(), reason, None).await }
}

/// What is left of the credit that a payment of a membership became, `None` when it never became any.
pub(crate) async fn of_payment(
    db: &impl ConnectionTrait,
    membership: uuid::Uuid,
    id: PaymentId,
) -> Result<Option<Amount>> {
    let rows = credits::Entity::find()
        .filter(credits::Column::MembershipId.eq(membership))
        .filter(credits::Column::Reason.eq(json(&Reason::Payment(id))?))
        .all(db)
        .await?;
    let mut sum = None;
    for row in rows {
        let amount = credit(row)?.amount;
        sum = Some(sum.map_or(Ok(amount), |sum: Amount| sum.plus(amount)).map_err(Error::internal)?);
    }
    Ok(sum)
}

async fn append(tx: &Tx<'_>, hold: &Hold, amount: Amount, reason: Reason, why: Option<String>) -> Result<()> {
    let entry = Credit { id: tx.id(), membership_id: hold.member(), amount, reason, at: hold.now };
    let row = credits::ActiveModel {
        id: Set(entry.id.get()),
        membership_id: Set(hold.membership.id),
        amount: Set(amount.amount()),
        currency: Set(amount.currency().lower()),
        reason: Set(json(&reason)?),
        created_at: Set(hold.now.timestamp_millis()),
    };
    credits::Entity::insert(row).exec_without_returning(tx.db).await?;
    let action = if amount.is_negative() { Action::CreditUsed } else { Action::CreditAdded };
    let log = hold.entry(action).to(entry);
    hold.log(tx, if let Some(why) = why { log.because(why) } else { log }).await
}

/// A row of `credits` as the domain knows it.
pub(crate) fn credit(row: credits::Model) -> Result<Credit> {
    let currency: Currency = row.currency.parse()?;
    Ok(Credit {
        id: row.id.into(),
        membership_id: row.membership_id.into(),
        amount: Amount::new(row.amount, currency).map_err(Error::internal)?,
        reason: domain::stored::read(&row.reason).map_err(Error::internal)?,
        at: at(row.created_at),
    })
}
