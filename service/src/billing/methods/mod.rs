//! How members pay: the method that renewals take.

mod change;

use domain::{
    ErrorCode, Problem, Timestamp,
    application::Provider,
    billing::{ledger::Action, payment::Mode, subscription::Subscription},
    id::{ApplicationId, MembershipId, UserId},
    identity::membership::MembershipStatus,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    agreements,
    hold::{self, Hold},
};
use crate::{
    Ctx, Error, Result, Services,
    db::{besides, json},
    entity::{ledger, payment_methods, subscriptions},
    payment::{self, Method, MethodKind, objects::Account},
    tx::Tx,
};

/// See the module.
pub struct Methods<'a>(&'a Services);

impl Services {
    pub const fn methods(&self) -> Methods<'_> {
        Methods(self)
    }
}

impl Methods<'_> {
    /// The method that a member's renewals take.
    ///
    /// # Errors
    /// `USR_001` for somebody who is no member, `AUTH_011` for somebody else.
    pub async fn current(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Option<Method>> {
        let member = self.0.require_member(ctx, application, user).await?;
        let account = self.0.directory().application(application).and_then(|entry| entry.account());
        current(self.0.db.read(), member, account).await
    }

    /// Whether an application's provider keeps a method only with a payment: none can be entered on its own.
    pub fn needs_payment(&self, application: ApplicationId) -> bool {
        let directory = self.0.directory();
        let Some(entry) = directory.application(application) else { return false };
        let provider = self.0.provider(application, entry.application.settings.provider);
        provider.is_ok_and(|provider| !provider.keeps_without_payment())
    }

    /// Whether it pays for what its provider goes on collecting by itself: then it cannot be removed.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub async fn is_needed(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<bool> {
        let member = self.0.require_member(ctx, application, user).await?;
        let row = current_row(self.0.db.read(), member, None).await?;
        match row.as_ref().and_then(|row| account_of(application, row)) {
            Some(account) => self.pays(member, account).await,
            None => Ok(false),
        }
    }

    /// Forgets it, at its provider too: what comes is paid by link. Again: nothing.
    ///
    /// # Errors
    /// As [`Self::current`], `SUB_006` while it is needed ([`Self::is_needed`]), and the provider's own: then it stays.
    pub async fn remove(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<()> {
        let member = self.0.require_member(ctx, application, user).await?;
        let row = current_row(self.0.db.read(), member, None).await?;
        let token = row.as_ref().map(|row| row.token.clone());
        if let Some((row, account)) = row.and_then(|row| account_of(application, &row).map(|account| (row, account))) {
            if self.pays(member, account).await? {
                return Err(Problem::new(ErrorCode::BilledByProvider, "it pays for a subscription that renews").into());
            }
            self.release(member, account, &method_of(row)?).await?;
        }
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let hold = hold::lock_of(&tx, application, user).await?;
                    let found = current(tx.db, hold.member(), None).await?;
                    // Another one that was entered meanwhile stays.
                    let Some(method) = found.filter(|method| Some(&method.token) == token.as_ref()) else {
                        return Ok(());
                    };
                    unset(&tx, &hold).await?;
                    hold.log(&tx, hold.entry(Action::MethodRemoved).from(&method.label)).await?;
                    hold::touch(&tx, &hold).await
                })
            })
            .await
    }

    /// Whether an account goes on collecting by itself what a member holds.
    async fn pays(&self, member: MembershipId, account: Account) -> Result<bool> {
        let row = subscriptions::Entity::find()
            .filter(subscriptions::Column::MembershipId.eq(member.get()))
            .filter(subscriptions::open(subscriptions::Entity))
            .one(self.0.db.read())
            .await?;
        let Some(row) = row else { return Ok(false) };
        let billing = hold::rows::billing(&row)?;
        let is_here =
            billing.provider == Some(account.provider) && billing.mode.is_none_or(|mode| mode == account.mode);
        Ok(is_here && billing.reference.is_some() && goes_on(&hold::subscription(row)?))
    }

    /// Lets a method go at its provider. Where we have no keys for that, nobody charges it.
    pub(crate) async fn release(&self, member: MembershipId, account: Account, method: &Method) -> Result<()> {
        let provider = match self.0.provider(account.application, account.provider) {
            Err(error) if error.code() == ErrorCode::ProviderNotConfigured => return Ok(()),
            found => found?,
        };
        if provider.mode() != account.mode {
            return Ok(());
        }
        provider.forget(member, method).await.map_err(payment::between_us)
    }
}

/// Whether another period is billed: neither canceled, nor on the way to a plan that is free.
fn goes_on(held: &Subscription) -> bool {
    held.cancel_at.is_none() && held.scheduled_change().is_none_or(|change| change.price_id.is_some())
}

