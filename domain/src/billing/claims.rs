//! Custom claims of a membership: typed key/values that go into tokens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::plan::PlanKey;
use crate::{Flaw, Problem, text::text};

/// Names that tokens use themselves; a custom claim may not have one.
pub const RESERVED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "sid",
    "scope",
    "client_id",
    "cnf",
    "email",
    "email_verified",
    "name",
    "phone_number",
    "address",
    "roles",
    "permissions",
    "org_id",
    "features",
    "claims",
    "custom_claims",
    "ent_ver",
    "billing_cycle",
];

text!(
    /// The name of a custom claim: `^[A-Za-z_][A-Za-z0-9_.-]{0,63}$`, none of [`RESERVED`].
    ClaimKey,
    |text| {
        let mut chars = text.chars();
        let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        let rest = chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
        if !first || !rest || text.len() > 64 {
            return Err(Flaw::ClaimName);
        }
        if RESERVED.contains(&text) {
            return Err(Flaw::ClaimReserved);
        }
        Ok(text.to_owned())
    }
);

/// The value of a custom claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ClaimValue {
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<String>),
}

impl ClaimValue {
    fn parse(key: &str, value: Value) -> Result<Self, Problem> {
        let bad = || problem(key, Flaw::ClaimValue);
        let value = match value {
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(
                items
                    .into_iter()
                    .map(|item| if let Value::String(text) = item { Ok(text) } else { Err(bad()) })
                    .collect::<Result<_, _>>()?,
            ),
            Value::Null | Value::Object(_) => return Err(bad()),
        };
        let nul = match &value {
            Self::Text(text) => text.contains('\0'),
            Self::List(items) => items.iter().any(|text| text.contains('\0')),
            _ => false,
        };
        if nul { Err(problem(key, Flaw::Nul)) } else { Ok(value) }
    }
}

impl From<ClaimValue> for Value {
    fn from(value: ClaimValue) -> Self {
        match value {
            ClaimValue::Bool(flag) => flag.into(),
            ClaimValue::Number(number) => Self::Number(number),
            ClaimValue::Text(text) => text.into(),
            ClaimValue::List(items) => items.into(),
        }
    }
}

fn problem(key: &str, flaw: Flaw) -> Problem {
    Problem::field(&format!("claims.{key}"), flaw)
}

/// All custom claims of one membership: at most 1 KiB of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CustomClaims(BTreeMap<ClaimKey, ClaimValue>);

impl CustomClaims {
    /// Serialised size in bytes.
    pub const MAX_BYTES: usize = 1024;

    pub const fn map(&self) -> &BTreeMap<ClaimKey, ClaimValue> {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These claims after `patch`.
    ///
    /// # Errors
    /// `APP_001` when they would pass [`Self::MAX_BYTES`].
    pub fn merged(&self, patch: &ClaimsPatch) -> Result<Self, Problem> {
        let mut map = self.0.clone();
        for (key, value) in &patch.values {
            match value {
                Some(value) => map.insert(key.clone(), value.clone()),
                None => map.remove(key),
            };
        }
        Self(map).bounded()
    }

    /// Exactly the claims of `patch`, nothing of before.
    ///
    /// # Errors
    /// As [`Self::merged`].
    pub fn replaced(patch: &ClaimsPatch) -> Result<Self, Problem> {
        Self::default().merged(patch)
    }

    fn bounded(self) -> Result<Self, Problem> {
        let size = serde_json::to_string(&self.0).map_or(usize::MAX, |text| text.len());
        if size > Self::MAX_BYTES {
            return Err(Problem::field("claims", Flaw::Bytes { size, max: Self::MAX_BYTES }));
        }
        Ok(self)
    }
}

/// What a claims call asks for the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlanChange {
    /// `plan` was left out: the subscription stays.
    #[default]
    Keep,
    /// `plan: null`: the subscription ends.
    End,
    /// `plan: KEY`: the subscription moves there.
    To(PlanKey),
}

