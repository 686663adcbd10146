//! What a token will say, and why.

use domain::{
    Timestamp,
    billing::{
        entitlement::Entitlement,
        feature::{Features, Overrides},
        plan::Plan,
        price::Interval,
        subscription::Subscription,
    },
    identity::membership::Membership,
};
use serde_json::{Map, Value, json};

/// The part of an access token that a plan decides, for a subscriber of the price that is billed `interval`.
pub fn of_plan(key: &str, features: &Features, interval: Option<Interval>) -> Value {
    let mut claims = Map::new();
    claims.insert("plan".into(), key.into());
    if let Some(interval) = interval {
        claims.insert("billing_cycle".into(), interval.cycle().into());
    }
    json!({ "plan": key, "features": features.map(), "claims": claims })
}

/// The part of an access token that entitlement decides.
pub fn of_entitlement(entitlement: &Entitlement) -> Value {
    let mut token = Map::new();
    if let Some(plan) = &entitlement.plan {
        token.insert("plan".into(), plan.as_str().into());
    }
    token.insert("features".into(), Value::Object(entitlement.features.clone()));
    token.insert("claims".into(), Value::Object(entitlement.claims.clone()));
    token.insert("ent_ver".into(), entitlement.ent_ver.into());
    Value::Object(token)
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// The plan that the subscription gives.
    Plan,
    /// Set for this user, whatever the plan says; `instead` is what the plan says.
    Override { until: Option<Timestamp>, instead: Option<Value> },
    /// The subscription itself, for `plan`.
    Subscription,
    /// The price that is billed, for `billing_cycle`.
    Price,
    /// A custom claim.
    Custom,
}

/// One value of a token and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    pub key: String,
    pub value: Value,
    pub why: Why,
}

/// Every feature with its source.
pub fn explain_features(
    entitlement: &Entitlement,
    membership: &Membership,
    plan: Option<&Plan>,
    now: Timestamp,
) -> Vec<Explained> {
    let held = plan.filter(|_| entitlement.plan.is_some()).map(|plan| plan.features.map());
    let overrides: &Overrides = &membership.overrides;
    let explain = |(key, value): (&String, &Value)| {
        let why = match overrides.get(key).filter(|over| over.holds(now)) {
            Some(over) => {
                Why::Override { until: over.expires_at, instead: held.and_then(|features| features.get(key)).cloned() }
            }
            None => Why::Plan,
        };
        Explained { key: key.clone(), value: value.clone(), why }
    };
    entitlement.features.iter().map(explain).collect()
}

/// Every claim with its source.
pub fn explain_claims(entitlement: &Entitlement, subscription: Option<&Subscription>) -> Vec<Explained> {
    let billed = subscription.is_some_and(|subscription| subscription.price_id.is_some());
    let explain = |(key, value): (&String, &Value)| {
        let why = match key.as_str() {
            "plan" if entitlement.plan.is_some() => Why::Subscription,
            "billing_cycle" if billed => Why::Price,
            _ => Why::Custom,
        };
        Explained { key: key.clone(), value: value.clone(), why }
    };
    entitlement.claims.iter().map(explain).collect()
}
