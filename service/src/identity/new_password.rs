//! A password takes the place of another.

use domain::{
    billing::ledger::Action,
    id::{ApplicationId, UserId},
    identity::user::User,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::{
    sessions::{Ended, end},
    users::set_password,
    ways_in::WaysIn,
};
use crate::{
    Result,
    entity::{clients, consents},
    ledger::Entry,
    mail::{Kind, account::About},
    security_log::Event,
    tx::Tx,
};

/// Sets the hash of a user's new password. Every session of theirs ends, every grant (no client's refresh token works
/// any more), every link in a mail, and what they allowed clients that registered themselves; a mail in the look of
/// `application` says so. Whoever calls it has locked the user's row: a sign-in with the password of before has its
/// session by then, or gets none.
///
/// # Errors
/// The database's own.
pub(crate) async fn set(tx: &Tx<'_>, user: &User, hash: String, application: Option<ApplicationId>) -> Result<()> {
    set_password(tx.db, user.id, hash, tx.now).await?;
    // Consents before grants, as whoever takes one back has it: neither waits for the other.
    forget_strangers(tx, user.id).await?;
    end(tx.db, &tx.services, Ended::AllOf(user.id), tx.now).await?;
    tx.services.end_links(tx.db, &user.email).await?;
    tx.log(Entry::new(Action::PasswordSet).user(user.id)).await?;
    tx.tell(Event::PasswordChanged, Some(user.id));
    let about = About::owner(tx, user, application).await?;
    about.queue(tx, Kind::PasswordChanged, &about.password_changed(&WaysIn::hold(tx, user.id).await?)).await
}

/// Clients that registered themselves ask again: whoever had the account may have let in one of their own.
pub(super) async fn forget_strangers(tx: &Tx<'_>, user: UserId) -> Result<()> {
    let strangers = clients::Entity::find()
        .select_only()
        .column(clients::Column::Id)
        .filter(clients::Column::IsRegistered.eq(true));
    consents::Entity::delete_many()
        .filter(consents::Column::UserId.eq(user.get()))
        .filter(consents::Column::ClientId.in_subquery(strangers.into_query()))
        .exec(tx.db)
        .await?;
    Ok(())
}
