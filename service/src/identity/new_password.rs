//! A password takes the place of another.

use domain::{billing::ledger::Action, id::ApplicationId, identity::user::User};

use super::{
    sessions::{Ended, end},
    users::set_password,
};
use crate::{
    Result,
    ledger::Entry,
    mail::{Kind, account::About},
    tx::Tx,
};

/// Sets the hash of a user's new password. Every session of theirs ends, every grant (no client's refresh token works any
/// more) and every link in a mail; a mail in the look of `application` says so. Whoever calls it has locked the user's
/// row: a sign-in with the password of before has its session by then, or gets none.
///
/// # Errors
/// The database's own.
pub(crate) async fn set(tx: &Tx<'_>, user: &User, hash: String, application: Option<ApplicationId>) -> Result<()> {
    set_password(tx.db, user.id, hash, tx.now).await?;
    end(tx.db, &tx.services, Ended::AllOf(user.id), tx.now).await?;
    tx.services.forget_links(tx.db, &user.email).await?;
    tx.log(Entry::new(Action::PasswordSet).user(user.id)).await?;
    let about = About::of(tx, &user.email, Some(user), application);
    about.queue(tx, Kind::PasswordChanged, &about.password_changed()).await
}
