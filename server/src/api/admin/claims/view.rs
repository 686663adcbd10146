use domain::billing::claims::CustomClaims;
use serde::Serialize;
use serde_json::{Map, Value};
use service::billing::claims::ClaimsView as Claims;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the user's tokens say about their plan and claims.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimsBody {
    user_id: Uuid,
    email: String,
    /// As in tokens: the custom claims with `plan` and `billing_cycle`.
    #[schema(value_type = Object, example = json!({"plan": "pro", "seats": 5}))]
    claims: Map<String, Value>,
    /// What was set: what PUT replaces.
    #[schema(value_type = Object, example = json!({"seats": 5}))]
    custom_claims: CustomClaims,
    #[schema(value_type = Object)]
    features: Map<String, Value>,
    /// Grows with every change of what the user is entitled to.
    ent_ver: i64,
}

impl From<Claims> for ClaimsBody {
    fn from(view: Claims) -> Self {
        Self {
            user_id: view.user_id.get(),
            email: view.email.to_string(),
            claims: view.entitlement.claims,
            custom_claims: view.custom,
            features: view.entitlement.features,
            ent_ver: view.entitlement.ent_ver,
        }
    }
}
