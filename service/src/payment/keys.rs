//! An application's keys at its providers: typed once, sealed in the database, shown by their last four characters.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Problem, Secret, Timestamp, application::Provider, billing::ledger::Action,
    billing::payment::Mode, id::ApplicationId,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};

use crate::{Ctx, Error, Result, Services, clock::at, crypto::Purpose, entity::payment_keys, ledger::Entry, tx::LOCK};

/// How long a signing secret counts after a new one has taken its place: the most that Stripe's own roll allows.
const ROLL: TimeDelta = TimeDelta::hours(24);

/// An application's keys at one provider.
#[derive(Clone, Debug)]
pub struct Keys {
    pub provider: Provider,
    /// The secret key (Stripe) or server key (Midtrans).
    pub secret: Secret,
    /// What signs notifications, newest first: at most two, of which [`Self::signing`] says what counts. Midtrans signs
    /// with its server key.
    pub webhook: Vec<Secret>,
    /// When the newest took the place of the one before; `None` where that was not written down, and both count until
    /// the next.
    pub rolled_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

/// What an admin types. What is left out stays.
#[derive(Clone, Debug, Default)]
pub struct NewKeys {
    pub secret: Option<Secret>,
    /// A new signing secret; the one before goes on to count for 24 hours.
    pub webhook: Option<Secret>,
}

/// What is shown of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysShown {
    pub provider: Provider,
    pub mode: Mode,
    /// The last four characters.
    pub secret: String,
    /// Those of the signing secrets that count.
    pub webhook: Vec<String>,
    pub updated_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    secret: String,
    webhook: Vec<String>,
    /// In milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rolled_at: Option<i64>,
}

impl Keys {
    /// Told from the secret itself, so that test and live cannot be mixed up.
    pub fn mode(&self) -> Mode {
        mode(self.provider, self.secret.expose())
    }

    /// The signing secrets that count at `now`, newest first: two while one is rolled.
    pub fn signing(&self, now: Timestamp) -> &[Secret] {
        let over = self.rolled_at.is_some_and(|at| at + ROLL <= now);
        if over { self.webhook.get(..1).unwrap_or_default() } else { &self.webhook }
    }

    pub fn shown(&self, now: Timestamp) -> KeysShown {
        KeysShown {
            provider: self.provider,
            mode: self.mode(),
            secret: last_four(&self.secret),
            webhook: self.signing(now).iter().map(last_four).collect(),
            updated_at: self.updated_at,
        }
    }

    /// Keys as they lie in the database; `None` when this server's secret key does not open them.
    pub(crate) fn open(services: &Services, row: payment_keys::Model) -> Option<Self> {
        let sealed: Sealed =
            domain::stored::read_bytes(&services.vault.open(Purpose::PaymentKeys, &row.sealed)?).ok()?;
        Some(Self {
            provider: Provider::parse(&row.provider).ok()?,
            secret: Secret::new(sealed.secret),
            webhook: sealed.webhook.into_iter().map(Secret::new).collect(),
            rolled_at: sealed.rolled_at.map(at),
            updated_at: at(row.updated_at),
        })
    }
}

fn mode(provider: Provider, secret: &str) -> Mode {
    let test = match provider {
        Provider::Stripe => secret.starts_with("sk_test_") || secret.starts_with("rk_test_"),
        Provider::Midtrans => secret.starts_with("SB-"),
        Provider::None | Provider::Sandbox => true,
    };
    if test { Mode::Test } else { Mode::Live }
}

fn last_four(secret: &Secret) -> String {
    let chars: Vec<char> = secret.expose().chars().collect();
    chars[chars.len().saturating_sub(4)..].iter().collect()
}

/// Keys as they lie in the database.
fn seal(services: &Services, secret: &Secret, webhook: &[Secret], rolled_at: Option<Timestamp>) -> Result<Vec<u8>> {
    let plain = Sealed {
        secret: secret.expose().into(),
        webhook: webhook.iter().map(|secret| secret.expose().to_owned()).collect(),
        rolled_at: rolled_at.map(|at| at.timestamp_millis()),
    };
    let plain = serde_json::to_vec(&plain).map_err(Error::internal)?;
    Ok(services.vault.seal(Purpose::PaymentKeys, &plain, &*services.rng))
}

/// # Errors
/// `APP_001` on the field for what is no key of that provider.
fn checked(provider: Provider, new: &NewKeys) -> Result<(), Problem> {
    let begins = |field: &str, secret: &Option<Secret>, heads: &[&str]| match secret {
        Some(secret) => {
            let (text, fits) = (secret.expose(), |head: &&str| secret.expose().starts_with(*head));
            let plain = text.len() <= 255 && text.bytes().all(|c| c.is_ascii_graphic());
            if plain && heads.iter().any(fits) {
                Ok(())
            } else {
                Err(Problem::field(field, Flaw::Prefix(heads.join(", ").into())))
            }
        }
        None => Ok(()),
    };
    match provider {
        Provider::Stripe => {
            begins("secretKey", &new.secret, &["sk_test_", "sk_live_", "rk_test_", "rk_live_"])?;
            begins("webhookSecret", &new.webhook, &["whsec_"])
        }
        Provider::Midtrans => begins("secretKey", &new.secret, &["SB-Mid-server-", "Mid-server-"]),
        Provider::None | Provider::Sandbox => Err(ErrorCode::ProviderNotConfigured.into()),
    }
}

/// See the module.
pub struct PaymentKeys<'a>(&'a Services);

impl Services {
    pub const fn payment_keys(&self) -> PaymentKeys<'_> {
        PaymentKeys(self)
    }
}

