//! Invitations by mail. A link works once, for a week, and while who sent it could still send it; the database keeps
//! its hash. Whoever reads the mail and has no account yet makes one behind it.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Problem, Secret,
    billing::ledger::{Action, Actor},
    id::{InvitationId, OrganizationId},
    identity::{
        email::Email,
        organization::{Invitation, Organization, OrganizationRole},
        password::Password,
        user::{GlobalRole, User},
    },
    text::Name,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;

use super::{Organizations, access, locked, members, organization, role};
use crate::{
    Ctx, Error, Result, Services,
    audit::entry,
    clock::at,
    crypto,
    entity::{ledger, organization_invitations as rows, organizations, users},
    identity::{
        mail_links::count_invitation,
        proved::password_set_at,
        users::{self as people, NewUser},
    },
    ledger::Entry,
    mail::{Kind, account::About},
    tx::Tx,
};

/// An invitation works for so long.
const LIFE: TimeDelta = TimeDelta::days(7);

/// So many may wait in one organization.
const MOST: u64 = 200;

/// What the page of an invitation shows.
#[derive(Clone, Debug)]
pub struct Invited {
    pub invitation: Invitation,
    pub organization: Organization,
    /// Whether the address has an account.
    pub has_account: bool,
}

impl Organizations<'_> {
    /// The invitations of an organization that wait, oldest first; each says whether it works.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `ORG_001` for an unknown one, or one of others.
    pub async fn invitations(&self, ctx: &Ctx, id: OrganizationId) -> Result<Vec<Invitation>> {
        self.get(ctx, id).await?;
        let found = rows::Entity::find()
            .filter(rows::Column::OrganizationId.eq(id.get()))
            .filter(rows::Column::ExpiresAt.gt(self.0.now().timestamp_millis()))
            .order_by_asc(rows::Column::Id)
            .all(self.0.db.read())
            .await?;
        let mut waiting = Vec::with_capacity(found.len());
        for row in found {
            let works = stands(self.0.db.read(), &row).await?;
            waiting.push(invitation(row, works)?);
        }
        Ok(waiting)
    }

    /// Sends an invitation. One to the same address before it ends.
    ///
    /// # Errors
    /// `AUTH_001` without a session, and that or `AUTH_004` in one whose sign-in is not recent, for any role above the
    /// plain member's; `AUTH_011` where the actor's own role is too low for it, or for the one that waits; `ORG_001`,
    /// `ORG_005` for a member's address, `ORG_003` on the field `email` when too many wait already, `AUTH_007` (fact
    /// `retryAfter`, in seconds) when the address got many invitations to this organization within the hour, or too
    /// many mails were asked for from this network.
    pub async fn invite(
        &self,
        ctx: &Ctx,
        id: OrganizationId,
        email: Email,
        role: OrganizationRole,
    ) -> Result<Invitation> {
        let services = self.0;
        let recent = services.factors().recent(ctx).await;
        if services.settings.limits && ctx.session.is_some() {
            services.attempts.ask_mail(ctx.network(), services.now())?;
        }
        services
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let to = locked(&tx, id).await?;
                    let own = access::manager(&tx, id).await?;
                    let waits = waiting_as(&tx, id, rows::Column::Email.eq(email.as_str())).await?;
                    if !own.may_change(waits, Some(role)) {
                        return Err(ErrorCode::InsufficientRights.into());
                    }
                    if role > OrganizationRole::Member {
                        recent?;
                    }
                    let found = account(tx.db, &email).await?;
                    if let Some(user) = &found
                        && access::role_of(tx.db, id, user.id).await?.is_some()
                    {
                        return Err(ErrorCode::OrganizationMemberTaken.into());
                    }
                    let token = tx.services.rng.secret("inv_");
                    count_invitation(&tx, id, &email, &token).await?;
                    let made = Invitation {
                        id: tx.id(),
                        organization_id: id,
                        email,
                        role,
                        created_at: tx.now,
                        expires_at: tx.now + LIFE,
                        works: true,
                    };
                    store(&tx, &made, &token).await?;
                    let about = About::of(&tx, &made.email, found.as_ref(), None);
                    let by = tx.ctx.session.as_ref().map(|own| &own.user);
                    about.queue(&tx, Kind::Invitation, &about.invitation(&token, &to.name, by)).await?;
                    // Not to whom: no erasure finds an address that has no user yet.
                    let state = json!({ "id": made.id, "organization_id": id, "role": role });
                    tx.log(Entry::new(Action::InvitationCreated).to(state)).await?;
                    Ok(made)
                })
            })
            .await
    }

    /// Takes an invitation back. One that is over was taken back.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `AUTH_011` for a plain member, and where the actor could not send it; `ORG_001`.
    pub async fn uninvite(&self, ctx: &Ctx, id: OrganizationId, invitation: InvitationId) -> Result<()> {
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    locked(&tx, id).await?;
                    let own = access::manager(&tx, id).await?;
                    let waits = waiting_as(&tx, id, rows::Column::Id.eq(invitation.get())).await?;
                    if !own.may_change(waits, None) {
                        return Err(ErrorCode::InsufficientRights.into());
                    }
                    let gone = rows::Entity::delete_many()
                        .filter(rows::Column::Id.eq(invitation.get()))
                        .filter(rows::Column::OrganizationId.eq(id.get()))
                        .exec(tx.db)
                        .await?;
                    if gone.rows_affected > 0 {
                        let state = json!({ "organization_id": id, "id": invitation });
                        tx.log(Entry::new(Action::InvitationRevoked).from(state)).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// What stands behind an invitation's link. Looking changes nothing.
    ///
    /// # Errors
    /// `AUTH_003` for one that is not ours, was used, was taken back, is older than a week, or was sent by somebody who
    /// could not send it any more.
    pub async fn invited(&self, token: &str) -> Result<Invited> {
        found(self.0, self.0.db.read(), token).await
    }

    /// Joins the organization as who is signed in.
    ///
    /// # Errors
    /// `AUTH_003` as [`Self::invited`]; `AUTH_001` without a session; `AUTH_011` for somebody else's invitation.
    pub async fn accept(&self, ctx: &Ctx, token: &str) -> Result<Organization> {
        let user = ctx.require_session()?.user.clone();
        let token = token.to_owned();
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let invited = take(&tx, &token).await?;
                    if invited.invitation.email != user.email {
                        return Err(ErrorCode::InsufficientRights.into());
                    }
                    let Invitation { organization_id, role, .. } = invited.invitation;
                    if access::role_of(tx.db, organization_id, user.id).await?.is_none() {
                        members::join(&tx, &invited.organization, user.id, role).await?;
                    }
                    Ok(invited.organization)
                })
            })
            .await
    }

    /// Makes an account for the invitation's address, which the link has proved, and joins with it. It speaks the
    /// language of `ctx`.
    ///
    /// # Errors
    /// `AUTH_003` as [`Self::invited`]; `USR_003` when the address has an account; `APP_001` on the field `password`
    /// when it is too easy to guess; `AUTH_007` when too many sign in at once.
    pub async fn accept_newly(
        &self,
        ctx: &Ctx,
        token: &str,
        name: Option<Name>,
        password: Password,
    ) -> Result<(User, Organization)> {
        let services = self.0;
        let email = self.invited(token).await?.invitation.email;
        let new = NewUser { email, password, name, locale: ctx.locale };
        let mut row = services.users().prepare(ctx, new, GlobalRole::User, true).await?;
        row.user.email_verified = true;
        let token = token.to_owned();
        services
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let invited = take(&tx, &token).await?;
                    people::insert(tx.db, &tx.services, &tx.ctx, &row).await?;
                    members::join(&tx, &invited.organization, row.user.id, invited.invitation.role).await?;
                    Ok((row.user, invited.organization))
                })
            })
            .await
    }
}

