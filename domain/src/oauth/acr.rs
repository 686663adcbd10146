//! How surely somebody is who they say (`acr`, OpenID Connect Core, section 2), and what a client wishes for.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The two levels of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Acr {
    /// One thing was proved.
    Single,
    /// Two different things were.
    Multi,
}

impl Acr {
    pub const ALL: [Self; 2] = [Self::Single, Self::Multi];

    /// The value of the claim. The second is the one that other servers use, too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "urn:turnpike:acr:single-factor",
            Self::Multi => "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|acr| acr.as_str() == text)
    }

    /// The level that an id_token has to name, as `claims` says that `acr` is essential and the higher one is not among
    /// its levels (5.5.1.1). Whoever has reached that one has reached the lower one, too.
    pub fn of_claim(claim: Option<&Value>) -> Option<Self> {
        let wish = claim.and_then(Value::as_object)?;
        let levels = levels(wish);
        let is_lower = levels.contains(&Self::Single) && !levels.contains(&Self::Multi);
        (is_lower && is_essential(wish)).then_some(Self::Single)
    }
}

/// How much a client cares for a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcrWish {
    /// Not at all.
    #[default]
    None,
    /// Who has one is asked for it.
    Voluntary,
    /// Who has none makes one first.
    Essential,
    /// Nobody can: no level that must be reached is known here.
    Impossible,
}

impl AcrWish {
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Reads `acr_values`: the first level that this server knows is the one that is preferred.
    pub fn of_values(text: &str) -> Self {
        match text.split(' ').find_map(Acr::parse) {
            Some(Acr::Multi) => Self::Voluntary,
            _ => Self::None,
        }
    }

    /// Reads what `claims` says of `acr` in the id_token (5.5.1.1). Where one factor will do, too, essential asks for
    /// nothing that is not there.
    pub fn of_claim(claim: Option<&Value>) -> Self {
        let Some(wish) = claim.and_then(Value::as_object) else { return Self::None };
        let levels = levels(wish);
        let essential = is_essential(wish);
        let one = wish.get("value").is_some_and(|value| !value.is_null());
        let names = one || wish.get("values").and_then(Value::as_array).is_some_and(|values| !values.is_empty());
        match levels.first() {
            None if essential && names => Self::Impossible,
            Some(Acr::Multi) if essential && !levels.contains(&Acr::Single) => Self::Essential,
            Some(Acr::Multi) => Self::Voluntary,
            _ => Self::None,
        }
    }
}

fn is_essential(wish: &Map<String, Value>) -> bool {
    wish.get("essential").and_then(Value::as_bool).unwrap_or_default()
}

fn levels(wish: &Map<String, Value>) -> Vec<Acr> {
    let one = wish.get("value").into_iter();
    let many = wish.get("values").and_then(Value::as_array).into_iter().flatten();
    one.chain(many).filter_map(Value::as_str).filter_map(Acr::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SINGLE: &str = Acr::Single.as_str();
    const MULTI: &str = Acr::Multi.as_str();

    #[test]
    fn the_first_level_that_is_known_counts() {
        assert_eq!(AcrWish::of_values(&format!("1 {MULTI} {SINGLE}")), AcrWish::Voluntary);
        for none in [String::new(), "1 2".into(), SINGLE.into(), format!("{SINGLE} {MULTI}")] {
            assert_eq!(AcrWish::of_values(&none), AcrWish::None, "{none}");
        }
    }

    #[test]
    fn a_claim_may_insist() {
        let of = |wish: Value| AcrWish::of_claim(Some(&wish));
        assert_eq!(of(json!({ "essential": true, "value": MULTI })), AcrWish::Essential);
        assert_eq!(of(json!({ "essential": true, "values": ["gold", MULTI] })), AcrWish::Essential);
        assert_eq!(of(json!({ "essential": true, "values": [MULTI, SINGLE] })), AcrWish::Voluntary);
        assert_eq!(of(json!({ "values": [MULTI] })), AcrWish::Voluntary);
        for none in [json!(null), json!(3), json!({}), json!({ "values": ["x"] }), json!({ "value": SINGLE })] {
            assert_eq!(of(none.clone()), AcrWish::None, "{none}");
        }
        assert_eq!(of(json!({ "essential": true, "values": ["gold", "silver"] })), AcrWish::Impossible);
        for nothing in [json!({ "essential": true }), json!({ "essential": true, "value": null, "values": [] })] {
            assert_eq!(of(nothing), AcrWish::None, "it is always there");
        }
        assert_eq!(AcrWish::of_claim(None), AcrWish::None);
    }

    #[test]
    fn the_lower_level_is_named_where_it_alone_will_do() {
        let of = |wish: Value| Acr::of_claim(Some(&wish));
        assert_eq!(of(json!({ "essential": true, "value": SINGLE })), Some(Acr::Single));
        assert_eq!(of(json!({ "essential": true, "values": ["gold", SINGLE] })), Some(Acr::Single));
        for levels in [json!([SINGLE, MULTI]), json!([MULTI]), json!(["gold"]), json!([])] {
            assert_eq!(of(json!({ "essential": true, "values": levels })), None, "{levels}");
        }
        assert_eq!(of(json!({ "value": SINGLE })), None, "a wish may go unheard");
        assert_eq!(Acr::of_claim(None), None);
    }
}
