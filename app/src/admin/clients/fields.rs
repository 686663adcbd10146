//! What can be set on a client.

use domain::oauth::{
    client::{ClientSettings, GrantType, SigningAlg},
    client_keys::ClientKeys,
};
use leptos::prelude::*;

use crate::{
    admin::form::Sent,
    i18n::Text,
    ui::{Alert, Check, Field, Labelled, Radios, TextArea, Tone},
};

/// Name, addresses, grants and rules, of a client that is there or is being made. One that `registered` itself never
/// comes in its own name, as no public one does, and its users are always asked: what it never gets is not offered.
#[component]
pub fn Fields(
    text: Text,
    name: String,
    held: ClientSettings,
    sent: Sent,
    public: bool,
    /// Whether the one who looks may turn the consent page off.
    may_skip_consent: bool,
    #[prop(optional)] registered: bool,
) -> impl IntoView {
    let list = |uris: &domain::oauth::redirect_uri::RedirectUris| {
        uris.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let grants = [
        (GrantType::AuthorizationCode, text.grant_authorization_code()),
        (GrantType::RefreshToken, text.grant_refresh_token()),
        (GrantType::ClientCredentials, text.grant_client_credentials()),
        (GrantType::DeviceCode, text.grant_device_code()),
    ];
    let granted = |grant: GrantType| {
        if sent.is_empty() {
            held.grants.contains(&grant)
        } else {
            sent.values.all("grant").any(|value| value == grant.as_str())
        }
    };
    let alg = sent.or("alg", held.id_token_alg.as_str());
    let name = sent.or("name", name);
    let backchannel = held.backchannel_logout_uri.as_ref().map(ToString::to_string).unwrap_or_default();
    view! {
        <Field
            name="name"
            label=text.client_name()
            hint=Some(text.client_name_hint())
            value=name
            error=sent.error("name")
            maxlength=100
            autocomplete="off"
        />
        <TextArea
            name="redirect_uris"
            label=text.redirect_uris()
            hint=Some(text.redirect_uris_hint())
            value=sent.or("redirect_uris", list(&held.redirect_uris))
            error=sent.error("redirect_uris")
            rows=3
            class="font-mono text-sm"
        />
        <TextArea
            name="post_logout_uris"
            label=text.post_logout_uris()
            hint=Some(text.post_logout_uris_hint())
            value=sent.or("post_logout_uris", list(&held.post_logout_redirect_uris))
            error=sent.error("post_logout_uris")
            rows=2
            class="font-mono text-sm"
        />
        <Field
            name="backchannel_logout_uri"
            label=text.backchannel_logout_uri()
            hint=Some(text.backchannel_logout_uri_hint())
            value=sent.or("backchannel_logout_uri", backchannel)
            error=sent.error("backchannel_logout_uri")
            inputmode="url"
            placeholder="https://app.example.com/logout"
            autocomplete="off"
        />
        <fieldset class="grid gap-2.5">
            <legend class="mb-1.5 font-medium">{text.grants()}</legend>
            {grants
                .into_iter()
                .filter(|(grant, _)| !((public || registered) && *grant == GrantType::ClientCredentials))
                .map(|(grant, label)| {
                    let checked = granted(grant);
                    view! {
                        <Check name="grant" id=format!("grant-{}", grant.as_str()) value=grant.as_str() label checked/>
                    }
                })
                .collect_view()}
            {sent.error("grant").map(|error| view! { <Alert tone=Tone::Bad>{error}</Alert> })}
        </fieldset>
        <div class="grid items-start gap-4 sm:grid-cols-2">
            {(!public).then(|| view! {
                <Check
                    name="require_pkce"
                    label=text.require_pkce()
                    hint=Some(text.require_pkce_hint())
                    checked=sent.checked_or("require_pkce", held.require_pkce)
                />
            })}
            {(!registered && (may_skip_consent || held.skip_consent)).then(|| view! {
                <Check
                    name="skip_consent"
                    label=text.client_skip_consent()
                    hint=Some(text.client_skip_consent_hint())
                    checked=sent.checked_or("skip_consent", held.skip_consent)
                />
            })}
            <Check
                name="custom_claims"
                label=text.repeat_claims()
                hint=Some(text.repeat_claims_hint())
                checked=sent.checked_or("custom_claims", held.custom_claims)
            />
            <Check
                name="require_pushed"
                label=text.require_pushed()
                hint=Some(text.require_pushed_hint())
                checked=sent.checked_or("require_pushed", held.require_pushed)
            />
            <Check
                name="dpop_bound"
                label=text.dpop_bound()
                hint=Some(text.dpop_bound_hint())
                checked=sent.checked_or("dpop_bound", held.dpop_bound)
            />
        </div>
        <div class="max-w-sm">
            <Labelled id="alg" label=text.signing_algorithm() hint=Some(text.signing_algorithm_hint()) error=sent.error("alg")>
                <select class="input" id="alg" name="alg" aria-describedby="alg-hint">
                    {SigningAlg::ALL
                        .into_iter()
                        .map(|this| view! { <option value=this.as_str() selected=this.as_str() == alg>{this.as_str()}</option> })
                        .collect_view()}
                </select>
            </Labelled>
        </div>
    }
}

/// How a confidential client proves itself: by its secret, or by keys whose private halves it alone has.
#[component]
pub fn KeyFields(text: Text, held: Option<ClientKeys>, sent: Sent) -> impl IntoView {
    let (auth, uri, set) = match &held {
        None => ("secret", String::new(), String::new()),
        Some(ClientKeys::At(uri)) => ("jwks_uri", uri.to_string(), String::new()),
        Some(ClientKeys::Set(set)) => ("jwks", String::new(), serde_json::to_string_pretty(set).unwrap_or_default()),
    };
    let chosen = sent.or("auth", auth);
    let ways = [("secret", text.auth_secret()), ("jwks_uri", text.auth_jwks_uri()), ("jwks", text.auth_jwks())];
    view! {
        <fieldset class="grid gap-4">
            <legend class="mb-1 font-medium">{text.client_auth()}</legend>
            <p class="text-pretty text-sm text-muted">{text.client_auth_hint()}</p>
            <Radios name="auth" chosen options=ways.into()/>
            <Field
                name="jwks_uri"
                label=text.jwks_uri()
                hint=Some(text.jwks_uri_hint())
                value=sent.or("jwks_uri", uri)
                error=sent.error("jwks_uri")
                inputmode="url"
                placeholder="https://app.example.com/jwks.json"
                autocomplete="off"
            />
            <TextArea
                name="jwks"
                label=text.jwks()
                hint=Some(text.jwks_hint())
                value=sent.or("jwks", set)
                error=sent.error("jwks")
                rows=6
                class="font-mono text-sm"
            />
        </fieldset>
    }
}
