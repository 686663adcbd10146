use serde::Serialize;
use serde_json::{Map, Value};
use service::billing::claims::ClaimsView;
use utoipa::ToSchema;
use uuid::Uuid;

/// A user's claims, as their next token has them.
#[derive(Serialize, ToSchema)]
pub struct PlatformClaims {
    end_user_id: Uuid,
    email: String,
    #[schema(value_type = Object, example = json!({"plan": "pro", "seats": 5}))]
    claims: Map<String, Value>,
    /// Grows with every change of what the user is entitled to.
    ent_ver: i64,
}

impl From<ClaimsView> for PlatformClaims {
    fn from(view: ClaimsView) -> Self {
        Self {
            end_user_id: view.user_id.get(),
            email: view.email.to_string(),
            claims: view.entitlement.claims,
            ent_ver: view.entitlement.ent_ver,
        }
    }
}
