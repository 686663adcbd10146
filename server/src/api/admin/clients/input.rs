use std::collections::BTreeSet;

use domain::{
    Problem,
    oauth::{
        client::{Client, ClientId, ClientPatch, ClientType, GrantType, SigningAlg},
        client_keys::{ClientKeys, ClientUri},
        redirect_uri::RedirectUris,
    },
    text::Name,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::text::unchanged,
    http::body::{nullable, present},
};

/// Two requests share the settings. `flatten` would do it too, but forgets which field was at fault.
macro_rules! with_settings {
    ($(#[$meta:meta])* $type:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $type {
            $($own)*
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = Vec<String>, required = false)]
            redirect_uris: Option<RedirectUris>,
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = Vec<String>, required = false)]
            post_logout_redirect_uris: Option<RedirectUris>,
            /// Of `authorization_code`, `refresh_token`, `client_credentials`; all by default.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = Vec<String>, required = false)]
            grants: Option<BTreeSet<GrantType>>,
            /// Refuses an authorization request without a challenge. Default true; always on for public clients.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = bool, required = false)]
            require_pkce: Option<bool>,
            /// Superadmins turn it on, admins off.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = bool, required = false)]
            skip_consent: Option<bool>,
            /// `RS256` (default), `ES256` or `EdDSA`.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = String, required = false, pattern = "^(RS256|ES256|EdDSA)$")]
            id_token_alg: Option<SigningAlg>,
            /// Repeats the claims object as `custom_claims` in its tokens. Default false.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = bool, required = false)]
            custom_claims: Option<bool>,
            /// Public keys by which it authenticates (`private_key_jwt`) instead of a secret: `{"jwks": {"keys": […]}}`,
            /// or `{"jwksUri": "https://…"}` where they are fetched. `null` takes them away.
            #[serde(default, deserialize_with = "nullable")]
            #[schema(value_type = Option<Object>)]
            keys: Option<Option<ClientKeys>>,
            /// Takes authorization requests only where the client pushed them (RFC 9126). Default false.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = bool, required = false)]
            require_pushed_authorization_requests: Option<bool>,
            /// Its access tokens are bound to a key (DPoP, RFC 9449); without a proof it gets none. Default false.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = bool, required = false)]
            dpop_bound_access_tokens: Option<bool>,
            /// Where logout tokens are posted when a session is over that it got tokens in.
            #[serde(default, deserialize_with = "nullable")]
            #[schema(value_type = Option<String>)]
            backchannel_logout_uri: Option<Option<ClientUri>>,
        }

        impl $type {
            pub fn into_patch(self, name: Option<Name>) -> ClientPatch {
                ClientPatch {
                    name,
                    redirect_uris: self.redirect_uris,
                    post_logout_redirect_uris: self.post_logout_redirect_uris,
                    grants: self.grants,
                    require_pkce: self.require_pkce,
                    skip_consent: self.skip_consent,
                    id_token_alg: self.id_token_alg,
                    custom_claims: self.custom_claims,
                    keys: self.keys,
                    require_pushed: self.require_pushed_authorization_requests,
                    dpop_bound: self.dpop_bound_access_tokens,
                    backchannel_logout_uri: self.backchannel_logout_uri,
                }
            }
        }
    };
}

with_settings! {
    /// A new client.
    NewClientInput {
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "Web")]
        pub name: Name,
        /// Its public name; generated when left out. In the form of a UUID with hyphens it is refused.
        #[serde(default)]
        #[schema(value_type = Option<String>, max_length = 128, example = "acme-web")]
        pub client_id: Option<ClientId>,
        /// `confidential` (default) or `public`. Never changes.
        #[serde(default, rename = "type", deserialize_with = "present")]
        #[schema(value_type = String, required = false, pattern = "^(confidential|public)$")]
        pub kind: Option<ClientType>,
    }
}

with_settings! {
    /// A partial change of a client. Whatever is left out stays.
    ClientPatchInput {
        #[serde(default, deserialize_with = "present")]
        #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
        pub name: Option<Name>,
        #[serde(default)]
        #[schema(ignore)]
        pub client_id: Option<String>,
        #[serde(default, rename = "type")]
        #[schema(ignore)]
        pub kind: Option<String>,
    }
}

impl ClientPatchInput {
    /// # Errors
    /// `APP_001` when `clientId` or `type` would change.
    pub fn check(&self, client: &Client) -> Result<(), Problem> {
        unchanged("clientId", self.client_id.as_deref(), client.client_id.as_str())?;
        unchanged("type", self.kind.as_deref(), client.kind.as_str())
    }
}
