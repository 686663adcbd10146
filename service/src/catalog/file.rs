//! The catalog file as it is written: every key that there is, each with its place.

use serde::Deserialize;
use toml::{Spanned, Table, Value, value::Datetime};

pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub applications: Vec<Application>,
    #[serde(default)]
    pub users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Application {
    pub slug: Text,
    pub name: Text,
    pub description: Option<Text>,
    pub allow_register: Option<bool>,
    pub is_mfa_required: Option<bool>,
    pub skip_consent: Option<bool>,
    pub default_locale: Option<Text>,
    pub allowed_scopes: Option<Vec<Text>>,
    pub resources: Option<Vec<Text>>,
    pub plan_selection: Option<Text>,
    pub on_end: Option<Text>,
    pub grace_days: Option<Spanned<i64>>,
    pub dunning: Option<Spanned<Table>>,
    pub payment_provider: Option<Text>,
    pub return_urls: Option<Vec<Text>>,
    pub theme: Option<Spanned<Table>>,
    pub url: Option<Text>,
    pub icon: Option<Text>,
    #[serde(default)]
    pub clients: Vec<Client>,
    #[serde(default)]
    pub plans: Vec<Plan>,
    #[serde(default)]
    pub coupons: Vec<Coupon>,
    #[serde(default)]
    pub sign_in_methods: Vec<SignInMethod>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInMethod {
    pub kind: Text,
    pub slug: Option<Text>,
    pub name: Option<Text>,
    pub issuer: Option<Text>,
    pub client_id: Text,
    pub client_secret: Option<Text>,
    pub client_secret_file: Option<Text>,
    pub enabled: Option<bool>,
    pub trust_email: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub name: Text,
    pub client_id: Option<Text>,
    pub client_secret: Option<Text>,
    pub client_secret_file: Option<Text>,
    #[serde(rename = "type")]
    pub kind: Option<Text>,
    pub redirect_uris: Option<Vec<Text>>,
    pub post_logout_redirect_uris: Option<Vec<Text>>,
    pub grants: Option<Vec<Text>>,
    pub require_pkce: Option<bool>,
    pub skip_consent: Option<bool>,
    pub id_token_alg: Option<Text>,
    pub custom_claims: Option<bool>,
    pub keys: Option<Spanned<Table>>,
    pub require_pushed_authorization_requests: Option<bool>,
    pub dpop_bound_access_tokens: Option<bool>,
    pub backchannel_logout_uri: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub key: Text,
    pub name: Text,
    pub description: Option<Text>,
    pub default: Option<Spanned<bool>>,
    pub listed: Option<bool>,
    pub position: Option<i32>,
    pub features: Option<Spanned<Table>>,
    pub stripe_product_id: Option<String>,
    #[serde(default)]
    pub prices: Vec<Price>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    pub name: Text,
    pub amount: Spanned<i64>,
    pub currency: Text,
    pub interval: Option<Text>,
    pub trial_days: Option<Spanned<i64>>,
    pub stripe_price_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Coupon {
    pub code: Text,
    pub percent: Option<Spanned<Value>>,
    pub amount: Option<Spanned<i64>>,
    pub currency: Option<Text>,
    pub duration: Option<Text>,
    pub months: Option<Spanned<i64>>,
    pub max_redemptions: Option<Spanned<i64>>,
    pub expires_at: Option<Spanned<Datetime>>,
    pub plans: Option<Vec<Text>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub email: Text,
    pub password: Option<Text>,
    pub password_hash: Option<Text>,
    pub name: Option<Text>,
    pub email_verified: Option<bool>,
    pub role: Option<Text>,
    pub locale: Option<Text>,
    pub profile: Option<Spanned<Table>>,
    #[serde(default)]
    pub applications: Vec<Text>,
}
