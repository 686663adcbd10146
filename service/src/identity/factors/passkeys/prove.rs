//! Signing in with passkeys: as a second factor, or alone.

use domain::{
    ErrorCode, Secret,
    id::UserId,
    identity::{proof::Proof, user::User},
    route::ReturnTo,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;
use webauthn_rs::prelude::{AuthenticationResult, DiscoverableAuthentication, Passkey, PublicKeyCredential};
use webauthn_rs_proto::AllowCredentials;

use super::{Challenge, Sealed, key, of, read, refused, wrong};
use crate::{
    Ctx, Error, Result,
    entity::passkeys,
    identity::factors::{Factors, usable},
    security_log::{Event, Reason},
};

impl Factors<'_> {
    /// What a browser needs to show one of the user's passkeys; `None` where they have none.
    ///
    /// # Errors
    /// The database's own.
    pub async fn ask_passkey(&self, user: &User) -> Result<Option<Challenge>> {
        let rows = of(self.0.db.read(), user.id).await?;
        let Some(server) = self.0.webauthn.as_deref().filter(|_| !rows.is_empty()) else { return Ok(None) };
        let (mut options, state) = server.start_discoverable_authentication().map_err(Error::internal)?;
        let own = rows.into_iter().map(|row| row.credential_id);
        let own = own.map(|id| AllowCredentials { type_: "public-key".to_owned(), id, transports: None });
        options.public_key.allow_credentials = own.collect();
        self.challenge(Some(user.id), &options.public_key, state).map(Some)
    }

    /// What a browser needs to show any passkey of this server; `None` on a server without.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn ask_any_passkey(&self) -> Result<Option<Challenge>> {
        let Some(server) = self.0.webauthn.as_deref() else { return Ok(None) };
        let (options, state) = server.start_discoverable_authentication().map_err(Error::internal)?;
        self.challenge(None, &options.public_key, state).map(Some)
    }

    /// Whom a passkey proves, whoever was expected.
    ///
    /// # Errors
    /// `AUTH_003` for an answer that does not fit the challenge, came before, or is of no passkey here; `AUTH_006` for a
    /// disabled account.
    pub async fn identify(&self, ctx: &Ctx, sealed: &str, answer: &str) -> Result<User> {
        let user = self.recognize(ctx, sealed, answer).await.inspect_err(|error| failed(ctx, None, error))?;
        usable(self.0.users().find(user).await?).inspect_err(|error| failed(ctx, Some(user), error))
    }

    async fn recognize(&self, ctx: &Ctx, sealed: &str, answer: &str) -> Result<UserId> {
        let answered = Answered { challenge: self.open_challenge(None, sealed)?, answer: read(answer)? };
        let (user, _) = self.server()?.identify_discoverable_authentication(&answered.answer).map_err(wrong)?;
        self.check(ctx, user, answered).await?;
        Ok(user.into())
    }

    /// Ends a sign-in with a passkey: the user and their session's token.
    ///
    /// # Errors
    /// As [`Self::finish`] for the sign-in; `AUTH_003` as [`Self::identify`].
    pub async fn finish_with_passkey(
        &self,
        ctx: &Ctx,
        pending: &str,
        to: &ReturnTo,
        shown: Shown<'_>,
    ) -> Result<(User, Secret)> {
        let begun = self.pending(pending, to).await?;
        self.prove_passkey(ctx, &begun.1, shown).await?;
        self.complete(ctx, begun, Proof::Passkey).await
    }

    /// Raises the session with a passkey; its token is a new one.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `AUTH_003` as [`Self::identify`].
    pub async fn step_up_with_passkey(&self, ctx: &Ctx, shown: Shown<'_>) -> Result<Secret> {
        let session = ctx.require_session()?.clone();
        self.prove_passkey(ctx, &session.user, shown).await?;
        self.raise(ctx, session, Proof::Passkey).await
    }

    async fn prove_passkey(&self, ctx: &Ctx, user: &User, shown: Shown<'_>) -> Result<()> {
        self.check_shown(ctx, user, shown).await.inspect_err(|error| failed(ctx, Some(user.id), error))
    }

    async fn check_shown(&self, ctx: &Ctx, user: &User, shown: Shown<'_>) -> Result<()> {
        let challenge = self.open_challenge(Some(user.id), shown.sealed)?;
        self.check(ctx, user.id.get(), Answered { challenge, answer: read(shown.answer)? }).await
    }

    /// Checks an answer against the user's passkey as it is kept now: one that is gone meanwhile, or that was used
    /// meanwhile at a higher count, is refused.
    async fn check(&self, ctx: &Ctx, user: Uuid, answered: Answered) -> Result<()> {
        let Answered { challenge, answer } = answered;
        let (row, passkey) = self.find(user, &answer).await?;
        let state = challenge.state.clone();
        let checked = self.server()?.finish_discoverable_authentication_v2(&answer, state, &passkey);
        let result = checked.map_err(wrong)?;
        self.spend(&challenge).await?;
        self.used(ctx, row, passkey, &result).await
    }

    async fn find(&self, user: Uuid, answer: &PublicKeyCredential) -> Result<(passkeys::Model, Passkey)> {
        let row = passkeys::Entity::find()
            .filter(passkeys::Column::UserId.eq(user))
            .filter(passkeys::Column::CredentialId.eq(answer.raw_id.as_slice()))
            .one(self.0.db.read())
            .await?
            .ok_or_else(refused)?;
        let passkey = key(&row)?;
        Ok((row, passkey))
    }

    /// Notes the use of a passkey that has shown that it is its owner who holds it. Where it counts, of two uses at the
    /// same count one wins.
    async fn used(
        &self,
        ctx: &Ctx,
        row: passkeys::Model,
        mut passkey: Passkey,
        result: &AuthenticationResult,
    ) -> Result<()> {
        if !result.user_verified() {
            return Err(refused());
        }
        passkey.update_credential(result);
        let credential = serde_json::to_string(&passkey).map_err(Error::internal)?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let noted = passkeys::Entity::update_many()
                        .col_expr(passkeys::Column::Credential, Expr::value(credential))
                        .col_expr(passkeys::Column::LastUsedAt, Expr::value(tx.millis()))
                        .col_expr(passkeys::Column::Host, Expr::value(tx.services.settings.host()))
                        .filter(passkeys::Column::Id.eq(row.id))
                        .filter(passkeys::Column::Credential.eq(row.credential))
                        .exec(tx.db)
                        .await?;
                    if noted.rows_affected == 1 { Ok(()) } else { Err(refused()) }
                })
            })
            .await
    }
}

/// What a page sends back: the challenge, and the browser's answer to it as JSON.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    pub sealed: &'a str,
    pub answer: &'a str,
}

/// The same, opened and read.
struct Answered {
    challenge: Sealed<DiscoverableAuthentication>,
    answer: PublicKeyCredential,
}

/// Tells the security log of a passkey that signs nobody in; of what went wrong otherwise nothing.
fn failed(ctx: &Ctx, user: Option<UserId>, error: &Error) {
    let reason = match error.code() {
        ErrorCode::BadCredentials => Reason::WrongPasskey,
        ErrorCode::AccountDisabled => Reason::AccountDisabled,
        _ => return,
    };
    Event::AuthenticationFailed.by(ctx).user(user).because(reason).write();
}