impl PaymentKeys<'_> {
    /// What is there, never a key itself.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn list(&self, ctx: &Ctx, application: ApplicationId) -> Result<Vec<KeysShown>> {
        self.0.require_manager(ctx, application).await?;
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
        let now = self.0.now();
        Ok(entry.keys.iter().map(|keys| keys.shown(now)).collect())
    }

    /// Takes new keys. They count from the next call on.
    ///
    /// # Errors
    /// `APP_001` for what is no key of that provider, or a signing secret without a key; `AUTH_001` or `AUTH_004` in a
    /// session whose sign-in is not recent.
    pub async fn set(&self, ctx: &Ctx, application: ApplicationId, provider: Provider, new: NewKeys) -> Result<()> {
        self.0.require_manager(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        checked(provider, &new)?;
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
        let before = entry.keys_of(provider);
        let secret = new.secret.or_else(|| before.map(|keys| keys.secret.clone()));
        let secret = secret.ok_or_else(|| Problem::field("secretKey", Flaw::Required))?;
        let now = self.0.now();
        let old = before.map(|keys| keys.signing(now).to_vec()).unwrap_or_default();
        let (webhook, rolled_at): (Vec<_>, _) = match new.webhook {
            Some(webhook) if old.first() != Some(&webhook) => {
                let one_before = old.into_iter().find(|own| *own != webhook);
                (std::iter::once(webhook).chain(one_before).collect(), Some(now))
            }
            _ => (old, before.and_then(|keys| keys.rolled_at)),
        };
        let shown = [last_four(&secret), webhook.first().map(last_four).unwrap_or_default()];
        let sealed = seal(self.0, &secret, &webhook, rolled_at)?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    use payment_keys::Column;
                    let row = payment_keys::ActiveModel {
                        application_id: Set(application.get()),
                        provider: Set(provider.as_str().into()),
                        sealed: Set(sealed),
                        updated_at: Set(tx.millis()),
                    };
                    let again = OnConflict::columns([Column::ApplicationId, Column::Provider])
                        .update_columns([Column::Sealed, Column::UpdatedAt])
                        .to_owned();
                    payment_keys::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await?;
                    let entry = Entry::new(Action::PaymentKeysSet).application(application).to(shown);
                    tx.log(entry.because(provider.as_str())).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Forgets the keys. Again: nothing.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn remove(&self, ctx: &Ctx, application: ApplicationId, provider: Provider) -> Result<()> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let key = (application.get(), provider.as_str().to_owned());
                    let gone = payment_keys::Entity::delete_by_id(key).exec(tx.db).await?;
                    if gone.rows_affected == 0 {
                        return Ok(());
                    }
                    let entry = Entry::new(Action::PaymentKeysSet).application(application);
                    tx.log(entry.because(provider.as_str())).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Takes the signing secrets out of what is kept that were rolled and count no more.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) async fn forget_rolled(&self) -> Result<()> {
        let (now, directory) = (self.0.now(), self.0.directory());
        let is_over = |keys: &&Keys| keys.signing(now).len() < keys.webhook.len();
        for entry in directory.applications.values() {
            for keys in entry.keys.iter().filter(is_over) {
                self.forget_rolled_of(entry.application.id, keys.provider).await?;
            }
        }
        Ok(())
    }

    async fn forget_rolled_of(&self, application: ApplicationId, provider: Provider) -> Result<()> {
        self.0
            .transact_directory(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    use payment_keys::Column;
                    let key = (application.get(), provider.as_str().to_owned());
                    let row = payment_keys::Entity::find_by_id(key).lock(LOCK).one(tx.db).await?;
                    // Somebody may have entered others meanwhile.
                    let Some(keys) = row.and_then(|row| Keys::open(&tx.services, row)) else { return Ok(()) };
                    let sealed = seal(&tx.services, &keys.secret, keys.signing(tx.now), keys.rolled_at)?;
                    payment_keys::Entity::update_many()
                        .col_expr(Column::Sealed, Expr::value(sealed))
                        .filter(Column::ApplicationId.eq(application.get()))
                        .filter(Column::Provider.eq(provider.as_str()))
                        .exec(tx.db)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Asks the provider whether the keys work.
    ///
    /// # Errors
    /// `SRV_002` without keys, and on the field `secretKey` where the provider refuses it; `SRV_003` where it does not
    /// answer.
    pub async fn check(&self, ctx: &Ctx, application: ApplicationId, provider: Provider) -> Result<()> {
        self.0.require_manager(ctx, application).await?;
        let asked = self.0.provider(application, provider)?.check().await;
        asked.map_err(|error| match error.code() {
            ErrorCode::BadCredentials => {
                let refused = Problem::field("secretKey", Flaw::KeyRefused);
                Problem { code: ErrorCode::ProviderNotConfigured, ..refused }.into()
            }
            _ => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_without_the_moment_of_a_roll_counts_until_the_next() {
        let sealed: Sealed = serde_json::from_str(r#"{"secret":"sk_test_1","webhook":["whsec_2","whsec_1"]}"#).unwrap();
        let keys = Keys {
            provider: Provider::Stripe,
            secret: Secret::new(sealed.secret),
            webhook: sealed.webhook.into_iter().map(Secret::new).collect(),
            rolled_at: sealed.rolled_at.map(at),
            updated_at: at(0),
        };
        assert_eq!(keys.signing(at(0) + TimeDelta::days(365)).len(), 2);
        let rolled = Keys { rolled_at: Some(at(0)), ..keys };
        assert_eq!(rolled.signing(at(0) + ROLL - TimeDelta::seconds(1)).len(), 2);
        assert_eq!(rolled.signing(at(0) + ROLL), [Secret::new("whsec_2")]);
    }
}
