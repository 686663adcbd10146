//! Making passkeys, naming them, and taking them away.

use domain::{
    ErrorCode, Problem,
    id::{PasskeyId, UserId},
    identity::{device::Device, factor::FactorKind},
    text::Name,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use webauthn_rs::prelude::{CredentialID, PasskeyRegistration, RegisterPublicKeyCredential};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::{Challenge, MOST, Sealed, of, read, refused, wrong};
use crate::{
    Ctx, Error, Result,
    entity::passkeys,
    identity::{
        factors::{Confirmed, Factors, enrol::added, manage},
        ways_in::{self, WaysIn},
    },
    tx::{Tx, taken},
};

impl Factors<'_> {
    /// What a browser needs to make a passkey.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent; `APP_001` on a server without passkeys; `USR_003` for
    /// somebody who has very many.
    pub async fn begin_passkey(&self, ctx: &Ctx) -> Result<Challenge> {
        let user = self.fresh(ctx).await?.user;
        let held = of(self.0.db.read(), user.id).await?;
        if held.len() >= MOST {
            return Err(very_many());
        }
        let exclude: Vec<CredentialID> = held.into_iter().map(|row| row.credential_id).collect();
        let (email, name) = (user.email.as_str(), user.display_name());
        let begun = self.server()?.start_passkey_registration(user.id.get(), email, name, Some(exclude));
        let (mut options, state) = begun.map_err(Error::internal)?;
        // One that says by itself whose it is signs in without an address: every passkey is a way in of its own.
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        self.challenge(Some(user.id), &options.public_key, state)
    }

    /// Keeps the passkey that a browser has made. A mail tells the account's owner.
    ///
    /// # Errors
    /// As [`Self::begin_passkey`]; `AUTH_003` for an answer that does not fit the challenge or came before.
    pub async fn finish_passkey(&self, ctx: &Ctx, sealed: &str, answer: &str) -> Result<Confirmed> {
        let session = self.fresh(ctx).await?;
        let user = session.user.clone();
        let challenge: Sealed<PasskeyRegistration> = self.open_challenge(Some(user.id), sealed)?;
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let made = self.server()?.finish_passkey_registration(&answer, &challenge.state).map_err(wrong)?;
        self.spend(&challenge).await?;
        let device = ctx.user_agent.as_deref().and_then(Device::of);
        let name = device.map_or_else(|| "Passkey".to_owned(), |device| device.to_string());
        let credential = serde_json::to_string(&made).map_err(Error::internal)?;
        let credential_id = made.cred_id().to_vec();
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    ways_in::lock(&tx, user.id).await?;
                    if of(tx.db, user.id).await?.len() >= MOST {
                        return Err(very_many());
                    }
                    let row = passkeys::ActiveModel {
                        id: Set(tx.id()),
                        user_id: Set(user.id.get()),
                        credential_id: Set(credential_id),
                        name: Set(name),
                        credential: Set(credential),
                        created_at: Set(tx.millis()),
                        last_used_at: Set(None),
                        host: Set(Some(tx.services.settings.host().to_owned())),
                    };
                    let inserted = passkeys::Entity::insert(row).exec_without_returning(tx.db).await;
                    inserted.map_err(|error| taken(error, refused()))?;
                    added(&tx, &session, FactorKind::Passkey).await
                })
            })
            .await
    }

    /// Gives a passkey another name. One that is not the user's stays as it is.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent.
    pub async fn rename_passkey(&self, ctx: &Ctx, id: PasskeyId, name: Name) -> Result<()> {
        let user = self.fresh(ctx).await?.user;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    passkeys::Entity::update_many()
                        .col_expr(passkeys::Column::Name, Expr::value(name.as_str()))
                        .filter(passkeys::Column::Id.eq(id.get()))
                        .filter(passkeys::Column::UserId.eq(user.id.get()))
                        .exec(tx.db)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Takes a passkey away, and ends every other session; with the last factor go the recovery codes. Once more
    /// changes nothing.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent; `USR_003` when nothing else is left to sign in with.
    pub async fn remove_passkey(&self, ctx: &Ctx, id: PasskeyId) -> Result<()> {
        let own = self.fresh(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let Some(row) = WaysIn::hold(&tx, own.user.id).await?.give_up_passkey(id)? else { return Ok(()) };
                    passkeys::Entity::delete_by_id(row.id).exec(tx.db).await?;
                    manage::removed(&tx, &own, FactorKind::Passkey).await
                })
            })
            .await
    }
}

fn very_many() -> Error {
    Problem::new(ErrorCode::UserInvalid, "this account has very many passkeys").into()
}

/// Takes all of a user's away.
pub(in crate::identity::factors) async fn forget(tx: &Tx<'_>, user: UserId) -> Result<()> {
    passkeys::Entity::delete_many().filter(passkeys::Column::UserId.eq(user.get())).exec(tx.db).await?;
    Ok(())
}
