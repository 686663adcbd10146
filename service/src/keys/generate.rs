//! Making keys: one per algorithm, at the first start of the first node.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};
use chrono::TimeDelta;
use domain::{Timestamp, billing::ledger::Action, oauth::client::SigningAlg};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::SigningKey;
use crate::{Ctx, Error, Result, Services, crypto::Purpose, entity::signing_keys, ledger::Entry, tx::Tx};

/// Makes a key for every algorithm that has none. Of several nodes that start at once, one makes them.
///
/// # Errors
/// The database's own.
pub async fn ensure(services: &Services) -> Result<()> {
    let now = services.now();
    let keys = services.directory().keys.clone();
    let missing = SigningAlg::ALL.into_iter().filter(|alg| keys.active(*alg, now).is_none());
    for alg in missing {
        let key = NewKey::make(services, alg, TimeDelta::zero()).await?;
        services
            .transact_directory(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    // The write has locked the directory's version: nobody else is here now.
                    let there = signing_keys::Entity::find()
                        .filter(signing_keys::Column::Alg.eq(alg.as_str()))
                        .filter(signing_keys::Column::RetiredAt.is_null())
                        .count(tx.db)
                        .await?;
                    if there > 0 {
                        return Ok(());
                    }
                    key.keep(&tx).await.map(drop)
                })
            })
            .await?;
    }
    Ok(())
}

/// A key that nobody has kept yet.
pub(super) struct NewKey {
    key: SigningKey,
    sealed: Vec<u8>,
}

impl NewKey {
    /// Makes a key that signs after so long.
    pub(super) async fn make(services: &Services, alg: SigningAlg, start: TimeDelta) -> Result<Self> {
        let private = tokio::task::spawn_blocking(move || private_key(alg)).await.map_err(Error::internal)??;
        let key = SigningKey::new(alg, &private, services.now() + start, None)?;
        let sealed = services.vault.seal(Purpose::SigningKey, &private, &*services.rng);
        Ok(Self { key, sealed })
    }

    pub(super) const fn starts(&self) -> Timestamp {
        self.key.active_at
    }

    /// Writes it down, and answers its name.
    pub(super) async fn keep(self, tx: &Tx<'_>) -> Result<String> {
        let SigningKey { kid, alg, active_at, .. } = self.key;
        let row = signing_keys::ActiveModel {
            id: Set(tx.id()),
            kid: Set(kid.clone()),
            alg: Set(alg.as_str().into()),
            sealed_private: Set(self.sealed),
            created_at: Set(tx.millis()),
            active_at: Set(active_at.timestamp_millis()),
            retired_at: Set(None),
        };
        signing_keys::Entity::insert(row).exec_without_returning(tx.db).await?;
        tx.log(Entry::new(Action::KeyRotated).to((alg.as_str(), &kid))).await?;
        Ok(kid)
    }
}

/// A new private key in PKCS #8: RSA with 2048 bits, P-256 or Ed25519.
pub(super) fn private_key(alg: SigningAlg) -> Result<Vec<u8>> {
    let der: Pkcs8V1Der<'static> = match alg {
        SigningAlg::RS256 => RsaKeyPair::generate(KeySize::Rsa2048).map_err(Error::internal)?.as_der(),
        SigningAlg::ES256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(Error::internal)?;
            return Ok(pair.to_pkcs8v1().map_err(Error::internal)?.as_ref().to_vec());
        }
        SigningAlg::EdDsa => Ed25519KeyPair::generate().map_err(Error::internal)?.as_der(),
    }
    .map_err(Error::internal)?;
    Ok(der.as_ref().to_vec())
}
