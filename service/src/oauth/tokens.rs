//! Making tokens: claims as the table of `product.md`, section 3, an expiry that never outlives them, a signature.

use std::borrow::Cow;

use domain::{
    Timestamp,
    application::OnEnd,
    billing::{
        entitlement::{Basis, Entitlement, clamp_expiry},
        subscription::{Source, State, Subscription},
    },
    identity::proof::Proofs,
    oauth::{
        claim::{Claim, ClaimSet},
        claims::{
            ACCESS_TOKEN_SECONDS, AccessTokenClaims, Confirmation, IdTokenClaims, MIN_ID_TOKEN_SECONDS, UserClaims,
        },
        claims_request::ClaimsRequest,
        client::SigningAlg,
        scope::{Scope, ScopeSet},
    },
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Result, Services,
    billing::entitlements::Holder,
    clock::at,
    crypto::{base64url, half_hash},
    directory::{ApplicationEntry, ClientEntry},
    entity::grants,
    keys::TokenType,
};

/// The bytes of the id of a client's own token.
pub(super) const OWN_JTI: usize = 32;

/// The answer of the token endpoint (RFC 6749, section 5.1).
#[derive(Serialize)]
pub struct TokenAnswer {
    pub access_token: String,
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// For whom tokens are made.
pub(super) struct Subject<'a> {
    pub client: &'a ClientEntry,
    pub holder: &'a Holder,
    pub grant: &'a grants::Model,
    pub scopes: &'a ScopeSet,
    /// Of the authorization request; a refreshed id_token has none (OpenID Connect Core, 12.2).
    pub nonce: Option<&'a str>,
    /// The thumbprint of the key to which the access token is bound.
    pub key: Option<&'a str>,
}

/// Makes the tokens of a user's grant. `refresh_token` comes from the caller, who knows its generation.
///
/// # Errors
/// When signing fails.
pub(super) fn issue(services: &Services, subject: &Subject<'_>, refresh_token: Option<String>) -> Result<TokenAnswer> {
    let Subject { client, holder, grant, scopes, nonce, key } = subject;
    let (directory, now) = (services.directory(), services.now());
    let iat = now.timestamp();
    let application = &client.application;
    let entitlement = stated(holder, application, application.billing_time(now));
    let until = entitlement.valid_until.map(|until| application.real_time(until));
    let exp = clamp_expiry(iat, ACCESS_TOKEN_SECONDS, until);
    let of_scopes = ClaimSet::of_scopes(scopes);
    let user = user_claims(holder, &entitlement, application, of_scopes);
    let settings = &client.client.settings;
    let alg = settings.id_token_alg;

    let issuer = services.settings.issuer.as_str();
    let sub = holder.user.id.to_string();
    let audience = client.client.application_id.to_string();
    let scope = scopes.to_string();
    let told = grant.resource.as_ref().map_or_else(|| scope.clone(), |_| scopes.elsewhere().to_string());
    let sid = grant.session_id.map(|id| id.to_string());
    let auth_time = at(grant.auth_time).timestamp();
    let access = AccessTokenClaims {
        iss: issuer,
        sub: &sub,
        aud: grant.resource.as_deref().unwrap_or(&audience),
        client_id: client.client.client_id.as_str(),
        jti: &jti(services, grant.id),
        iat,
        exp,
        scope: &told,
        auth_time: Some(auth_time),
        sid: sid.as_deref(),
        user: Some(&user),
        cnf: key.map(|jkt| Confirmation { jkt }),
        custom_claims: settings.custom_claims.then_some(&entitlement.claims),
    };
    let access_token = directory.keys.sign(alg, TokenType::Access, &access, now)?;
    let id_token = if scopes.contains(Scope::Openid) {
        let requested = requested(grant, application)?;
        let wanted = of_scopes.union(requested.id_token);
        let user = if wanted == of_scopes { user } else { user_claims(holder, &entitlement, application, wanted) };
        let proofs = grant.proofs.as_deref().map(Proofs::parse);
        let claims = IdTokenClaims {
            iss: issuer,
            sub: &sub,
            aud: client.client.client_id.as_str(),
            iat,
            exp: exp.max(iat + MIN_ID_TOKEN_SECONDS),
            auth_time,
            nonce: *nonce,
            at_hash: &half_hash(&access_token, alg == SigningAlg::EdDsa),
            acr: proofs.as_ref().map(|proofs| requested.acr.unwrap_or_else(|| proofs.acr()).as_str()),
            amr: proofs.as_ref().map(Proofs::amr).unwrap_or_default(),
            sid: sid.as_deref(),
            user,
        };
        Some(directory.keys.sign(alg, TokenType::Id, &claims, now)?)
    } else {
        None
    };
    Ok(TokenAnswer {
        access_token,
        token_type: token_type(*key),
        expires_in: exp - iat,
        refresh_token,
        id_token,
        scope: Some(scope),
    })
}

