//! Who may use an application: memberships, made by signing in or granted by an admin.

mod admit;
mod list;
mod make;
mod manage;
mod status;

use domain::{
    ErrorCode,
    billing::{ledger::Actor, subscription::Subscription},
    id::{ApplicationId, RoleId, UserId},
    identity::{
        email::Email,
        membership::{Membership, MembershipStatus},
        user::User,
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

pub use list::MemberFilter;
pub(crate) use make::grant;
pub(super) use status::{revoke_erased, set_status};

use crate::{
    Ctx, Result, Services,
    entity::{memberships, users},
};

/// A membership with whose it is and what is held.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Member {
    pub user: User,
    pub membership: Membership,
    /// The live subscription.
    pub subscription: Option<Subscription>,
}

/// How an app names a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    Id(UserId),
    Email(Email),
}

/// A partial change of a membership.
#[derive(Clone, Debug, Default)]
pub struct MembershipPatch {
    pub status: Option<MembershipStatus>,
    pub roles: Option<Vec<RoleId>>,
}

/// See the module.
pub struct Memberships<'a>(&'a Services);

impl Services {
    pub const fn memberships(&self) -> Memberships<'_> {
        Memberships(self)
    }
}

impl Memberships<'_> {
    /// A member; for clients of the application only while access is not revoked, as [`Self::resolve`] has it.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Member> {
        self.0.require_manager(ctx, application).await?;
        let holder = self.0.entitlements().holder(user, application).await?;
        let holder = holder.filter(|own| shows(ctx, own.membership.status)).ok_or(ErrorCode::UserNotFound)?;
        Ok(Member { user: holder.user, membership: holder.membership, subscription: holder.subscription })
    }

    /// The user whom an app names, if they are a member.
    ///
    /// # Errors
    /// `USR_001` for an unknown user as for one who is no member, or no longer.
    pub async fn resolve(&self, application: ApplicationId, user: &UserRef) -> Result<UserId> {
        let query = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .filter(memberships::Column::ApplicationId.eq(application.get()))
            .filter(memberships::Column::Status.ne(MembershipStatus::Revoked.as_str()));
        let query = match user {
            UserRef::Id(id) => query.filter(memberships::Column::UserId.eq(id.get())),
            UserRef::Email(email) => query.inner_join(users::Entity).filter(users::Column::Email.eq(email.as_str())),
        };
        let found: Option<uuid::Uuid> = query.into_tuple().one(self.0.db.read()).await?;
        found.map(UserId::from).ok_or_else(|| ErrorCode::UserNotFound.into())
    }
}

/// Whether the actor may still read about a member: their address and name are no business of an app that they have left.
fn shows(ctx: &Ctx, status: MembershipStatus) -> bool {
    status != MembershipStatus::Revoked || !matches!(ctx.actor, Actor::Client(_))
}
