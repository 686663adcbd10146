//! The providers' accounts by which a user signs in. They belong to their issuer: whichever application offers it, it
//! signs in to the same account here.

use std::{collections::HashSet, sync::Arc};

use domain::{
    ErrorCode, Problem, Timestamp,
    billing::ledger::Action,
    id::{ApplicationId, IdentityId, UserId},
    identity::{email::Email, membership::MembershipStatus, upstream::SignInMethod},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::methods::MethodEntry;
use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    directory::ApplicationEntry,
    entity::{memberships, upstream_identities as rows},
    identity::{
        sessions::{end_others, still_lives},
        ways_in::{self, WaysIn},
    },
    ledger,
    mail::{
        Kind,
        account::{About, Change},
    },
    security_log::Event,
    tx::{Tx, taken},
};

/// A provider's account that is to be linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NewIdentity {
    pub issuer: String,
    pub subject: String,
    pub email: Option<Email>,
}

/// A provider's account that is linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub id: IdentityId,
    /// As a method calls it that has this issuer: of an application of the user's, or one for which the server vouches.
    /// Else the issuer's host.
    pub provider: String,
    pub issuer: String,
    /// Whose it is, as the issuer calls them.
    pub subject: String,
    /// As it was when the two were linked.
    pub email: Option<String>,
    /// Of its issuer.
    pub host: String,
    pub linked_at: Timestamp,
    pub used_at: Timestamp,
}

/// See the module.
pub struct Identities<'a>(&'a Services);

impl Services {
    pub const fn identities(&self) -> Identities<'_> {
        Identities(self)
    }
}

impl Identities<'_> {
    /// What is linked to one's own account, oldest first.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn list(&self, ctx: &Ctx) -> Result<Vec<Identity>> {
        let user = ctx.require_session()?.user.id;
        let (own, applications) = (self.rows(user).await?, self.applications(user).await?);
        let directory = self.0.directory();
        let name = |issuer: &str| {
            let known = |own: &&Arc<MethodEntry>| own.method.issuer.as_str() == issuer;
            let own = applications.iter().flat_map(|entry| &entry.sign_in_methods).find(known);
            let all = directory.applications.values().flat_map(|entry| &entry.sign_in_methods).filter(known);
            let vouched_for = || all.filter(|own| own.method.is_vouched_for()).min_by_key(|own| own.method.id);
            own.or_else(vouched_for).map_or_else(|| host(issuer), |own| own.method.name.to_string())
        };
        Ok(own
            .into_iter()
            .map(|row| Identity {
                id: row.id.into(),
                provider: name(&row.issuer),
                host: host(&row.issuer),
                issuer: row.issuer,
                subject: row.subject,
                email: row.email,
                linked_at: at(row.linked_at),
                used_at: at(row.used_at),
            })
            .collect())
    }

    /// What one could link: the methods of the applications that one has access to, each issuer once.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn offers(&self, ctx: &Ctx) -> Result<Vec<(Arc<ApplicationEntry>, Arc<MethodEntry>)>> {
        let user = &ctx.require_session()?.user;
        let mut issuers: HashSet<String> = self.rows(user.id).await?.into_iter().map(|row| row.issuer).collect();
        let mut offers = Vec::new();
        for entry in self.applications(user.id).await? {
            for method in entry.sign_in_methods_on().filter(|own| own.method.admits(user.role)) {
                if issuers.insert(method.method.issuer.to_string()) {
                    offers.push((entry.clone(), method.clone()));
                }
            }
        }
        Ok(offers)
    }

    /// The applications that a user has access to, the first joined first.
    async fn applications(&self, user: UserId) -> Result<Vec<Arc<ApplicationEntry>>> {
        let applications: Vec<uuid::Uuid> = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::ApplicationId)
            .filter(memberships::Column::UserId.eq(user.get()))
            .filter(memberships::Column::Status.eq(MembershipStatus::Active.as_str()))
            .order_by_asc(memberships::Column::Id)
            .into_tuple()
            .all(self.0.db.read())
            .await?;
        let directory = self.0.directory();
        let entries = applications.into_iter().filter_map(|id| directory.application(ApplicationId::from(id)).cloned());
        Ok(entries.collect())
    }

    async fn rows(&self, user: UserId) -> Result<Vec<rows::Model>> {
        let own = rows::Entity::find().filter(rows::Column::UserId.eq(user.get())).order_by_asc(rows::Column::Id);
        Ok(own.all(self.0.db.read()).await?)
    }

    /// Links a provider's account to one's own; a mail says so. Again: nothing.
    ///
    /// # Errors
    /// `AUTH_001` for anybody but the owner, and in a session that has ended meanwhile; `AUTH_004` without the second
    /// factor that they have, `USR_003` when it is linked to somebody else, `AUTH_011` where the method does not admit
    /// whom it would sign in.
    pub(crate) async fn link(
        &self,
        ctx: &Ctx,
        owner: UserId,
        method: &SignInMethod,
        identity: NewIdentity,
    ) -> Result<()> {
        let own = self.0.factors().with_factor(ctx).await?;
        if own.user.id != owner {
            return Err(ErrorCode::NoSession.into());
        }
        if !method.admits(own.user.role) {
            return Err(ErrorCode::InsufficientRights.into());
        }
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let user = ways_in::lock(&tx, owner).await?.ok_or(ErrorCode::UserNotFound)?;
                    still_lives(&tx, own.id).await?;
                    match find(tx.db, &identity).await? {
                        Some(row) if row.user_id == owner.get() => return Ok(()),
                        Some(_) => return Err(somebody_elses().into()),
                        None => {}
                    }
                    insert(tx.db, &tx.services, &tx.ctx, owner, &identity).await?;
                    tx.tell(Event::IdentityLinked, Some(owner));
                    let about = About::owner(&tx, &user, None).await?;
                    let letter = about.identity_linked(&host(&identity.issuer), identity.email.as_ref());
                    about.queue(&tx, Kind::IdentityLinked, &letter).await
                })
            })
            .await
    }

    /// Unlinks a provider's account from one's own, and ends every other session; a mail says so. One that is not
    /// linked to it changes nothing.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent; `USR_003` when there is neither a password nor a passkey
    /// nor another one that an application still offers to sign in with.
    pub async fn unlink(&self, ctx: &Ctx, id: IdentityId) -> Result<()> {
        let own = self.0.factors().fresh(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let owner = &own.user;
                    let Some(row) = WaysIn::hold(&tx, owner.id).await?.give_up_identity(id)? else { return Ok(()) };
                    rows::Entity::delete_by_id(row.id).exec(tx.db).await?;
                    end_others(&tx, &own).await?;
                    let entry = ledger::Entry::new(Action::IdentityUnlinked).user(owner.id);
                    tx.log(entry.from(json!({ "issuer": row.issuer, "email": row.email }))).await?;
                    tx.tell(Event::IdentityUnlinked, Some(owner.id));
                    let about = About::owner(&tx, owner, None).await?;
                    about.tell(&tx, Change::IdentityUnlinked(host(&row.issuer))).await
                })
            })
            .await
    }
}

