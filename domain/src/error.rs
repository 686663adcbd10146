//! The closed registry of error codes that the API speaks, and the problem that carries one.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Flaw;

macro_rules! codes {
    ($($name:ident $code:literal $status:literal $title:literal;)*) => {
        /// A code of the registry. Each has one HTTP status and one page in `docs/errors.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $(#[doc = $title] #[serde(rename = $code)] $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as clients read it, such as `SUB_003`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that answers with this code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What the code means, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    NoSession "AUTH_001" 401 "No credentials, or a session that has ended";
    BadCredentials "AUTH_003" 401 "Wrong credentials";
    MfaRequired "AUTH_004" 401 "A second factor is required";
    AccountDisabled "AUTH_006" 403 "The account is disabled";
    TooManyAttempts "AUTH_007" 429 "Too many attempts";
    InsufficientRights "AUTH_011" 403 "Insufficient rights";
    InvalidInput "APP_001" 400 "Invalid input";
    ApplicationNotFound "APP_002" 404 "No such application";
    SlugTaken "APP_003" 409 "The slug is taken";
    NoAccess "APP_005" 403 "No access to the application";
    PermissionInvalid "PERM_001" 400 "Invalid role or permission";
    RoleNotFound "PERM_002" 404 "No such role";
    PermissionNotFound "PERM_003" 404 "No such permission";
    RoleTaken "PERM_004" 409 "The role's name is taken";
    PermissionTaken "PERM_005" 409 "The permission exists already";
    RoleInUse "PERM_006" 400 "The role is in use";
    PlanNotFound "SUB_001" 404 "No such plan, price or subscription";
    AlreadySubscribed "SUB_002" 409 "A subscription is live already";
    PlanInUse "SUB_003" 400 "The plan has live subscriptions";
    SubscriptionExpired "SUB_004" 400 "The subscription has expired";
    PlanTaken "SUB_005" 409 "The plan's key or name is taken";
    BilledByProvider "SUB_006" 409 "A payment provider bills this subscription";
    UserNotFound "USR_001" 404 "No such user";
    LastSuperadmin "USR_002" 400 "The last superadmin cannot be removed";
    UserInvalid "USR_003" 400 "Invalid user";
    OrganizationNotFound "ORG_001" 404 "No such organization";
    OrganizationTaken "ORG_002" 409 "The organization's slug is taken";
    OrganizationInvalid "ORG_003" 400 "Invalid organization";
    OrganizationMemberNotFound "ORG_004" 404 "Not a member of the organization";
    OrganizationMemberTaken "ORG_005" 409 "Already a member of the organization";
    Internal "SRV_001" 500 "Internal error";
    ProviderNotConfigured "SRV_002" 409 "The provider is not configured";
    ProviderUnavailable "SRV_003" 503 "The provider does not answer";
    RateLimited "RATE_001" 429 "Too many requests";
}

/// One field of an input that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name as the caller sent it.
    pub field: String,
    pub flaw: Flaw,
}

impl FieldError {
    pub fn new(field: &str, flaw: impl Into<Flaw>) -> Self {
        Self { field: field.into(), flaw: flaw.into() }
    }
}

/// A request that was understood and refused: what the caller may know about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Problem {
    pub code: ErrorCode,
    /// A sentence for the developer who reads it.
    pub message: String,
    /// The fields at fault, where fields are.
    pub fields: Vec<FieldError>,
    /// Facts that a program may use, such as the number of live subscriptions of a plan.
    pub facts: Vec<(&'static str, i64)>,
}

impl Problem {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: Vec::new(), facts: Vec::new() }
    }

    /// [`ErrorCode::InvalidInput`] for one field.
    pub fn field(field: &str, flaw: impl Into<Flaw>) -> Self {
        let flaw = flaw.into();
        Self {
            code: ErrorCode::InvalidInput,
            message: format!("{field}: {flaw}"),
            fields: vec![FieldError::new(field, flaw)],
            facts: Vec::new(),
        }
    }

    /// What came too often, `why`, and may be asked again after `wait`: with the fact `retryAfter` in whole seconds,
    /// rounded up and at least 1, so that nobody who keeps to it comes too early.
    pub fn wait(code: ErrorCode, why: &str, wait: TimeDelta) -> Self {
        let seconds = wait.num_milliseconds().max(1).unsigned_abs().div_ceil(1000);
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        Self::new(code, format!("{why}; try again in {seconds} s")).with_fact("retryAfter", seconds)
    }

    pub fn with_fact(mut self, name: &'static str, value: i64) -> Self {
        self.facts.push((name, value));
        self
    }

    /// Seconds after which the same may be asked again, where it came too often.
    pub fn retry_after(&self) -> Option<i64> {
        self.facts.iter().find(|(name, _)| *name == "retryAfter").map(|(_, seconds)| *seconds)
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.title())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct() {
        let mut codes: Vec<_> = ErrorCode::ALL.iter().map(|c| c.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn a_wait_is_rounded_up() {
        let waits = [(-5000, 1), (0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60), (3_600_000, 3600)];
        for (milliseconds, seconds) in waits {
            let problem = Problem::wait(ErrorCode::TooManyAttempts, "too many", TimeDelta::milliseconds(milliseconds));
            assert_eq!(problem.retry_after(), Some(seconds), "{milliseconds}");
            assert_eq!(problem.message, format!("too many; try again in {seconds} s"));
        }
    }
}
