use domain::{
    Locale, Problem,
    application::{OnEnd, PlanSelection, Provider, ReturnUrl, SettingsPatch, parse_grace_days},
    billing::dunning::Dunning,
    oauth::{redirect_uri::RedirectUris, resource::Resource, scope::ScopeSet},
    text::{Description, Name, Slug},
    theme::{Theme, WebUrl},
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::text,
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
            #[schema(value_type = String, required = false, max_length = 500)]
            description: Option<Description>,
            /// Redirect URIs of the first client.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = Vec<String>, required = false)]
            pub redirect_uris: Option<RedirectUris>,
            /// Where checkout and portal may send people back to.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = Vec<String>, required = false)]
            return_urls: Option<Vec<ReturnUrl>>,
            /// Whether somebody may become a member by signing in. Default true.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = bool, required = false)]
            allow_register: Option<bool>,
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = bool, required = false)]
            is_mfa_required: Option<bool>,
            /// Superadmins turn it on, admins off.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = bool, required = false)]
            skip_consent: Option<bool>,
            /// The scopes that its clients may ask for.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = Vec<String>, required = false)]
            allowed_scopes: Option<ScopeSet>,
            /// The APIs for which its clients may ask access tokens (`resource`), by their absolute URIs. Default none.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = Vec<String>, required = false)]
            resources: Option<Vec<Resource>>,
            /// See the contract's section 9.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = Object, required = false)]
            theme_config: Option<Value>,
            /// `en` (default) or `id`: of pages and mails for people of whom no other language is known.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = String, required = false, pattern = "^(en|id)$")]
            default_locale: Option<Locale>,
            /// `first_sign_in` (default), `always` or `never`.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = String, required = false, pattern = "^(first_sign_in|always|never)$")]
            plan_selection: Option<PlanSelection>,
            /// `none` (default) or `default_plan`.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = String, required = false, pattern = "^(none|default_plan)$")]
            on_end: Option<OnEnd>,
            /// Days of features after a failed payment, 0 to 90. Default 7.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = u8, required = false, maximum = 90)]
            grace_days: Option<i64>,
            /// Days on which a failed charge is tried again and people are reminded of what is due: `retries`,
            /// `remindBefore`, `remindAfter`. What is left out of it has its default.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = super::view::DunningView, required = false)]
            dunning: Option<Value>,
            /// `none` (default), `sandbox`, `stripe` or `midtrans`.
            #[serde(default, deserialize_with = "present")]
            #[schema(value_type = String, required = false, pattern = "^(none|sandbox|stripe|midtrans)$")]
            payment_provider: Option<Provider>,
            /// The product's own address.
            #[serde(default, deserialize_with = "nullable")]
            #[schema(value_type = Option<String>)]
            url: Option<Option<WebUrl>>,
            #[serde(default, deserialize_with = "nullable")]
            #[schema(value_type = Option<String>)]
            icon: Option<Option<WebUrl>>,
        }

        impl $type {
            pub fn into_patch(self, name: Option<Name>) -> Result<SettingsPatch, Problem> {
                Ok(SettingsPatch {
                    name,
                    description: self.description.map(text::description).transpose()?,
                    allow_register: self.allow_register,
                    is_mfa_required: self.is_mfa_required,
                    skip_consent: self.skip_consent,
                    allowed_scopes: self.allowed_scopes,
                    resources: self.resources,
                    theme: self.theme_config.map(Theme::parse).transpose()?,
                    default_locale: self.default_locale,
                    plan_selection: self.plan_selection,
                    on_end: self.on_end,
                    grace_days: self.grace_days.map(parse_grace_days).transpose()?,
                    dunning: self.dunning.map(Dunning::parse).transpose()?,
                    provider: self.payment_provider,
                    return_urls: self.return_urls,
                    url: self.url,
                    icon: self.icon,
                })
            }
        }
    };
}

with_settings! {
    /// A new application. Whatever is left out has its default.
    NewApplicationInput {
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "Acme")]
        pub name: Name,
        /// Never changes. Made from the name when left out.
        #[serde(default)]
        #[schema(value_type = Option<String>, pattern = "^[a-z0-9-]{1,64}$", example = "acme")]
        pub slug: Option<Slug>,
    }
}

with_settings! {
    /// A partial change of an application. Whatever is left out stays.
    ApplicationPatchInput {
        #[serde(default, deserialize_with = "present")]
        #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
        pub name: Option<Name>,
        #[serde(default)]
        #[schema(ignore)]
        pub slug: Option<String>,
    }
}