fn somebody_elses() -> Problem {
    Problem::new(ErrorCode::UserInvalid, "this provider's account is linked to another account")
}

/// Where an issuer is, such as `accounts.google.com`.
pub fn host(issuer: &str) -> String {
    let url = url::Url::parse(issuer).ok();
    url.as_ref().and_then(url::Url::host_str).map_or_else(|| issuer.to_owned(), str::to_owned)
}

/// To whom it is linked.
pub(super) async fn find(db: &impl ConnectionTrait, identity: &NewIdentity) -> Result<Option<rows::Model>> {
    let found = rows::Entity::find()
        .filter(rows::Column::Issuer.eq(&identity.issuer))
        .filter(rows::Column::Subject.eq(&identity.subject));
    Ok(found.one(db).await?)
}

/// Notes that somebody signs in by it.
pub(super) async fn used(tx: &Tx<'_>, identity: &NewIdentity) -> Result<()> {
    rows::Entity::update_many()
        .col_expr(rows::Column::UsedAt, Expr::value(tx.millis()))
        .filter(rows::Column::Issuer.eq(&identity.issuer))
        .filter(rows::Column::Subject.eq(&identity.subject))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Links a provider's account to a user.
///
/// # Errors
/// `USR_003` when it is linked already.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    services: &Services,
    ctx: &Ctx,
    owner: UserId,
    identity: &NewIdentity,
) -> Result<(), Error> {
    let now = services.now();
    let row = rows::ActiveModel {
        id: Set(services.id::<IdentityId>().get()),
        user_id: Set(owner.get()),
        issuer: Set(identity.issuer.clone()),
        subject: Set(identity.subject.clone()),
        email: Set(identity.email.as_ref().map(ToString::to_string)),
        linked_at: Set(now.timestamp_millis()),
        used_at: Set(now.timestamp_millis()),
    };
    rows::Entity::insert(row).exec_without_returning(db).await.map_err(|error| taken(error, somebody_elses()))?;
    let entry = ledger::Entry::new(Action::IdentityLinked).user(owner);
    let entry = entry.to(json!({ "issuer": identity.issuer, "email": identity.email }));
    Ok(ledger::append(db, services, ctx, services.id(), now, entry).await?)
}
