use axum::{Json, extract::State};
use domain::{application::Provider, identity::proof::Proof};
use serde::Serialize;
use service::Services;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{api::admin::door::Superadmin, http::error::ApiResult};

/// What this server works with. Never a key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServicesView {
    payment: Vec<PaymentServiceView>,
    /// The ways to sign in that every application has: `password`, `mail` (a link in a mail), and `passkey` where the
    /// server is called by a name, not by an IP address.
    #[schema(example = json!(["password", "mail", "passkey"]))]
    sign_in: Vec<&'static str>,
    /// What an account may ask for besides: `totp` (a code of an authenticator app), `recovery_code`, and `passkey` as above.
    #[schema(example = json!(["totp", "recovery_code", "passkey"]))]
    second_factors: Vec<&'static str>,
    /// The ways to sign in that applications have besides.
    sign_in_methods: Vec<SignInServiceView>,
}

/// A provider by which people sign in to an application.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInServiceView {
    application_id: Uuid,
    /// `google`, `github` or `oidc`.
    kind: &'static str,
    slug: String,
    issuer: String,
    enabled: bool,
}

/// A payment provider of an application.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentServiceView {
    application_id: Uuid,
    /// `sandbox`, `stripe` or `midtrans`.
    provider: &'static str,
    /// `test` or `live`; null without keys.
    mode: Option<&'static str>,
    /// The application collects through it.
    chosen: bool,
    /// It can be used: there are keys, or it needs none.
    configured: bool,
}

/// What the sign-in pages take from everybody, whatever the application.
const SIGN_IN: [Proof; 3] = [Proof::Password, Proof::Mail, Proof::Passkey];
/// What they ask for after that.
const SECOND_FACTORS: [Proof; 3] = [Proof::Totp, Proof::RecoveryCode, Proof::Passkey];

#[derive(Serialize, ToSchema)]
pub struct ServicesBody {
    pub services: ServicesView,
}

/// List configured services
///
/// Which payment and sign-in providers are configured, application by application.
#[utoipa::path(
    get, path = "/api/admin/services", tag = "Services", operation_id = "listServices",
    responses((status = 200, body = ServicesBody)),
)]
pub async fn list(State(services): State<Services>, Superadmin(_ctx): Superadmin) -> ApiResult<Json<ServicesBody>> {
    let directory = services.directory();
    let (mut payment, mut sign_in_methods) = (Vec::new(), Vec::new());
    let mut entries: Vec<_> = directory.applications.values().collect();
    entries.sort_by_key(|entry| entry.application.id);
    for entry in entries {
        sign_in_methods.extend(entry.sign_in_methods.iter().map(|own| SignInServiceView {
            application_id: entry.application.id.get(),
            kind: own.method.kind.as_str(),
            slug: own.method.slug.to_string(),
            issuer: own.method.issuer.to_string(),
            enabled: own.method.enabled,
        }));
        let chosen = entry.application.settings.provider;
        for provider in [Provider::Sandbox, Provider::Stripe, Provider::Midtrans] {
            let keys = entry.keys_of(provider);
            let sandbox = provider == Provider::Sandbox;
            if chosen == provider || keys.is_some() {
                payment.push(PaymentServiceView {
                    application_id: entry.application.id.get(),
                    provider: provider.as_str(),
                    mode: if sandbox { Some("test") } else { keys.map(|keys| keys.mode().as_str()) },
                    chosen: chosen == provider,
                    configured: sandbox || keys.is_some(),
                });
            }
        }
    }
    let passkeys = services.factors().have_passkeys();
    let taken = |proof: &Proof| passkeys || *proof != Proof::Passkey;
    let sign_in = SIGN_IN.into_iter().filter(taken).map(Proof::as_str).collect();
    let second_factors = SECOND_FACTORS.into_iter().filter(taken).map(Proof::as_str).collect();
    Ok(Json(ServicesBody { services: ServicesView { payment, sign_in, second_factors, sign_in_methods } }))
}
