//! How members pay: the method that renewals take.

use domain::{
    application::Provider,
    billing::ledger::Action,
    id::{ApplicationId, MembershipId, UserId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::hold::{self, Hold};
use crate::{
    Ctx, Error, Result, Services,
    entity::payment_methods,
    payment::{Method, MethodKind},
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
        current(self.0.db.read(), member, None).await
    }

    /// Forgets it: what comes is paid by link. Again: nothing.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub async fn remove(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<()> {
        self.0.require_member(ctx, application, user).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let hold = hold::lock_of(&tx, application, user).await?;
                    let Some(method) = current(tx.db, hold.member(), None).await? else { return Ok(()) };
                    unset(&tx, &hold).await?;
                    hold.log(&tx, hold.entry(Action::MethodRemoved).from(&method.label)).await?;
                    hold::touch(&tx, &hold).await
                })
            })
            .await
    }
}

/// The method that is charged; `provider` narrows it to one.
pub(crate) async fn current(
    db: &impl ConnectionTrait,
    member: MembershipId,
    provider: Option<Provider>,
) -> Result<Option<Method>> {
    use payment_methods::Column;
    let mut query = payment_methods::Entity::find()
        .filter(Column::MembershipId.eq(member.get()))
        .filter(Column::IsCurrent.eq(true));
    if let Some(provider) = provider {
        query = query.filter(Column::Provider.eq(provider.as_str()));
    }
    let row = query.one(db).await?;
    row.map(|row| {
        let kind = MethodKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of payment method"))?;
        Ok(Method { token: row.token, kind, label: row.label })
    })
    .transpose()
}

/// Keeps a method that can be charged again: renewals take it from now on. The same one again changes nothing.
pub(crate) async fn keep(tx: &Tx<'_>, hold: &Hold, provider: Provider, method: &Method) -> Result<()> {
    use payment_methods::Column;
    if !method.is_chargeable() || current(tx.db, hold.member(), Some(provider)).await?.as_ref() == Some(method) {
        return Ok(());
    }
    unset(tx, hold).await?;
    let row = payment_methods::ActiveModel {
        id: Set(tx.id()),
        membership_id: Set(hold.membership.id),
        provider: Set(provider.as_str().into()),
        token: Set(method.token.clone()),
        kind: Set(method.kind.as_str().into()),
        label: Set(method.label.clone()),
        is_current: Set(true),
        created_at: Set(hold.now.timestamp_millis()),
    };
    let again = OnConflict::columns([Column::MembershipId, Column::Provider, Column::Token])
        .update_columns([Column::IsCurrent, Column::Label])
        .to_owned();
    payment_methods::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await?;
    hold.log(tx, hold.entry(Action::MethodSaved).to(&method.label)).await?;
    hold::touch(tx, hold).await
}

async fn unset(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    payment_methods::Entity::update_many()
        .col_expr(payment_methods::Column::IsCurrent, Expr::value(false))
        .filter(payment_methods::Column::MembershipId.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    Ok(())
}
