//! From the first proof to a session: at once, or by way of a second factor.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Problem, Secret, Timestamp,
    billing::ledger::Action,
    id::UserId,
    identity::{
        factor::TypedCode,
        proof::{Proof, Proofs},
        session::Session,
        user::{GlobalRole, User},
    },
    route::{self, ReturnTo},
};
use serde::{Deserialize, Serialize};

use super::{Factors, codes, is_over, totp, usable};
use crate::{
    Ctx, Error, Result,
    clock::at,
    crypto::{self, Purpose},
    identity::{
        admin_users::locked,
        attempts::Attempt,
        mail_links::Arrived,
        proved::{Proved, password_set_at},
        sessions::{self, Asked},
        users::Authenticated,
    },
    ledger::Entry,
    mail::{
        Kind,
        account::{About, Change},
    },
    oauth::used_ids,
    security_log::{Event, Reason},
    tx::Tx,
};

/// So long the second factor may take.
pub const PENDING: TimeDelta = TimeDelta::minutes(10);
/// An owner is told once in so long that somebody has their password.
const TOLD: TimeDelta = TimeDelta::days(1);

/// What follows the first proof.
#[derive(Debug)]
pub enum Welcome {
    /// A session; its token is for the cookie.
    Session(Secret),
    /// No session yet: a second factor is asked for. What was proved, sealed, is for another cookie.
    Factor(Secret),
}

/// A sign-in between its first proof and its second factor. No row keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub user: UserId,
    /// What the account might do then.
    role: GlobalRole,
    pub(super) proofs: Proofs,
    /// The hash of where it leads: it opens nothing else.
    to: String,
    /// Milliseconds since the epoch, as the next one.
    at: i64,
    /// When the password was set that the account had then.
    password_set_at: Option<i64>,
}

/// A hash of where a sign-in leads.
fn destination(to: &ReturnTo) -> String {
    crypto::base64url(crypto::hash(&to.by(route::FACTOR)))
}

