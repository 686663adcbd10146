//! Codes of authenticator apps (RFC 6238, with SHA-1 and six digits, which every app knows).

use aws_lc_rs::hmac;
use domain::{
    Timestamp,
    id::UserId,
    identity::factor::{TotpCode, base32},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};

use crate::{Error, Result, crypto, crypto::Purpose, entity::totp_factors, random::Rng, tx::Tx};

/// The key that an app and this server share: 160 bits, as RFC 4226, section 4, wants them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TotpKey(pub [u8; 20]);

impl TotpKey {
    pub fn make(rng: &dyn Rng) -> Self {
        Self(rng.bytes())
    }

    /// As people type it into their app.
    pub fn text(&self) -> String {
        base32(&self.0)
    }

    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The code of a step (RFC 4226, section 5.3).
    pub fn code(&self, step: i64) -> TotpCode {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag.last().copied().unwrap_or_default() & 15);
        let word = tag.iter().skip(offset).take(4).fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
        TotpCode((word & 0x7fff_ffff) % TotpCode::MODULUS)
    }

    /// The step whose code this is, among those that count now. It takes the same time whichever it is.
    pub fn step_of(&self, code: TotpCode, now: Timestamp) -> Option<i64> {
        let same = |step: &i64| crypto::equal(&self.code(*step).0.to_be_bytes(), &code.0.to_be_bytes());
        let steps: Vec<i64> = TotpCode::steps(now).filter(same).collect();
        steps.first().copied()
    }
}

/// Uses a code up: of several at once one wins, and no earlier code works after it.
pub(super) async fn take(tx: &Tx<'_>, user: UserId, code: TotpCode) -> Result<bool> {
    let Some(row) = totp_factors::Entity::find_by_id(user.get()).one(tx.db).await? else { return Ok(false) };
    let key = tx.services.vault.open(Purpose::Totp, &row.sealed_key);
    let key = key.and_then(|key| key.try_into().ok()).map(TotpKey);
    let key = key.ok_or_else(|| Error::internal("this secret key does not open the authenticator's"))?;
    let Some(step) = key.step_of(code, tx.now) else { return Ok(false) };
    let used = totp_factors::Entity::update_many()
        .col_expr(totp_factors::Column::LastStep, Expr::value(step))
        .filter(totp_factors::Column::UserId.eq(user.get()))
        .filter(totp_factors::Column::LastStep.lt(step))
        .exec(tx.db)
        .await?;
    Ok(used.rows_affected == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfcs() {
        let key = TotpKey(*b"12345678901234567890");
        // RFC 4226, appendix D.
        for (step, code) in [(0, 755_224), (1, 287_082), (2, 359_152), (9, 520_489)] {
            assert_eq!(key.code(step), TotpCode(code));
        }
        // RFC 6238, appendix B: the last six of its eight digits.
        for (seconds, code) in [(59, 287_082), (1_111_111_109, 81_804), (20_000_000_000, 353_130)] {
            assert_eq!(key.code(seconds / TotpCode::STEP), TotpCode(code));
        }
        assert_eq!(key.text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_phone_may_be_half_a_minute_off() {
        let key = TotpKey(*b"12345678901234567890");
        let now = Timestamp::from_timestamp_millis(1_111_111_109_000).unwrap();
        let step = now.timestamp() / TotpCode::STEP;
        for (off, found) in [(-2, None), (-1, Some(step - 1)), (0, Some(step)), (1, Some(step + 1)), (2, None)] {
            assert_eq!(key.step_of(key.code(step + off), now), found, "{off}");
        }
    }
}