async fn found(services: &Services, db: &impl ConnectionTrait, token: &str) -> Result<Invited> {
    let (row, to) = rows::Entity::find()
        .filter(rows::Column::TokenHash.eq(crypto::hash(token)))
        .filter(rows::Column::ExpiresAt.gt(services.now().timestamp_millis()))
        .find_also_related(organizations::Entity)
        .one(db)
        .await?
        .ok_or_else(used)?;
    if !stands(db, &row).await? {
        return Err(used());
    }
    let (invitation, organization) = (invitation(row, true)?, organization(to.ok_or_else(used)?));
    let has_account = account(db, &invitation.email).await?.is_some();
    Ok(Invited { invitation, organization, has_account })
}

/// Whether who sent an invitation could still send it, and has the password of then; who that was, the ledger says. API
/// keys and the command line always could.
async fn stands(db: &impl ConnectionTrait, row: &rows::Model) -> Result<bool> {
    let sent = ledger::Entity::find()
        .filter(ledger::Column::Id.gt(row.id))
        .filter(ledger::Column::Action.eq(Action::InvitationCreated.as_str()))
        .filter(ledger::Column::AfterJson.contains(row.id.to_string()))
        .order_by_asc(ledger::Column::Id)
        .one(db)
        .await?;
    let Some(sent) = sent.map(entry).transpose()? else { return Ok(false) };
    let Actor::User(sender) = sent.actor else { return Ok(true) };
    // Whoever sent it may be the one who was put out by the new password.
    if password_set_at(db, sender).await?.is_some_and(|set| set > at(row.created_at)) {
        return Ok(false);
    }
    let own = access::role_in_absence(db, row.organization_id.into(), sender).await?;
    let given = role(&row.role)?;
    Ok(own.is_some_and(|own| own.may_change(None, Some(given))))
}

