//! The ways by which somebody signs in by themselves: a password, passkeys, providers' accounts. Its owner takes any of
//! them away but the last. A link in a mail is no such way: it is for the day on which the others are lost.

use domain::{
    ErrorCode, Problem,
    id::{IdentityId, PasskeyId, UserId},
    identity::user::{GlobalRole, User},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    Result,
    entity::{passkeys, password_credentials, upstream_identities, users},
    identity::sessions::user,
    tx::{LOCK, Tx},
};

/// What a user signs in with, while nobody else changes it.
pub(crate) struct WaysIn {
    password: bool,
    pub(crate) passkeys: Vec<passkeys::Model>,
    pub(crate) identities: Vec<upstream_identities::Model>,
    /// Those of both that let somebody in now: passkeys do nothing on a server without a host name or with another one
    /// than they were made for, and a provider's account nothing while no application offers its provider to them.
    open: Vec<Uuid>,
}

impl WaysIn {
    /// Reads them. Whoever takes two away at once does it one after the other.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) async fn hold(tx: &Tx<'_>, id: UserId) -> Result<Self> {
        let role = lock(tx, id).await?.map_or(GlobalRole::User, |own| own.role);
        let password = password_credentials::Entity::find_by_id(id.get()).count(tx.db).await? > 0;
        let own = passkeys::Column::UserId.eq(id.get());
        let passkeys = passkeys::Entity::find().filter(own).all(tx.db).await?;
        let own = upstream_identities::Column::UserId.eq(id.get());
        let identities = upstream_identities::Entity::find().filter(own).all(tx.db).await?;
        let (directory, work) = (tx.services.directory(), tx.services.factors().have_passkeys());
        let here = tx.services.settings.host();
        let fits = |own: &&passkeys::Model| work && own.host.as_deref().is_none_or(|made_for| made_for == here);
        let shown = passkeys.iter().filter(fits).map(|own| own.id);
        let offered = identities.iter().filter(|own| directory.offers(&own.issuer, role)).map(|own| own.id);
        let open = shown.chain(offered).collect();
        Ok(Self { password, passkeys, identities, open })
    }

    /// The passkey that is to go; `None` for one that is not the user's.
    ///
    /// # Errors
    /// `USR_003` when nothing else is left to sign in with.
    pub(crate) fn give_up_passkey(&self, id: PasskeyId) -> Result<Option<passkeys::Model>> {
        let gone = self.passkeys.iter().find(|own| own.id == id.get());
        gone.map(|own| self.left_without(own.id).map(|()| own.clone())).transpose()
    }

    /// The provider's account that is to go; `None` for one that is not linked to the user.
    ///
    /// # Errors
    /// `USR_003` when nothing else is left to sign in with.
    pub(crate) fn give_up_identity(&self, id: IdentityId) -> Result<Option<upstream_identities::Model>> {
        let gone = self.identities.iter().find(|own| own.id == id.get());
        gone.map(|own| self.left_without(own.id).map(|()| own.clone())).transpose()
    }

    fn left_without(&self, gone: Uuid) -> Result<()> {
        if self.password || self.open.iter().any(|id| *id != gone) {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::UserInvalid, "this is the only way to sign in").into())
    }
}

/// Keeps others from changing what this user signs in with, and anybody from signing in as them, until the transaction
/// ends.
///
/// # Errors
/// The database's own.
pub(crate) async fn lock(tx: &Tx<'_>, id: UserId) -> Result<Option<User>> {
    let row = users::Entity::find_by_id(id.get()).lock(LOCK).one(tx.db).await?;
    row.map(user).transpose()
}
