//! Credit: what an application owes a member, as an append-only list of entries per currency, never below zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::amount::{Amount, AmountError};
use crate::{
    Currency, Money, Problem, Timestamp,
    id::{CreditId, InvoiceId, MembershipId, PaymentId},
};

/// Where credit comes from, and where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", content = "id", rename_all = "snake_case")]
pub enum Reason {
    /// It paid for an invoice, or came of one: unused time, or what a bill that was given up had taken.
    Invoice(InvoiceId),
    /// Money that could not be used for what it was sent for.
    Payment(PaymentId),
    /// An admin gave or took it.
    Admin,
}

impl Reason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice(_) => "invoice",
            Self::Payment(_) => "payment",
            Self::Admin => "admin",
        }
    }
}

/// One movement of a balance: above zero it is given, below zero it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    pub id: CreditId,
    pub membership_id: MembershipId,
    pub amount: Amount,
    pub reason: Reason,
    pub at: Timestamp,
}

/// Why a movement was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreditError {
    #[error("the credit balance is too small")]
    TooSmall,
    #[error(transparent)]
    Amount(#[from] AmountError),
}

impl From<CreditError> for Problem {
    fn from(error: CreditError) -> Self {
        Self::field("amount", error.to_string())
    }
}

/// A member's balances, one per currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance(BTreeMap<&'static str, Amount>);

impl Balance {
    /// The sum of `entries`, in any order.
    ///
    /// # Errors
    /// [`CreditError`] when they sum to less than nothing, or to too much.
    pub fn of(entries: impl IntoIterator<Item = Credit>) -> Result<Self, CreditError> {
        let mut balance = Self::default();
        for entry in entries {
            balance.add(entry.amount)?;
        }
        balance.checked()
    }

    fn checked(self) -> Result<Self, CreditError> {
        if self.0.values().any(|sum| sum.is_negative()) { Err(CreditError::TooSmall) } else { Ok(self) }
    }

    fn add(&mut self, amount: Amount) -> Result<(), AmountError> {
        let sum = self.0.entry(amount.currency().code()).or_insert(Amount::zero(amount.currency()));
        *sum = sum.plus(amount)?;
        Ok(())
    }

    /// The balance after one more movement.
    ///
    /// # Errors
    /// [`CreditError::TooSmall`] when it uses more than there is.
    pub fn append(mut self, amount: Amount) -> Result<Self, CreditError> {
        self.add(amount)?;
        self.checked()
    }

    /// What there is in `currency`.
    pub fn available(&self, currency: Currency) -> Money {
        self.0.get(currency.code()).map_or(Money::zero(currency), |sum| sum.above_zero())
    }

    /// Every currency in which there is something, by code.
    pub fn all(&self) -> impl Iterator<Item = Money> {
        self.0.values().map(|sum| sum.above_zero()).filter(|money| !money.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::billing::{
        amount::tests::{currency, money_in},
        subscription::tests::epoch,
    };

    fn entry(amount: Amount) -> Credit {
        let nil = Uuid::nil();
        Credit { id: nil.into(), membership_id: nil.into(), amount, reason: Reason::Admin, at: epoch() }
    }

    fn movement() -> impl Strategy<Value = Amount> {
        let money = currency().prop_flat_map(|currency| money_in(currency, 100_000));
        (money, any::<bool>()).prop_map(|(money, out)| if out { Amount::from(money).negated() } else { money.into() })
    }

    #[test]
    fn reasons_are_stored_with_what_they_are_about() {
        let text = serde_json::to_string(&Reason::Invoice(Uuid::nil().into())).unwrap();
        assert_eq!(text, r#"{"reason":"invoice","id":"00000000-0000-0000-0000-000000000000"}"#);
        assert_eq!(serde_json::from_str::<Reason>(r#"{"reason":"admin"}"#).unwrap(), Reason::Admin);
    }

    proptest! {
        #[test]
        fn no_more_is_used_than_was_given(
            (movements, shuffled) in prop::collection::vec(movement(), 0..30).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let mut balance = Balance::default();
            let mut kept = Vec::new();
            for amount in movements {
                let had = balance.available(amount.currency()).amount();
                match balance.clone().append(amount) {
                    Ok(next) => {
                        prop_assert_eq!(next.available(amount.currency()).amount(), had + amount.amount());
                        balance = next;
                        kept.push(entry(amount));
                    }
                    Err(error) => {
                        prop_assert_eq!(error, CreditError::TooSmall);
                        prop_assert!(had + amount.amount() < 0);
                    }
                }
            }
            prop_assert_eq!(Balance::of(kept.iter().rev().copied()), Ok(balance));
            let negative = |code: &str| {
                shuffled.iter().filter(|a| a.currency().code() == code).map(|a| a.amount()).sum::<i64>() < 0
            };
            let any = ["USD", "IDR", "JPY", "KWD"].into_iter().any(negative);
            prop_assert_eq!(Balance::of(shuffled.iter().copied().map(entry)).is_err(), any);
        }
    }
}
