//! Who may do what: the first line of every use case.

use std::sync::Arc;

use domain::{
    ErrorCode,
    application::RoleName,
    billing::ledger::Actor,
    id::{ApplicationId, MembershipId, UserId},
    identity::{membership::MembershipStatus, user::GlobalRole},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Ctx, Error, Result, Services,
    directory::ApplicationEntry,
    entity::{membership_roles, memberships},
    security_log::Event,
};

impl Services {
    /// Lets superadmins, admin API keys and the command line pass.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `AUTH_011` with another role, `AUTH_004` without the second factor that the
    /// dashboard asks for.
    pub fn require_superadmin(&self, ctx: &Ctx) -> Result<()> {
        self.judge_superadmin(ctx).inspect_err(|error| denied(ctx, error, None))
    }

    /// Whether [`Self::require_superadmin`] lets the actor pass, where others may come in too: nobody is refused yet.
    pub(crate) fn is_superadmin(&self, ctx: &Ctx) -> bool {
        self.judge_superadmin(ctx).is_ok()
    }

    fn judge_superadmin(&self, ctx: &Ctx) -> Result<()> {
        match (ctx.actor, ctx.role()) {
            (Actor::Operator | Actor::ApiKey(_) | Actor::System, _) => Ok(()),
            (Actor::User(_), Some(GlobalRole::Superadmin)) => self.require_factor(ctx),
            (Actor::Anonymous, _) => Err(ErrorCode::NoSession.into()),
            _ => Err(ErrorCode::InsufficientRights.into()),
        }
    }

    /// Lets sessions with a second factor pass, and every one where the dashboard does not ask for it.
    ///
    /// # Errors
    /// `AUTH_004`.
    pub fn require_factor(&self, ctx: &Ctx) -> Result<()> {
        let lacks = ctx.session.as_ref().is_some_and(|session| !session.proofs.is_multi_factor());
        if self.settings.dashboard_mfa && lacks { Err(ErrorCode::MfaRequired.into()) } else { Ok(()) }
    }

    /// Lets those pass who may administer the application: superadmins, and admins with the role `admin` in it.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `AUTH_011` for users and clients, `APP_002` for an application that does not
    /// exist or is another admin's.
    pub async fn require_admin(&self, ctx: &Ctx, id: ApplicationId) -> Result<Arc<ApplicationEntry>> {
        let entry = self.directory().application(id).cloned();
        match (ctx.actor, ctx.role()) {
            (Actor::User(_), Some(GlobalRole::Admin)) => {
                self.require_factor(ctx)?;
                let own = self.administered(ctx).await?.is_some_and(|own| own.contains(&id));
                if entry.is_some() && !own {
                    Event::AccessDenied.by(ctx).application(id).write();
                }
                entry.filter(|_| own).ok_or_else(|| ErrorCode::ApplicationNotFound.into())
            }
            _ => {
                self.judge_superadmin(ctx).inspect_err(|error| denied(ctx, error, Some(id)))?;
                entry.ok_or_else(|| ErrorCode::ApplicationNotFound.into())
            }
        }
    }

    /// Lets only superadmins turn the consent page off: without it whoever is signed in and follows a link becomes a
    /// member and hands over what their account says, and accounts are everybody's. The transaction that it is asked in
    /// tells of a refusal.
    ///
    /// # Errors
    /// `AUTH_011` for an admin of the application.
    pub(crate) fn allow_skip_consent(&self, ctx: &Ctx, before: bool, after: bool) -> Result<()> {
        if after && !before { self.judge_superadmin(ctx) } else { Ok(()) }
    }

    /// Lets those pass who may manage plans and members: admins, and the application's own confidential clients.
    ///
    /// # Errors
    /// As [`Self::require_admin`]; `APP_002` for a client of another application.
    pub async fn require_manager(&self, ctx: &Ctx, id: ApplicationId) -> Result<Arc<ApplicationEntry>> {
        match ctx.actor {
            Actor::Client(_) => {
                let own = self.require_client(ctx)?;
                if own.application.id == id {
                    return Ok(own);
                }
                Event::AccessDenied.by(ctx).application(id).write();
                Err(ErrorCode::ApplicationNotFound.into())
            }
            _ => self.require_admin(ctx, id).await,
        }
    }

    /// The membership of a user who acts for themselves, or whom the actor manages.
    ///
    /// # Errors
    /// As [`Self::require_manager`] for anybody else, `USR_001` for somebody who is no member.
    pub async fn require_member(&self, ctx: &Ctx, id: ApplicationId, user: UserId) -> Result<MembershipId> {
        if ctx.actor != Actor::User(user) {
            self.require_manager(ctx, id).await?;
        }
        let row = memberships::Entity::find()
            .filter(memberships::Column::ApplicationId.eq(id.get()))
            .filter(memberships::Column::UserId.eq(user.get()))
            .one(self.db.read())
            .await?;
        Ok(row.ok_or(ErrorCode::UserNotFound)?.id.into())
    }

    /// The applications that the actor may administer: `None` for all.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `AUTH_011` for users and clients.
    pub async fn administered(&self, ctx: &Ctx) -> Result<Option<Vec<ApplicationId>>> {
        let (Actor::User(user), Some(GlobalRole::Admin)) = (ctx.actor, ctx.role()) else {
            return self.require_superadmin(ctx).map(|()| None);
        };
        self.require_factor(ctx)?;
        let directory = self.directory();
        let admin_roles: Vec<_> = directory
            .applications
            .values()
            .filter_map(|entry| entry.role_named(RoleName::ADMIN).map(|role| role.id.get()))
            .collect();
        let own: Vec<uuid::Uuid> = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::ApplicationId)
            .inner_join(membership_roles::Entity)
            .filter(memberships::Column::UserId.eq(user.get()))
            .filter(memberships::Column::Status.eq(MembershipStatus::Active.as_str()))
            .filter(membership_roles::Column::RoleId.is_in(admin_roles))
            .into_tuple()
            .all(self.db.read())
            .await?;
        Ok(Some(own.into_iter().map(ApplicationId::from).collect()))
    }

    /// The application of the client that authenticated.
    ///
    /// # Errors
    /// `AUTH_001` for anybody but a client.
    pub fn require_client(&self, ctx: &Ctx) -> Result<Arc<ApplicationEntry>> {
        ctx.client_application
            .filter(|_| matches!(ctx.actor, Actor::Client(_)))
            .and_then(|id| self.directory().application(id).cloned())
            .ok_or_else(|| ErrorCode::NoSession.into())
    }
}

/// Tells the security log of an actor who is known and lacks the rights; of any other error nothing.
pub(crate) fn denied(ctx: &Ctx, error: &Error, application: Option<ApplicationId>) {
    if error.code() == ErrorCode::InsufficientRights {
        Event::AccessDenied.by(ctx).application(application).write();
    }
}