/// A parsed `claims` object: values to set, `None` to remove, and what happens to the plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimsPatch {
    pub values: BTreeMap<ClaimKey, Option<ClaimValue>>,
    pub plan: PlanChange,
}

impl ClaimsPatch {
    /// Parses a `claims` object. `has_plans` says whether the application has plans: without any, `plan` is an
    /// ordinary string claim.
    ///
    /// # Errors
    /// `APP_001` naming the claim that is reserved, badly named or of a wrong type.
    pub fn parse(value: Value, has_plans: bool) -> Result<Self, Problem> {
        let Value::Object(map) = value else {
            return Err(Problem::field("claims", Flaw::Object));
        };
        let mut patch = Self::default();
        for (key, value) in map {
            if key == "plan" {
                match value {
                    Value::Null if has_plans => patch.plan = PlanChange::End,
                    Value::String(text) if has_plans => {
                        let plan = PlanKey::parse(&text).map_err(|_| problem("plan", Flaw::ForeignPlan))?;
                        patch.plan = PlanChange::To(plan);
                        continue;
                    }
                    Value::Null | Value::String(_) => {
                        patch.insert(key, value)?;
                        continue;
                    }
                    _ => return Err(problem("plan", Flaw::ClaimPlan)),
                }
                continue;
            }
            patch.insert(key, value)?;
        }
        Ok(patch)
    }

    fn insert(&mut self, key: String, value: Value) -> Result<(), Problem> {
        let name = ClaimKey::parse(&key).map_err(|flaw| problem(&key, flaw))?;
        let value = match value {
            Value::Null => None,
            value => Some(ClaimValue::parse(&key, value)?),
        };
        self.values.insert(name, value);
        Ok(())
    }
}

/// The custom claims as a JSON object, to be completed with `plan` and `billing_cycle`.
pub fn to_object(claims: &CustomClaims) -> Map<String, Value> {
    claims.0.iter().map(|(key, value)| (key.as_str().to_owned(), value.clone().into())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merges_and_removes() {
        let patch = ClaimsPatch::parse(json!({"seats": 5, "role": "owner", "flags": ["a", "b"]}), true).unwrap();
        let claims = CustomClaims::default().merged(&patch).unwrap();
        let patch = ClaimsPatch::parse(json!({"seats": null, "beta": true}), true).unwrap();
        let claims = claims.merged(&patch).unwrap();
        assert_eq!(Value::Object(to_object(&claims)), json!({"beta": true, "flags": ["a", "b"], "role": "owner"}));
    }

    #[test]
    fn refuses_reserved_names_and_other_types() {
        for claims in [
            json!({"iss": "x"}),
            json!({"billing_cycle": "monthly"}),
            json!({"1a": 1}),
            json!({"a": {"b": 1}}),
            json!({"a": [1]}),
            json!({"plan": 5}),
            json!({"plan": "NO SUCH"}),
            json!([]),
        ] {
            assert!(ClaimsPatch::parse(claims.clone(), true).is_err(), "{claims}");
        }
        let patch = ClaimsPatch::parse(json!({"a": "x".repeat(1024)}), true).unwrap();
        assert!(CustomClaims::default().merged(&patch).is_err());
    }

    #[test]
    fn plan_is_the_subscription_where_there_are_plans() {
        let patch = ClaimsPatch::parse(json!({"plan": "pro"}), true).unwrap();
        assert_eq!(patch.plan, PlanChange::To(PlanKey::parse("pro").unwrap()));
        assert_eq!(ClaimsPatch::parse(json!({"plan": null}), true).unwrap().plan, PlanChange::End);
        let patch = ClaimsPatch::parse(json!({"plan": "Anything"}), false).unwrap();
        assert_eq!(patch.plan, PlanChange::Keep);
        assert_eq!(patch.values.len(), 1);
    }
}
