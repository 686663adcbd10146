//! Setting up an authenticator app. Until its first code has come there is nothing but a sealed value in the form: a
//! factor that does not work cannot lock anybody out.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Problem, Secret,
    billing::ledger::Action,
    id::UserId,
    identity::{
        factor::{FactorKind, RecoveryCode, TotpCode, totp_address},
        session::Session,
    },
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Factors, codes, held, is_over, totp::TotpKey};
use crate::{
    Ctx, Result,
    clock::at,
    crypto::Purpose,
    entity::totp_factors,
    identity::{
        sessions::{Ended, end, raise},
        ways_in,
    },
    ledger::Entry,
    mail::account::{About, Change},
    security_log::Event,
    tx::{Tx, taken},
};

/// So long somebody may take to scan the picture and type the first code.
const LIFE: TimeDelta = TimeDelta::minutes(30);

/// What an authenticator app needs.
#[derive(Clone)]
pub struct Enrolment {
    /// Comes back with the first code.
    pub sealed: String,
    /// The key for those who type it.
    pub key: String,
    /// For those who scan it.
    pub address: String,
}

/// An app that is set up.
#[derive(Debug)]
pub struct Confirmed {
    /// New ones, where the account had none: shown this once.
    pub recovery_codes: Vec<RecoveryCode>,
    /// The session has proved the factor: its new token.
    pub token: Secret,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    user: UserId,
    key: TotpKey,
    /// Milliseconds since the epoch.
    at: i64,
}

impl Factors<'_> {
    /// A new key for an authenticator app.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent; `USR_003` when an app is set up already.
    pub async fn begin_totp(&self, ctx: &Ctx) -> Result<Enrolment> {
        let services = self.0;
        let session = self.fresh(ctx).await?;
        if self.of(session.user.id).await?.totp.is_some() {
            return Err(there().into());
        }
        let key = TotpKey::make(&*services.rng);
        let sealed = Sealed { user: session.user.id, key, at: services.now().timestamp_millis() };
        let text = services.vault.seal_value(Purpose::TotpEnrolment, &sealed, &*services.rng)?;
        Ok(self.enrolment(session.user.email.as_str(), &sealed.key, text))
    }

    /// The same once more, after a wrong first code.
    ///
    /// # Errors
    /// As [`Self::begin_totp`]; `AUTH_003` when it is too old or somebody else's.
    pub async fn resume_totp(&self, ctx: &Ctx, sealed: &str) -> Result<Enrolment> {
        let session = self.fresh(ctx).await?;
        let opened = self.open(session.user.id, sealed)?;
        Ok(self.enrolment(session.user.email.as_str(), &opened.key, sealed.to_owned()))
    }

    fn enrolment(&self, account: &str, key: &TotpKey, sealed: String) -> Enrolment {
        let key = key.text();
        Enrolment { sealed, address: totp_address(self.0.settings.host(), account, &key), key }
    }

    fn open(&self, user: UserId, sealed: &str) -> Result<Sealed> {
        let opened: Option<Sealed> = self.0.vault.open_value(Purpose::TotpEnrolment, sealed);
        let own = |opened: &Sealed| opened.user == user && !is_over(at(opened.at), LIFE, self.0.now());
        let stale = || Problem::new(ErrorCode::BadCredentials, "this was open for too long");
        Ok(opened.filter(own).ok_or_else(stale)?)
    }

    /// Sets the app up by its first code. A mail tells the account's owner.
    ///
    /// # Errors
    /// As [`Self::resume_totp`]; `APP_001` on the field `code` for a wrong one; `USR_003` when an app is set up already.
    pub async fn confirm_totp(&self, ctx: &Ctx, sealed: &str, code: &str) -> Result<Confirmed> {
        let session = self.fresh(ctx).await?;
        let Sealed { user, key, .. } = self.open(session.user.id, sealed)?;
        let step = TotpCode::parse(code).and_then(|code| key.step_of(code, self.0.now()));
        let last_step = step.ok_or_else(|| Problem::field("code", Flaw::from("is not what the app shows now")))?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    ways_in::lock(&tx, user).await?;
                    let row = totp_factors::ActiveModel {
                        user_id: Set(user.get()),
                        sealed_key: Set(tx.services.vault.seal(Purpose::Totp, key.bytes(), &*tx.services.rng)),
                        last_step: Set(last_step),
                        created_at: Set(tx.millis()),
                    };
                    let inserted = totp_factors::Entity::insert(row).exec_without_returning(tx.db).await;
                    inserted.map_err(|error| taken(error, there()))?;
                    added(&tx, &session, FactorKind::Totp).await
                })
            })
            .await
    }
}

/// What comes with a factor that was just written down, after the user's lock: the session has shown it, recovery codes
/// where there are none, and with the first factor the end of every other session, as none of them has shown it.
pub(super) async fn added(tx: &Tx<'_>, session: &Session, kind: FactorKind) -> Result<Confirmed> {
    let (user, proof) = (&session.user, kind.proof());
    let held = held(tx.db, user.id).await?;
    let is_first = held.is_one();
    if is_first {
        end(tx.db, &tx.services, Ended::AllButBare(user.id, session.id), tx.now).await?;
    }
    let recovery_codes = if held.recovery_codes > 0 { Vec::new() } else { codes::make(tx, user.id).await? };
    let token = raise(tx, session, proof, session.authenticated_at).await?;
    tx.log(Entry::new(Action::FactorAdded).user(user.id).to(json!({ "kind": kind }))).await?;
    tx.tell(Event::FactorAdded, Some(user.id));
    About::owner(tx, user, None).await?.tell(tx, Change::FactorAdded { kind, is_first }).await?;
    Ok(Confirmed { recovery_codes, token })
}

fn there() -> Problem {
    Problem::new(ErrorCode::UserInvalid, "an authenticator app is set up already")
}
