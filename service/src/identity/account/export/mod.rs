//! Everything that is known about the user, for themselves.

mod member;

use domain::{ErrorCode, id::UserId, identity::user::User};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Account;
use crate::{
    Ctx, Error, Result,
    audit::entry,
    clock::at,
    entity::{ledger, memberships, organization_invitations, organizations},
};

/// The newest entries of the ledger that an export holds.
const ENTRIES: usize = 10_000;

impl Account<'_> {
    /// What is known about the user, as one JSON object: themselves, what they hold of each application with its kept
    /// payment methods, orders, payments, invoices, credit and coupons, their organizations and invitations to these,
    /// sessions and linked accounts, the clients with access, and the newest 10,000 entries of the ledger about them;
    /// `historyTruncated` says whether there are older ones. Secrets are not in it.
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
                "userAgent": own.user_agent,
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
                "provider": own.provider,
                "issuer": own.issuer,
                "subject": own.subject,
                "email": own.email,
                "linkedAt": own.linked_at,
                "lastUsedAt": own.used_at,
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
        let invitations = self.invitations(&user).await?;
        let (history, is_cut) = self.history(id).await?;
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
            "invitations": invitations,
            "sessions": sessions.collect::<Vec<_>>(),
            "linkedAccounts": linked.collect::<Vec<_>>(),
            "connectedClients": connected.collect::<Vec<_>>(),
            "history": history,
            "historyTruncated": is_cut,
        }))
    }

    /// The invitations that wait for the user. What goes to an address that nobody has proved is not theirs.
    async fn invitations(&self, user: &User) -> Result<Vec<Value>> {
        if !user.email_verified {
            return Ok(Vec::new());
        }
        let found = organization_invitations::Entity::find()
            .filter(organization_invitations::Column::Email.eq(user.email.as_str()))
            .order_by_asc(organization_invitations::Column::Id)
            .find_also_related(organizations::Entity)
            .all(self.0.db.read())
            .await?;
        let waiting = found.into_iter().map(|(row, organization)| {
            json!({
                "organization": organization.map(|own| own.name),
                "role": row.role,
                "invitedAt": at(row.created_at),
                "expiresAt": at(row.expires_at),
            })
        });
        Ok(waiting.collect())
    }

    /// The newest entries of the ledger about the user, and whether there are older ones. Without what callers called
    /// their requests: that is not about the user.
    async fn history(&self, user: UserId) -> Result<(Vec<Value>, bool)> {
        let mut rows = ledger::Entity::find()
            .filter(ledger::Column::UserId.eq(user.get()))
            .order_by_desc(ledger::Column::Id)
            .limit(ENTRIES as u64 + 1)
            .all(self.0.db.read())
            .await?;
        let is_cut = rows.len() > ENTRIES;
        rows.truncate(ENTRIES);
        let entries = rows.into_iter().map(|row| {
            let mut told = serde_json::to_value(entry(row)?).map_err(Error::internal)?;
            if let Some(told) = told.as_object_mut() {
                told.shift_remove("idempotency_key");
            }
            Ok(told)
        });
        Ok((entries.collect::<Result<_>>()?, is_cut))
    }
}
