//! The end of an account.

use domain::{
    billing::ledger::{Action, Actor},
    id::{ApplicationId, UserId},
    identity::{
        email::Email,
        profile::Profile,
        user::{GlobalRole, User},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use super::{
    admin_users::{keep_one, locked, reigning, store},
    factors,
    memberships::revoke_erased,
    sessions::{Ended, end},
};
use crate::{
    Error, Result,
    billing::{claims, hold, orders, overrides},
    entity::{consents, memberships, password_credentials, sessions, upstream_identities, users, webhook_deliveries},
    ledger::{Entry, redact},
    mail::{Kind, account::About},
    organization::{forget_invitations, hand_over, leave_all},
    security_log::Event,
    tx::{LOCK, Tx},
    webhook::deliveries,
};

/// Why access and invitations end with an account, as the ledger and webhooks say it.
pub(crate) const ERASED: &str = "the account was deleted";

/// Takes away what a user holds and everything that says who they were: address, name, profile, claims, overrides, kept
/// payment methods, password, second factors, linked accounts, sessions, consents, organizations and invitations to
/// these, and what their orders know of people. What was paid and its invoices stay, under the user's id: books must be
/// kept. So does the ledger, without these values: see [`redact`]. The address is free again; the mails that it got within
/// the hour still count, by a MAC of it. Providers are told afterwards what to end and which methods to let go. An
/// organization of others that they alone decided for gets another owner. Webhooks that spoke of them are forgotten,
/// delivered or not; every application that they ever belonged to is told of their end. A mail to the address that they
/// had says so, if it was verified.
///
/// # Errors
/// `USR_001` for an unknown user, or one who is gone already; `USR_002` for the last superadmin.
pub(crate) async fn erase(tx: &Tx<'_>, id: UserId) -> Result<()> {
    hand_over(tx, id).await?;
    let reigning = reigning(tx).await?;
    let before = locked(tx, id).await?;
    let about = About::owner(tx, &before, None).await?;
    keep_one(&reigning, &before, None)?;
    deliveries::forget(tx.db, webhook_deliveries::Column::UserId.eq(id.get())).await?;
    let applications: Vec<Uuid> = memberships::Entity::find()
        .select_only()
        .column(memberships::Column::ApplicationId)
        .filter(memberships::Column::UserId.eq(id.get()))
        .order_by_asc(memberships::Column::Id)
        .into_tuple()
        .all(tx.db)
        .await?;
    for application in applications {
        let mut hold = hold::lock_of(tx, ApplicationId::from(application), id).await?;
        revoke_erased(tx, &mut hold).await?;
        claims::clear(tx, &mut hold).await?;
        overrides::clear(tx, &mut hold).await?;
        orders::forget(tx, &hold).await?;
    }
    end(tx.db, &tx.services, Ended::AllOf(id), tx.now).await?;
    forget_browsers(tx, id).await?;
    tx.services.end_links(tx.db, &before.email).await?;
    forget_invitations(tx, &before.email, ERASED).await?;
    password_credentials::Entity::delete_by_id(id.get()).exec(tx.db).await?;
    factors::forget(tx, id).await?;
    let own = upstream_identities::Column::UserId.eq(id.get());
    upstream_identities::Entity::delete_many().filter(own).exec(tx.db).await?;
    consents::Entity::delete_many().filter(consents::Column::UserId.eq(id.get())).exec(tx.db).await?;
    let nobody = User {
        id,
        email: Email::parse(&format!("{id}@deleted.invalid")).map_err(Error::internal)?,
        email_verified: false,
        name: None,
        role: GlobalRole::User,
        locale: None,
        disabled_at: Some(tx.now),
        created_at: before.created_at,
        profile: Profile::default(),
        updated_at: tx.now,
        organization: None,
    };
    leave_all(tx, id).await?;
    store(tx, &before, &nobody).await?;
    users::Entity::update_many()
        .col_expr(users::Column::DeletedAt, Expr::value(tx.millis()))
        .col_expr(users::Column::OrganizationId, Expr::value(None::<Uuid>))
        .filter(users::Column::Id.eq(id.get()))
        .exec(tx.db)
        .await?;
    redact(tx.db, id).await?;
    tx.log(Entry::new(Action::UserDeleted).user(id).from(json!({ "role": before.role }))).await?;
    tx.tell(Event::AccountDeleted, Some(id));
    if before.email_verified {
        about.queue(tx, Kind::AccountDeleted, &about.account_deleted(tx, tx.ctx.actor == Actor::User(id))).await?;
    }
    Ok(())
}

/// Takes out of somebody's sessions in which browser they were begun, and where. The rows stay until clients have been
/// told; whoever locks several locks them in the order of their ids.
async fn forget_browsers(tx: &Tx<'_>, id: UserId) -> Result<()> {
    use sessions::Column;
    let own = sessions::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UserId.eq(id.get()))
        .order_by_asc(Column::Id)
        .lock(LOCK);
    sessions::Entity::update_many()
        .col_expr(Column::UserAgent, Expr::value(None::<String>))
        .col_expr(Column::Address, Expr::value(None::<String>))
        .filter(Column::Id.in_subquery(own.into_query()))
        .exec(tx.db)
        .await?;
    Ok(())
}