impl Factors<'_> {
    /// Lets in somebody who has just proved who they are in one way. This, [`Self::welcome_by_password`],
    /// [`Self::welcome_by_mail`] and [`Self::welcome_vouched`] are the only ways to a session.
    ///
    /// # Errors
    /// `AUTH_001` when the account got a new password, role or first factor, or was disabled, in this moment.
    pub async fn welcome(&self, ctx: &Ctx, user: &User, proof: Proof, to: &ReturnTo) -> Result<Welcome> {
        let proved = Proved::of(self.0, user, proof.into(), self.0.now()).await?;
        self.admit(ctx, proved, to).await
    }

    /// As [`Self::welcome`], for somebody whose password was right, or who has set it.
    ///
    /// # Errors
    /// `AUTH_001` when the account got a new password, role or first factor, or was disabled, since then.
    pub async fn welcome_by_password(&self, ctx: &Ctx, own: &Authenticated, to: &ReturnTo) -> Result<Welcome> {
        let (user, password_set_at) = (own.user.clone(), Some(own.password_set_at));
        let proved = Proved { user, proofs: Proof::Password.into(), at: self.0.now(), password_set_at };
        self.admit(ctx, proved, to).await
    }

    /// As [`Self::welcome`], for somebody who has followed a link in a mail to its end.
    ///
    /// # Errors
    /// As [`Self::welcome_by_password`].
    pub async fn welcome_by_mail(&self, ctx: &Ctx, arrived: &Arrived) -> Result<Welcome> {
        let (user, password_set_at) = (arrived.user.clone(), arrived.password_set_at);
        let proved = Proved { user, proofs: Proof::Mail.into(), at: self.0.now(), password_set_at };
        self.admit(ctx, proved, &arrived.to).await
    }

    /// As [`Self::welcome`], for somebody for whom another server vouches, where they proved who they are at `since`.
    ///
    /// # Errors
    /// As [`Self::welcome`].
    pub async fn welcome_vouched(&self, ctx: &Ctx, user: &User, since: Timestamp, to: &ReturnTo) -> Result<Welcome> {
        let proved = Proved::of(self.0, user, Proof::Upstream.into(), since).await?;
        self.admit(ctx, proved, to).await
    }

    async fn admit(&self, ctx: &Ctx, proved: Proved, to: &ReturnTo) -> Result<Welcome> {
        let services = self.0;
        let is_enough = proved.proofs.is_multi_factor();
        if !is_enough && self.of(proved.user.id).await?.any() {
            let pending = Pending {
                user: proved.user.id,
                role: proved.user.role,
                proofs: proved.proofs,
                to: destination(to),
                at: services.now().timestamp_millis(),
                password_set_at: proved.password_set_at.map(|set| set.timestamp_millis()),
            };
            let sealed = services.vault.seal_value(Purpose::SignIn, &pending, &*services.rng)?;
            Event::SecondFactorRequired.by(ctx).user(pending.user).proofs(&pending.proofs).write();
            return Ok(Welcome::Factor(Secret::new(sealed)));
        }
        let asked = if is_enough { Asked::Enough } else { Asked::AsThereWasNone };
        let (_, token) = services.sessions().start_by(ctx, proved, asked).await?;
        Ok(Welcome::Session(token))
    }

    /// The sign-in that a cookie carries, and whose it is, while it may go on to `to`.
    ///
    /// # Errors
    /// `AUTH_001` for one that is too old, leads elsewhere or is not ours, and after a new password or role; `AUTH_006`
    /// for an account that is disabled meanwhile.
    pub async fn pending(&self, sealed: &str, to: &ReturnTo) -> Result<(Pending, User)> {
        let services = self.0;
        let pending: Option<Pending> = services.vault.open_value(Purpose::SignIn, sealed);
        let alive =
            |pending: &Pending| !is_over(at(pending.at), PENDING, services.now()) && pending.to == destination(to);
        let pending = pending.filter(alive).ok_or(ErrorCode::NoSession)?;
        let user = usable(services.users().find(pending.user).await?)?;
        let password_set_at = password_set_at(services.db.read(), user.id).await?;
        if user.role != pending.role || password_set_at != pending.password_set_at.map(at) {
            return Err(ErrorCode::NoSession.into());
        }
        Ok((pending, user))
    }

    /// Ends a sign-in with a code: the user and their session's token. After too many codes behind the right password
    /// its owner is told: somebody else has it.
    ///
    /// # Errors
    /// As [`Self::pending`]; `AUTH_003` for a code that is wrong or was used; `AUTH_007` (fact `retryAfter`, in seconds)
    /// after too many.
    pub async fn finish(&self, ctx: &Ctx, sealed: &str, to: &ReturnTo, code: &str) -> Result<(User, Secret)> {
        let begun = self.pending(sealed, to).await?;
        let proved = self.prove(ctx, &begun.1, code).await;
        let waits = matches!(&proved, Err(error) if error.code() == ErrorCode::TooManyAttempts);
        if waits && begun.0.proofs == Proofs::from(Proof::Password) {
            self.tell_of_password(ctx, &begun.1).await?;
        }
        self.complete(ctx, begun, proved?).await
    }

    /// Tells an owner, once a day, that somebody has their password and guesses at the rest: in the owner's language
    /// and look, whatever the other asked for.
    async fn tell_of_password(&self, ctx: &Ctx, user: &User) -> Result<()> {
        let (ctx, id) = (Ctx { waiting_for: None, locale: None, ..ctx.clone() }, user.id);
        self.0
            .transact(&ctx, move |tx| {
                Box::pin(async move {
                    let user = locked(&tx, id).await?;
                    if !used_ids::take_in(tx.db, "notice", &id.to_string(), "password known", tx.now + TOLD).await? {
                        return Ok(());
                    }
                    let about = About::owner(&tx, &user, None).await?;
                    about.queue(&tx, Kind::PasswordKnown, &about.password_known(&tx)).await
                })
            })
            .await
    }

    /// Ends a sign-in whose second factor has just been proved: the user and their session's token.
    pub(super) async fn complete(
        &self,
        ctx: &Ctx,
        (pending, user): (Pending, User),
        proof: Proof,
    ) -> Result<(User, Secret)> {
        let (proofs, password_set_at) = (pending.proofs.and(proof), pending.password_set_at.map(at));
        let proved = Proved { user: user.clone(), proofs, at: self.0.now(), password_set_at };
        let (_, token) = self.0.sessions().start_by(ctx, proved, Asked::Enough).await?;
        Ok((user, token))
    }

    /// Raises the session with a code; its token is a new one.
    ///
    /// # Errors
    /// `AUTH_001` without a session; as [`Self::finish`] for the code.
    pub async fn step_up(&self, ctx: &Ctx, code: &str) -> Result<Secret> {
        let session = ctx.require_session()?.clone();
        let proof = self.prove(ctx, &session.user, code).await?;
        self.raise(ctx, session, proof).await
    }

    /// Raises a session by a second factor that its user has just shown.
    pub(super) async fn raise(&self, ctx: &Ctx, session: Session, proof: Proof) -> Result<Secret> {
        let (id, user, proofs) = (session.id, session.user.id, Proofs::from(proof));
        let token = self
            .0
            .transact(ctx, move |tx| Box::pin(async move { sessions::raise(&tx, &session, proof, tx.now).await }))
            .await?;
        Event::StepUpSucceeded.by(ctx).user(user).session(id).proofs(&proofs).write();
        Ok(token)
    }

    /// Uses a code of the user up, and says what kind it was.
    async fn prove(&self, ctx: &Ctx, user: &User, text: &str) -> Result<Proof> {
        let attempt = self.begin(ctx, user).await?;
        let proved = match TypedCode::parse(text) {
            Some(code) => self.take(ctx, user, code).await,
            None => Err(wrong()),
        };
        if proved.as_ref().is_err_and(|error| error.code() == ErrorCode::BadCredentials) {
            Event::AuthenticationFailed.by(ctx).user(user.id).because(Reason::WrongCode).write();
        }
        if let Some(attempt) = attempt {
            match &proved {
                Ok(_) => self.0.attempts.undo(&attempt, true),
                Err(error) if error.code() == ErrorCode::BadCredentials => {}
                Err(_) => self.0.attempts.undo(&attempt, false),
            }
        }
        proved
    }

    /// Codes have a budget of their own beside that of passwords: knowing one does not refill the other.
    async fn begin(&self, ctx: &Ctx, user: &User) -> Result<Option<Attempt>> {
        let services = self.0;
        if !services.settings.limits {
            return Ok(None);
        }
        // No address has a space in it.
        services.users().begin(ctx, &format!("code {}", user.email), user.email.as_str()).await.map(Some)
    }

    async fn take(&self, ctx: &Ctx, user: &User, code: TypedCode) -> Result<Proof> {
        let user = user.clone();
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let (right, proof) = match &code {
                        TypedCode::Totp(code) => (totp::take(&tx, user.id, *code).await?, Proof::Totp),
                        TypedCode::Recovery(code) => (codes::take(&tx, user.id, code).await?, Proof::RecoveryCode),
                    };
                    if !right {
                        return Err(wrong());
                    }
                    if proof == Proof::RecoveryCode {
                        tell_of_recovery(&tx, &user).await?;
                    }
                    Ok(proof)
                })
            })
            .await
    }
}

async fn tell_of_recovery(tx: &Tx<'_>, user: &User) -> Result<()> {
    let left = super::held(tx.db, user.id).await?.recovery_codes;
    tx.log(Entry::new(Action::RecoveryCodeUsed).user(user.id)).await?;
    About::owner(tx, user, None).await?.tell(tx, Change::RecoveryCodeUsed { left }).await
}

fn wrong() -> Error {
    Problem::new(ErrorCode::BadCredentials, "the code is wrong, or was used before").into()
}