/// The method that is charged; `account` narrows it to what is kept there.
pub(crate) async fn current(
    db: &impl ConnectionTrait,
    member: MembershipId,
    account: Option<Account>,
) -> Result<Option<Method>> {
    current_row(db, member, account).await?.map(method_of).transpose()
}

async fn current_row(
    db: &impl ConnectionTrait,
    member: MembershipId,
    account: Option<Account>,
) -> Result<Option<payment_methods::Model>> {
    use payment_methods::Column;
    let mut query = payment_methods::Entity::find()
        .filter(Column::MembershipId.eq(member.get()))
        .filter(Column::IsCurrent.eq(true));
    if let Some(account) = account {
        query =
            query.filter(Column::Provider.eq(account.provider.as_str())).filter(Column::Mode.eq(account.mode.as_str()));
    }
    Ok(query.one(db).await?)
}

fn method_of(row: payment_methods::Model) -> Result<Method> {
    let kind = MethodKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of payment method"))?;
    Ok(Method { token: row.token, kind, label: row.label })
}

/// Where a method is kept; `None` where nobody noted it.
fn account_of(application: ApplicationId, row: &payment_methods::Model) -> Option<Account> {
    let provider = Provider::parse(&row.provider).ok()?;
    Some(Account { application, provider, mode: row.mode.as_deref().and_then(Mode::parse)? })
}

/// Keeps a method that can be charged again: renewals take it from now on. The same one again changes nothing.
pub(crate) async fn keep(tx: &Tx<'_>, hold: &Hold, account: Account, method: &Method) -> Result<()> {
    use payment_methods::Column;
    if !method.is_chargeable() || current(tx.db, hold.member(), Some(account)).await?.as_ref() == Some(method) {
        return Ok(());
    }
    unset(tx, hold).await?;
    let row = payment_methods::ActiveModel {
        id: Set(tx.id()),
        membership_id: Set(hold.membership.id),
        provider: Set(account.provider.as_str().into()),
        mode: Set(Some(account.mode.as_str().into())),
        token: Set(method.token.clone()),
        kind: Set(method.kind.as_str().into()),
        label: Set(method.label.clone()),
        is_current: Set(true),
        created_at: Set(hold.now.timestamp_millis()),
    };
    let again = OnConflict::columns([Column::MembershipId, Column::Provider, Column::Token])
        .update_columns([Column::IsCurrent, Column::Label, Column::Mode])
        .to_owned();
    payment_methods::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await?;
    agreements::retain(tx, account, hold.member(), method).await?;
    hold.log(tx, hold.entry(Action::MethodSaved).to(&method.label)).await?;
    hold::touch(tx, hold).await
}

/// Whether a method was kept or removed after a moment, or access revoked, with which every method goes. The ledger
/// knows of those that are gone, too.
pub(super) async fn has_changed(tx: &Tx<'_>, hold: &Hold, after: Timestamp) -> Result<bool> {
    use ledger::Column;
    let changed = besides(Column::Action, [Action::MethodSaved, Action::MethodRemoved].map(Action::as_str));
    let revoked = besides(Column::Action, [Action::MembershipUpdated.as_str()])
        .and(Column::AfterJson.eq(json(&MembershipStatus::Revoked)?));
    let changes = ledger::Entity::find()
        .filter(Column::UserId.eq(hold.user().get()))
        .filter(Column::ApplicationId.eq(hold.application().get()))
        .filter(changed.or(revoked))
        .filter(Column::At.gt(after.timestamp_millis()));
    Ok(changes.count(tx.db).await? > 0)
}

async fn unset(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    payment_methods::Entity::update_many()
        .col_expr(payment_methods::Column::IsCurrent, Expr::value(false))
        .filter(payment_methods::Column::MembershipId.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Takes away every method that was kept of somebody whose access is revoked: nobody could remove it any more. Their
/// providers let them go afterwards.
pub(crate) async fn forget(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    let own = payment_methods::Column::MembershipId.eq(hold.membership.id);
    let rows = payment_methods::Entity::find().filter(own.clone()).all(tx.db).await?;
    payment_methods::Entity::delete_many().filter(own).exec(tx.db).await?;
    for row in rows {
        let (is_current, account) = (row.is_current, account_of(hold.application(), &row));
        let method = method_of(row)?;
        if let Some(account) = account {
            agreements::release(tx, account, hold.member(), &method).await?;
        }
        if is_current {
            hold.log(tx, hold.entry(Action::MethodRemoved).from(&method.label)).await?;
        }
    }
    Ok(())
}
