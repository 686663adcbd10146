//! The parameter `claims` (OpenID Connect Core, 5.5): single claims that a client wishes for.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    acr::{Acr, AcrWish},
    claim::{Claim, ClaimSet},
    scope::ScopeSet,
};

/// Which claims are wanted where, beside those of the scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default, skip_serializing_if = "unwanted")]
    pub id_token: ClaimSet,
    #[serde(default, skip_serializing_if = "unwanted")]
    pub userinfo: ClaimSet,
    /// The level that the id_token has to name, whatever was proved beyond it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Acr>,
}

const fn unwanted(claims: &ClaimSet) -> bool {
    claims.is_empty()
}

impl ClaimsRequest {
    pub const fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty() && self.acr.is_none()
    }

    /// The scopes that these claims belong to.
    pub fn scopes(&self) -> ScopeSet {
        self.id_token.union(self.userinfo).iter().map(Claim::scope).collect()
    }

    /// What of it comes with `scopes`.
    pub fn within(self, scopes: &ScopeSet) -> Self {
        let allowed = ClaimSet::of_scopes(scopes);
        let (id_token, userinfo) = (self.id_token.intersection(allowed), self.userinfo.intersection(allowed));
        Self { id_token, userinfo, ..self }
    }
}

/// What the parameter says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    pub claims: ClaimsRequest,
    /// Whether a second factor is wished for.
    pub acr: AcrWish,
    /// The only user with whom the client is content (5.5.1).
    pub sub: Option<String>,
}

/// Reads the parameter. Claims that this server does not know are left out; `None` where it is no such object.
pub fn parse(text: &str) -> Option<Wishes> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    let member = |name: &str| object.get(name).and_then(Value::as_object);
    let set = |name: &str| -> ClaimSet {
        member(name).into_iter().flat_map(Map::keys).filter_map(|name| Claim::parse(name)).collect()
    };
    let sub = ["id_token", "userinfo"].iter().find_map(|name| only(member(name)?.get("sub")?));
    let acr = member("id_token").and_then(|claims| claims.get("acr"));
    Some(Wishes {
        acr: AcrWish::of_claim(acr),
        claims: ClaimsRequest { id_token: set("id_token"), userinfo: set("userinfo"), acr: Acr::of_claim(acr) },
        sub: sub.map(str::to_owned),
    })
}

/// The only value with which a wish is content: `value`, or `values` with nothing else in it.
fn only(wish: &Value) -> Option<&str> {
    match (wish.get("value"), wish.get("values").and_then(Value::as_array).map(Vec::as_slice)) {
        (Some(value), _) if !value.is_null() => value.as_str(),
        (_, Some([value])) => value.as_str(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_tolerantly() {
        let wishes = parse(r#"{"userinfo":{"name":{"essential":true},"x":null},"id_token":{"email":null}}"#).unwrap();
        assert!(wishes.claims.userinfo.has(Claim::Name) && wishes.claims.id_token.has(Claim::Email));
        assert_eq!(wishes.claims.scopes().to_string(), "profile email");
        assert_eq!(wishes.sub, None);
        assert_eq!(parse(r#"{"id_token":3,"userinfo":{"sub":{"value":"u"}}}"#).unwrap().sub.as_deref(), Some("u"));
        let sub = |wish: &str| parse(&format!(r#"{{"id_token":{{"sub":{wish}}}}}"#)).unwrap().sub;
        for one in [r#"{"value":"u"}"#, r#"{"values":["u"]}"#, r#"{"value":null,"values":["u"]}"#] {
            assert_eq!(sub(one).as_deref(), Some("u"), "{one}");
        }
        for none in [r#"{"values":["u","v"]}"#, r#"{"values":[]}"#, r#"{"values":"u"}"#, "null", r#"{"value":3}"#] {
            assert_eq!(sub(none), None, "{none}");
        }
        for odd in ["", "[]", "{", "null"] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn it_is_stored_shortly() {
        let request = parse(r#"{"userinfo":{"email":null}}"#).unwrap().claims;
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(text, r#"{"userinfo":["email"]}"#);
        assert_eq!(serde_json::from_str::<ClaimsRequest>(&text).unwrap(), request);
        let level = ClaimsRequest { acr: Some(Acr::Single), ..ClaimsRequest::default() };
        assert!(!level.is_empty(), "it is kept, too");
        let text = serde_json::to_string(&level).unwrap();
        assert_eq!((text.as_str(), serde_json::from_str(&text).unwrap()), (r#"{"acr":"Single"}"#, level));
    }
}