/// Makes a client's own token: `sub` is the client, and it says nothing about users.
///
/// # Errors
/// When signing fails.
pub(super) fn issue_to_client(
    services: &Services,
    client: &ClientEntry,
    resource: Option<&str>,
    key: Option<&str>,
) -> Result<TokenAnswer> {
    let now = services.now();
    let iat = now.timestamp();
    let client_id = client.client.client_id.as_str();
    let audience = client.client.application_id.to_string();
    let claims = AccessTokenClaims {
        iss: &services.settings.issuer,
        sub: client_id,
        aud: resource.unwrap_or(&audience),
        client_id,
        jti: &own_jti(services, client),
        iat,
        exp: iat + ACCESS_TOKEN_SECONDS,
        scope: "",
        auth_time: None,
        sid: None,
        user: None,
        cnf: key.map(|jkt| Confirmation { jkt }),
        custom_claims: None,
    };
    let access_token =
        services.directory().keys.sign(client.client.settings.id_token_alg, TokenType::Access, &claims, now)?;
    Ok(TokenAnswer {
        access_token,
        token_type: token_type(key),
        expires_in: ACCESS_TOKEN_SECONDS,
        refresh_token: None,
        id_token: None,
        scope: None,
    })
}

/// RFC 9449, section 5.
const fn token_type(key: Option<&str>) -> &'static str {
    if key.is_some() { "DPoP" } else { "Bearer" }
}

/// The single claims that a grant was asked for, as far as its application still allows them.
pub(super) fn requested(grant: &grants::Model, application: &ApplicationEntry) -> Result<ClaimsRequest> {
    let Some(text) = &grant.claims else { return Ok(ClaimsRequest::default()) };
    let claims: ClaimsRequest = domain::stored::read(text).map_err(Error::internal)?;
    Ok(claims.within(&application.application.settings.allowed_scopes))
}

/// The claims of a member that a client may know.
pub(super) fn user_claims<'a>(
    holder: &'a Holder,
    entitlement: &'a Entitlement,
    application: &'a ApplicationEntry,
    wanted: ClaimSet,
) -> UserClaims<'a> {
    let roles: Vec<_> = holder.membership.roles.iter().filter_map(|id| application.role(*id)).collect();
    let mut names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
    names.sort_unstable();
    let mut permissions = Vec::new();
    if wanted.has(Claim::Permissions) {
        let granted = |id| roles.iter().any(|role| role.permissions.contains(id));
        let own = application.permissions.iter().filter(|(id, _)| granted(id));
        permissions.extend(own.map(|(_, name)| name.as_str()));
        permissions.sort_unstable();
    }
    UserClaims::new(&holder.user, entitlement, names, permissions, wanted)
}

/// What the token states: the entitlement of now. Where that ends before the second is over, what holds after it.
fn stated<'a>(holder: &'a Holder, application: &ApplicationEntry, now: Timestamp) -> Cow<'a, Entitlement> {
    let mut stated = Cow::Borrowed(&holder.entitlement);
    let mut held = holder.subscription.clone();
    while let Some(until) = stated.valid_until.filter(|until| until.timestamp() <= now.timestamp()) {
        if held.as_ref().is_some_and(|held| held.due(until).is_some()) {
            held = follow(held, application, until);
        } else {
            held = held.map(|held| held.settle(until));
        }
        let plan = held.as_ref().and_then(|held| application.plan(held.plan_id));
        let basis = Basis {
            custom: &holder.membership.claims,
            overrides: &holder.membership.overrides,
            ent_ver: holder.membership.ent_ver,
            has_plans: !application.plans.is_empty(),
            held: held.as_ref().zip(plan.map(AsRef::as_ref)),
        };
        stated = Cow::Owned(basis.at(until));
    }
    stated
}

/// What follows the end of a subscription.
fn follow(ended: Option<Subscription>, application: &ApplicationEntry, at: Timestamp) -> Option<Subscription> {
    let plan = application.default_plan().filter(|_| application.application.settings.on_end == OnEnd::DefaultPlan)?;
    Some(Subscription {
        plan_id: plan.id,
        price_id: None,
        state: State::Active,
        source: Source::Default,
        period: None,
        expires_at: None,
        cancel_at: None,
        scheduled: None,
        started_at: at,
        ..ended?
    })
}

/// The id of a client's own token: since when such tokens count as far as its maker knows, and 192 random bits. The
/// token's own time would not tell what another node made with a secret of whose end it had not heard yet.
fn own_jti(services: &Services, client: &ClientEntry) -> String {
    let mut bytes = [0; OWN_JTI];
    bytes[..8].copy_from_slice(&client.tokens_from.to_be_bytes());
    services.rng.fill(&mut bytes[8..]);
    base64url(bytes)
}

/// The id of a user's access token: the grant's id and 64 random bits.
fn jti(services: &Services, grant: Uuid) -> String {
    let mut bytes = [0; 24];
    bytes[..16].copy_from_slice(grant.as_bytes());
    services.rng.fill(&mut bytes[16..]);
    base64url(bytes)
}
