//! Everything that is known about the user, for themselves.

use domain::{ErrorCode, id::ApplicationId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Account;
use crate::{
    Ctx, Error, Result,
    audit::entry,
    clock::at,
    entity::{ledger, memberships, payment_methods},
};

/// The newest entries of the ledger that an export holds.
const ENTRIES: u64 = 10_000;

impl Account<'_> {
    /// What is known about the user, as one JSON object: themselves, what they hold of each application with its kept
    /// payment methods, payments and invoices, their organizations, sessions and linked accounts, the clients with
    /// access, and the newest 10,000 entries of the ledger about them. Secrets are not in it.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn export(&self, ctx: &Ctx) -> Result<Value> {
        let id = ctx.require_session()?.user.id;
        let user = self.0.users().find(id).await?.ok_or(ErrorCode::NoSession)?;
        let ids: Vec<Uuid> = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::ApplicationId)
            .filter(memberships::Column::UserId.eq(id.get()))
            .order_by_asc(memberships::Column::Id)
            .into_tuple()
            .all(self.0.db.read())
            .await?;
        let mut applications = Vec::with_capacity(ids.len());
        for application in ids {
            applications.extend(self.membership(ctx, application.into()).await?);
        }
        let sessions = self.sessions(ctx).await?.into_iter().map(|own| {
            json!({
                "browser": own.device.map(|device| device.to_string()),
                "address": own.address,
                "signedInAt": own.signed_in_at,
                "lastSeenAt": own.last_seen_at,
            })
        });
        let connected = self.0.consents().list(ctx).await?.into_iter().map(|own| {
            json!({ "client": own.client, "application": own.application, "scopes": own.scopes, "since": own.since })
        });
        let factors = self.0.factors().of(id).await?;
        let linked = self.0.identities().list(ctx).await?.into_iter().map(|own| {
            json!({
                "provider": own.provider, "email": own.email, "linkedAt": own.linked_at, "lastUsedAt": own.used_at,
            })
        });
        let organizations =
            self.0.organizations().mine(ctx).await?.into_iter().map(
                |own| json!({ "organization": own.organization.name, "role": own.role, "joinedAt": own.joined_at }),
            );
        let passkeys: Vec<_> = factors
            .passkeys
            .iter()
            .map(|own| json!({ "name": own.name, "since": own.since, "lastUsedAt": own.last_used }))
            .collect();
        Ok(json!({
            "issuer": self.0.settings.issuer,
            "exportedAt": self.0.now(),
            "user": user,
            "secondFactors": {
                "authenticatorAppSince": factors.totp,
                "passkeys": passkeys,
                "recoveryCodesLeft": factors.recovery_codes,
            },
            "hasPassword": self.has_password(ctx).await?,
            "applications": applications,
            "organizations": organizations.collect::<Vec<_>>(),
            "sessions": sessions.collect::<Vec<_>>(),
            "linkedAccounts": linked.collect::<Vec<_>>(),
            "connectedClients": connected.collect::<Vec<_>>(),
            "history": self.history(ctx).await?,
        }))
    }

    async fn membership(&self, ctx: &Ctx, application: ApplicationId) -> Result<Option<Value>> {
        let user = ctx.require_session()?.user.id;
        let Some(holder) = self.0.entitlements().holder(user, application).await? else { return Ok(None) };
        let name = self.0.directory().application(application).map(|entry| entry.application.settings.name.clone());
        let methods = payment_methods::Entity::find()
            .filter(payment_methods::Column::MembershipId.eq(holder.membership.id.get()))
            .order_by_asc(payment_methods::Column::Id)
            .all(self.0.db.read())
            .await?;
        let methods = methods.into_iter().map(|row| {
            json!({
                "provider": row.provider,
                "kind": row.kind,
                "label": row.label,
                "isCurrent": row.is_current,
                "since": at(row.created_at),
            })
        });
        let payments = self.0.payments().of_member(ctx, application, user).await?;
        Ok(Some(json!({
            "application": name,
            "membership": holder.membership,
            "subscription": holder.subscription,
            "paymentMethods": methods.collect::<Vec<_>>(),
            "payments": payments.into_iter().map(|own| own.payment).collect::<Vec<_>>(),
            "invoices": self.0.invoices().of_member(ctx, application, user).await?,
        })))
    }

    async fn history(&self, ctx: &Ctx) -> Result<Vec<Value>> {
        let rows = ledger::Entity::find()
            .filter(ledger::Column::UserId.eq(ctx.require_session()?.user.id.get()))
            .order_by_desc(ledger::Column::Id)
            .limit(ENTRIES)
            .all(self.0.db.read())
            .await?;
        rows.into_iter().map(|row| serde_json::to_value(entry(row)?).map_err(Error::internal)).collect()
    }
}