/// Uses an invitation up: of several at once, one wins. Behind the lock it is looked at again: its sender may have lost
/// their rights meanwhile.
async fn take(tx: &Tx<'_>, token: &str) -> Result<Invited> {
    let seen = found(&tx.services, tx.db, token).await?;
    locked(tx, seen.organization.id).await?;
    let invited = found(&tx.services, tx.db, token).await?;
    let deleted = rows::Entity::delete_by_id(invited.invitation.id.get()).exec(tx.db).await?;
    if deleted.rows_affected == 1 { Ok(invited) } else { Err(used()) }
}

/// The role of the invitation that waits and that `which` names, if there is one: nobody undoes what they could not do.
async fn waiting_as(tx: &Tx<'_>, id: OrganizationId, which: Expr) -> Result<Option<OrganizationRole>> {
    let found = rows::Entity::find()
        .filter(rows::Column::OrganizationId.eq(id.get()))
        .filter(rows::Column::ExpiresAt.gt(tx.millis()))
        .filter(which)
        .one(tx.db)
        .await?;
    found.map(|row| role(&row.role)).transpose()
}

async fn store(tx: &Tx<'_>, made: &Invitation, token: &Secret) -> Result<()> {
    let of = rows::Column::OrganizationId.eq(made.organization_id.get());
    rows::Entity::delete_many()
        .filter(of.clone())
        .filter(rows::Column::Email.eq(made.email.as_str()).or(rows::Column::ExpiresAt.lte(tx.millis())))
        .exec(tx.db)
        .await?;
    if rows::Entity::find().filter(of).count(tx.db).await? >= MOST {
        let problem = Problem::field("email", Flaw::Invitations { max: MOST });
        return Err(Problem { code: ErrorCode::OrganizationInvalid, ..problem }.into());
    }
    let row = rows::ActiveModel {
        id: Set(made.id.get()),
        organization_id: Set(made.organization_id.get()),
        email: Set(made.email.to_string()),
        role: Set(made.role.as_str().into()),
        token_hash: Set(crypto::hash(token.expose())),
        created_at: Set(tx.millis()),
        expires_at: Set(made.expires_at.timestamp_millis()),
    };
    rows::Entity::insert(row).exec_without_returning(tx.db).await?;
    Ok(())
}

/// Takes back what waits for an address that its owner has no more: it can be somebody else's soon.
pub(crate) async fn forget_invitations(tx: &Tx<'_>, email: &Email, because: &str) -> Result<()> {
    let waiting = rows::Entity::find()
        .filter(rows::Column::Email.eq(email.as_str()))
        .order_by_asc(rows::Column::Id)
        .all(tx.db)
        .await?;
    for row in waiting {
        rows::Entity::delete_by_id(row.id).exec(tx.db).await?;
        if at(row.expires_at) > tx.now {
            let state = json!({ "organization_id": row.organization_id, "id": row.id });
            tx.log(Entry::new(Action::InvitationRevoked).from(state).because(because)).await?;
        }
    }
    Ok(())
}

async fn account(db: &impl ConnectionTrait, email: &Email) -> Result<Option<User>> {
    let found = users::Entity::find().filter(users::Column::Email.eq(email.as_str()));
    found.one(db).await?.map(crate::identity::sessions::user).transpose()
}

fn invitation(row: rows::Model, works: bool) -> Result<Invitation> {
    Ok(Invitation {
        id: row.id.into(),
        organization_id: row.organization_id.into(),
        email: Email::stored(row.email),
        role: role(&row.role)?,
        created_at: at(row.created_at),
        expires_at: at(row.expires_at),
        works,
    })
}

fn used() -> Error {
    Problem::new(ErrorCode::BadCredentials, "this invitation was used already, was taken back, or is too old").into()
}
