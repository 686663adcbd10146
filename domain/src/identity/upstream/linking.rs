//! What follows when a provider has said who somebody is. An account is never linked because an address is the same:
//! its owner must prove that it is theirs.

use crate::id::UserId;

/// The address that came with the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// None, or none that can be read.
    None,
    /// One that the provider does not vouch for, or whose word does not count.
    Unproven,
    /// One that the provider vouches for, and whose account it is here.
    Proven { account: Option<UserId> },
}

/// What is known when somebody comes back from a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// To whom the provider's account is linked.
    pub linked: Option<UserId>,
    pub address: Address,
    /// Whether the application lets people register.
    pub may_register: bool,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    SignIn(UserId),
    /// The address has an account: its owner signs in to it, and then the two are linked.
    Prove(UserId),
    /// A new account, whose address is verified.
    Register,
    /// A mail to the address, whoever's it is; the account is made by its link.
    Confirm,
    /// There is no address to make an account with.
    NoAddress,
    /// Nobody is known by this sign-in, and nobody can register. The same whether or not an unproven address has an
    /// account.
    Closed,
}

impl Facts {
    pub const fn verdict(self) -> Verdict {
        match (self.linked, self.address, self.may_register) {
            (Some(user), ..) => Verdict::SignIn(user),
            (None, Address::Proven { account: Some(user) }, _) => Verdict::Prove(user),
            (None, Address::Proven { account: None }, true) => Verdict::Register,
            (None, Address::Unproven, true) => Verdict::Confirm,
            (None, Address::None, true) => Verdict::NoAddress,
            (None, _, false) => Verdict::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user(n: u128) -> UserId {
        Uuid::from_u128(n).into()
    }

    #[test]
    fn nothing_is_linked_silently() {
        let (ann, bob) = (user(1), user(2));
        let proven = |account| Address::Proven { account };
        let table = [
            // Whoever is linked is signed in, whatever the address says by now.
            (Some(ann), Address::None, false, Verdict::SignIn(ann)),
            (Some(ann), Address::Unproven, true, Verdict::SignIn(ann)),
            (Some(ann), proven(Some(bob)), true, Verdict::SignIn(ann)),
            (Some(ann), proven(None), false, Verdict::SignIn(ann)),
            // An account of the same address must be proved, also where nobody can register.
            (None, proven(Some(bob)), true, Verdict::Prove(bob)),
            (None, proven(Some(bob)), false, Verdict::Prove(bob)),
            (None, proven(None), true, Verdict::Register),
            (None, proven(None), false, Verdict::Closed),
            // Of an address that nobody vouches for it does not matter whose it is.
            (None, Address::Unproven, true, Verdict::Confirm),
            (None, Address::Unproven, false, Verdict::Closed),
            (None, Address::None, true, Verdict::NoAddress),
            (None, Address::None, false, Verdict::Closed),
        ];
        for (linked, address, may_register, verdict) in table {
            let facts = Facts { linked, address, may_register };
            assert_eq!(facts.verdict(), verdict, "{facts:?}");
        }
    }
}
