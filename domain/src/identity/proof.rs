//! What somebody has proved to be signed in, and what that amounts to.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::oauth::acr::Acr;

/// One thing that was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    Password,
    /// A link in a mail: the address is theirs.
    Mail,
    /// Another server vouches for them.
    Upstream,
    /// A code of an authenticator app.
    Totp,
    /// One of the codes for the day on which everything else is lost.
    RecoveryCode,
    /// A passkey, whose holder has shown it that they are its owner.
    Passkey,
}

impl Proof {
    pub const ALL: [Self; 6] =
        [Self::Password, Self::Mail, Self::Upstream, Self::Totp, Self::RecoveryCode, Self::Passkey];

    /// As rows keep it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Mail => "mail",
            Self::Upstream => "upstream",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|proof| proof.as_str() == text)
    }

    /// The value of `amr` (RFC 8176, section 2, as far as it knows one).
    const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Mail => "email",
            Self::Upstream => "fed",
            Self::Totp | Self::RecoveryCode => "otp",
            Self::Passkey => "pop",
        }
    }

    /// Whether it opens a sign-in; the others come second.
    const fn is_first(self) -> bool {
        matches!(self, Self::Password | Self::Mail | Self::Upstream | Self::Passkey)
    }
}

/// Everything that a session has proved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Proofs(BTreeSet<Proof>);

impl Proofs {
    /// Reads what [`fmt::Display`] writes. Names that nobody knows any more prove nothing.
    pub fn parse(text: &str) -> Self {
        Self(text.split(' ').filter_map(Proof::parse).collect())
    }

    /// These, and one more.
    pub fn and(mut self, proof: Proof) -> Self {
        self.0.insert(proof);
        self
    }

    /// Whether two different things were proved: a passkey is both what somebody has and that it is they.
    pub fn is_multi_factor(&self) -> bool {
        let first = self.0.iter().any(|proof| proof.is_first());
        let second = self.0.iter().any(|proof| !proof.is_first());
        self.0.contains(&Proof::Passkey) || (first && second)
    }

    /// The claim `acr`.
    pub fn acr(&self) -> Acr {
        if self.is_multi_factor() { Acr::Multi } else { Acr::Single }
    }

    /// The claim `amr`.
    pub fn amr(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.0.iter().map(|proof| proof.amr()).collect();
        names.dedup();
        names.extend(self.is_multi_factor().then_some("mfa"));
        names
    }
}

impl From<Proof> for Proofs {
    fn from(proof: Proof) -> Self {
        Self::default().and(proof)
    }
}

impl fmt::Display for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, proof) in self.0.iter().enumerate() {
            write!(f, "{}{}", if i > 0 { " " } else { "" }, proof.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_different_things_are_more_than_one() {
        for single in [Proof::Password, Proof::Mail, Proof::Upstream, Proof::Totp, Proof::RecoveryCode] {
            assert!(!Proofs::from(single).is_multi_factor(), "{single:?}");
        }
        assert!(!Proofs::from(Proof::Password).and(Proof::Mail).is_multi_factor(), "both are a first step");
        assert!(!Proofs::from(Proof::Totp).and(Proof::RecoveryCode).is_multi_factor());
        assert!(Proofs::from(Proof::Mail).and(Proof::RecoveryCode).is_multi_factor());
        assert!(Proofs::from(Proof::Passkey).is_multi_factor());
        assert!(!Proofs::default().is_multi_factor());
    }

    #[test]
    fn tokens_say_what_was_proved() {
        let proofs = Proofs::from(Proof::Password).and(Proof::Totp);
        assert_eq!((proofs.amr(), proofs.acr()), (vec!["pwd", "otp", "mfa"], Acr::Multi));
        assert_eq!(Proofs::from(Proof::Password).amr(), ["pwd"]);
        assert_eq!(Proofs::from(Proof::Passkey).amr(), ["pop", "mfa"]);
        assert_eq!(proofs.clone().and(Proof::RecoveryCode).amr(), ["pwd", "otp", "mfa"], "each name once");
        assert!(Proofs::default().amr().is_empty());
    }

    #[test]
    fn rows_keep_it_as_text() {
        for proof in Proof::ALL {
            assert_eq!(Proof::parse(proof.as_str()), Some(proof));
        }
        let proofs = Proofs::from(Proof::Mail).and(Proof::RecoveryCode);
        assert_eq!(proofs.to_string(), "mail recovery_code");
        assert_eq!(Proofs::parse("mail palm_reading recovery_code"), proofs);
        assert_eq!(Proofs::parse(""), Proofs::default());
    }
}
