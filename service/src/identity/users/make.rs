//! New users: the row, its password or provider's account, and the ledger's entry.

use domain::{
    billing::ledger::Action,
    identity::{
        profile::Profile,
        user::{GlobalRole, User},
    },
    text::Name,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde_json::json;

use super::{NewUser, UserRow, Users, set_password};
use crate::{
    Ctx, Result, Services,
    entity::users,
    identity::{admin_users::email_taken, sessions::profile_column},
    ledger,
    tx::taken,
    upstream::identities,
};

impl Users<'_> {
    /// Judges and hashes the password of a user to be.
    pub(crate) async fn prepare(&self, ctx: &Ctx, new: NewUser, role: GlobalRole, judge: bool) -> Result<UserRow> {
        let (services, by) = (self.0, ctx.network());
        if judge {
            services.passwords.judge(by, &new.password, services.hints(Some(&new.email), new.name.as_ref())).await?;
        }
        let hash = services.passwords.hash(by, &new.password, &*services.rng).await?;
        let user = User {
            id: services.id(),
            email: new.email,
            email_verified: false,
            name: new.name,
            role,
            locale: new.locale,
            disabled_at: None,
            created_at: services.now(),
            profile: Profile::default(),
            updated_at: services.now(),
            organization: None,
        };
        Ok(UserRow { user, hash: Some(hash), identity: None, application: None })
    }
}

/// Writes a user with the password's hash or a provider's account, and the ledger's entry.
///
/// # Errors
/// `USR_003` when the address is taken.
pub(crate) async fn insert(db: &impl ConnectionTrait, services: &Services, ctx: &Ctx, row: &UserRow) -> Result<()> {
    let user = &row.user;
    let model = users::ActiveModel {
        id: Set(user.id.get()),
        email: Set(user.email.to_string()),
        email_verified: Set(user.email_verified),
        name: Set(user.name.as_ref().map(Name::to_string)),
        role: Set(user.role.as_str().into()),
        locale: Set(user.locale.map(|locale| locale.tag().into())),
        disabled_at: Set(user.disabled_at.map(|at| at.timestamp_millis())),
        created_at: Set(user.created_at.timestamp_millis()),
        profile: Set(profile_column(&user.profile)?),
        updated_at: Set(Some(user.updated_at.timestamp_millis())),
        deleted_at: Set(None),
        organization_id: Set(None),
    };
    users::Entity::insert(model).exec_without_returning(db).await.map_err(|error| taken(error, email_taken()))?;
    if let Some(hash) = &row.hash {
        set_password(db, user.id, hash.clone(), user.created_at).await?;
    }
    let state = json!({ "email": user.email, "role": user.role });
    let entry = ledger::Entry { application_id: row.application, ..ledger::Entry::new(Action::UserCreated) };
    let entry = entry.user(user.id).to(state);
    ledger::append(db, services, ctx, services.id(), user.created_at, entry).await?;
    if let Some(identity) = &row.identity {
        identities::insert(db, services, ctx, user.id, identity).await?;
    }
    Ok(())
}
