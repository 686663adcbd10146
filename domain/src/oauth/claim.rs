//! Single claims about a user, and the scopes that they belong to (OpenID Connect Core, 5.1 and 5.4).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::scope::{Scope, ScopeSet};

macro_rules! claims {
    ($($name:ident $text:literal $scope:ident;)*) => {
        /// A claim that a scope lets a client know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Claim {
            $($name,)*
        }

        impl Claim {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The scope that it comes with.
            pub const fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)* }
            }
        }
    };
}

claims! {
    Name "name" Profile;
    GivenName "given_name" Profile;
    FamilyName "family_name" Profile;
    MiddleName "middle_name" Profile;
    Nickname "nickname" Profile;
    PreferredUsername "preferred_username" Profile;
    Profile "profile" Profile;
    Picture "picture" Profile;
    Website "website" Profile;
    Gender "gender" Profile;
    Birthdate "birthdate" Profile;
    ZoneInfo "zoneinfo" Profile;
    Locale "locale" Profile;
    UpdatedAt "updated_at" Profile;
    Email "email" Email;
    EmailVerified "email_verified" Email;
    Address "address" Address;
    PhoneNumber "phone_number" Phone;
    PhoneNumberVerified "phone_number_verified" Phone;
    Roles "roles" Roles;
    Permissions "permissions" Permissions;
    OrgId "org_id" Org;
}

impl Claim {
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|claim| claim.as_str() == text)
    }
}

/// A set of claims, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimSet(u32);

impl ClaimSet {
    /// The claims that come with `scopes`.
    pub fn of_scopes(scopes: &ScopeSet) -> Self {
        Claim::ALL.iter().copied().filter(|claim| scopes.contains(claim.scope())).collect()
    }

    pub const fn has(self, claim: Claim) -> bool {
        self.0 & (1 << claim as u8) != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The claims that are in either.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The claims that are in both.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = Claim> {
        Claim::ALL.iter().copied().filter(move |claim| self.has(*claim))
    }
}

impl FromIterator<Claim> for ClaimSet {
    fn from_iter<I: IntoIterator<Item = Claim>>(claims: I) -> Self {
        Self(claims.into_iter().fold(0, |bits, claim| bits | 1 << claim as u8))
    }
}

/// As a list of names.
impl Serialize for ClaimSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Claim::as_str))
    }
}

/// Names that this version does not know are left out.
impl<'de> Deserialize<'de> for ClaimSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(names.iter().filter_map(|name| Claim::parse(name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_by_name() {
        let set: ClaimSet = [Claim::Email, Claim::Name].into_iter().collect();
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["name","email"]"#);
        let read: ClaimSet = serde_json::from_str(r#"["email","name","later"]"#).unwrap();
        assert_eq!(read, set);
        assert!(Claim::ALL.len() <= 32);
    }

    #[test]
    fn scopes_bring_their_claims() {
        let set = ClaimSet::of_scopes(&ScopeSet::parse("openid email phone"));
        let names: Vec<_> = set.iter().map(Claim::as_str).collect();
        assert_eq!(names, ["email", "email_verified", "phone_number", "phone_number_verified"]);
    }
}
