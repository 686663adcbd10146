//! The clients that a user lets use their account: shown to them, and taken back by them.

use std::collections::BTreeMap;

use domain::{
    Timestamp,
    billing::ledger::Action,
    id::{ApplicationId, ClientRowId, UserId},
    oauth::scope::ScopeSet,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ctx, Result, Services,
    clock::at,
    entity::{clients, consents as rows, grants, memberships},
    ledger::Entry,
    oauth::grants::REFRESH_LIFE,
    tx::LOCK,
};

/// A client with access.
#[derive(Clone, Debug)]
pub struct ConnectedClient {
    pub id: ClientRowId,
    pub client: String,
    pub application: String,
    pub scopes: ScopeSet,
    /// Since the user last allowed it, or first signed in with it.
    pub since: Timestamp,
}

/// See the module.
pub struct Consents<'a>(&'a Services);

impl Services {
    pub const fn consents(&self) -> Consents<'_> {
        Consents(self)
    }
}

impl Consents<'_> {
    /// The clients that the signed-in user has allowed something, and those that hold tokens for them without having
    /// had to ask, by name.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn list(&self, ctx: &Ctx) -> Result<Vec<ConnectedClient>> {
        let user = ctx.require_session()?.user.id;
        let mut found = BTreeMap::<Uuid, (ScopeSet, i64)>::new();
        let given = rows::Entity::find()
            .filter(rows::Column::UserId.eq(user.get()))
            .filter(rows::Column::Scopes.ne(""))
            .all(self.0.db.read())
            .await?;
        for row in given {
            found.insert(row.client_id, (ScopeSet::parse(&row.scopes), row.granted_at));
        }
        let living = grants::Entity::find()
            .filter(grants::Column::UserId.eq(user.get()))
            .filter(grants::Column::RevokedAt.is_null())
            .filter(grants::Column::ExpiresAt.gt(self.0.now().timestamp_millis()))
            .filter(grants::Column::CreatedAt.gt((self.0.now() - REFRESH_LIFE).timestamp_millis()))
            .all(self.0.db.read())
            .await?;
        for grant in living {
            let scopes = ScopeSet::parse(&grant.scopes);
            let known = found.entry(grant.client_id).or_insert((ScopeSet::default(), grant.created_at));
            known.0 = known.0.union(&scopes);
        }
        let directory = self.0.directory();
        let mut connected: Vec<_> = found
            .into_iter()
            .filter_map(|(id, (scopes, since))| {
                let entry = directory.client_of_row(id.into())?;
                Some(ConnectedClient {
                    id: entry.client.id,
                    client: entry.client.settings.name.to_string(),
                    application: entry.application.application.settings.name.to_string(),
                    scopes,
                    since: at(since),
                })
            })
            .collect();
        connected.sort_by(|a, b| (&a.application, &a.client, a.id).cmp(&(&b.application, &b.client, b.id)));
        Ok(connected)
    }

    /// Takes back what the signed-in user allowed a client: its tokens end at once, codes that are on their way give
    /// none, and it has to ask again. Taking back again changes nothing more.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn revoke(&self, ctx: &Ctx, client: ClientRowId) -> Result<()> {
        let user = ctx.require_session()?.user.id;
        let directory = self.0.directory();
        // A client that is gone has taken everything along.
        let Some(entry) = directory.client_of_row(client) else { return Ok(()) };
        let application = entry.client.application_id;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    // Whoever redeems a code holds the membership until its grant is there, and looks here after that:
                    // either that grant is found below, or this row by them.
                    memberships::Entity::find()
                        .filter(memberships::Column::UserId.eq(user.get()))
                        .filter(memberships::Column::ApplicationId.eq(application.get()))
                        .lock(LOCK)
                        .one(tx.db)
                        .await?;
                    let before = rows::Entity::find_by_id((user.get(), client.get())).one(tx.db).await?;
                    let forgotten = before.is_some_and(|row| !row.scopes.is_empty());
                    let row = rows::ActiveModel {
                        user_id: Set(user.get()),
                        client_id: Set(client.get()),
                        scopes: Set(String::new()),
                        granted_at: Set(tx.millis()),
                        revoked_at: Set(Some(tx.millis())),
                    };
                    let again = OnConflict::columns([rows::Column::UserId, rows::Column::ClientId])
                        .update_columns([rows::Column::Scopes, rows::Column::RevokedAt])
                        .to_owned();
                    rows::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await?;
                    let ended = grants::Entity::update_many()
                        .col_expr(grants::Column::RevokedAt, Expr::value(tx.millis()))
                        .filter(grants::Column::UserId.eq(user.get()))
                        .filter(grants::Column::ClientId.eq(client.get()))
                        .filter(grants::Column::RevokedAt.is_null())
                        .exec(tx.db)
                        .await?;
                    if forgotten || ended.rows_affected > 0 {
                        let revoked = Entry::new(Action::ConsentRevoked).user(user);
                        tx.log(revoked.from(json!({ "client": client }))).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// Notes that a user's codes for the clients of an application, made until `now`, give no tokens any more. What the user
/// allowed them stays. The membership is locked.
pub(super) async fn take_back(
    db: &impl ConnectionTrait,
    application: ApplicationId,
    user: UserId,
    now: i64,
) -> Result<()> {
    let clients = clients::Entity::find().filter(clients::Column::ApplicationId.eq(application.get())).all(db).await?;
    for client in clients {
        let row = rows::ActiveModel {
            user_id: Set(user.get()),
            client_id: Set(client.id),
            scopes: Set(String::new()),
            granted_at: Set(now),
            revoked_at: Set(Some(now)),
        };
        let again = OnConflict::columns([rows::Column::UserId, rows::Column::ClientId])
            .update_column(rows::Column::RevokedAt)
            .to_owned();
        rows::Entity::insert(row).on_conflict(again).exec_without_returning(db).await?;
    }
    Ok(())
}
