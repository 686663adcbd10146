//! The names of fields, as a summary of errors says them.

use crate::i18n::Text;

impl Text {
    /// The label of a form's field; its own name where it has no label.
    pub fn field_label(self, field: &str) -> String {
        let of = |scheme: String, color: String| format!("{color} ({scheme})");
        match field {
            "name" => self.plan_name(),
            "key" => self.plan_key(),
            "slug" => self.application_slug(),
            "description" => self.description(),
            "features" => self.plan_features(),
            "claims" => self.claims(),
            "is_default" => self.plan_default(),
            "stripe_product_id" => self.plan_stripe(),
            "price_name" => self.price_name(),
            "amount" => self.amount(),
            "currency" => self.currency(),
            "interval" => self.interval(),
            "trial_days" => self.trial_days(),
            "price" => self.price(),
            "redirect_uris" => self.redirect_uris(),
            "post_logout_uris" => self.post_logout_uris(),
            "kind" => self.client_kind(),
            "grant" => self.grants(),
            "alg" => self.signing_algorithm(),
            "confirm" => self.confirmation(),
            "url" => self.product_url(),
            "icon" => self.icon_url(),
            "plan_selection" => self.plan_selection(),
            "provider" => self.provider(),
            "on_end" => self.on_end(),
            "grace_days" => self.grace_days(),
            "return_urls" => self.return_urls(),
            "brand" => of(self.colors_light(), self.brand_color()),
            "background" => of(self.colors_light(), self.background_color()),
            "text" => of(self.colors_light(), self.text_color()),
            "dark_brand" => of(self.colors_dark(), self.brand_color()),
            "dark_background" => of(self.colors_dark(), self.background_color()),
            "dark_text" => of(self.colors_dark(), self.text_color()),
            "font" => self.font(),
            "radius" => self.radius(),
            "logo_url" => self.logo_url(),
            "support_url" => self.support_url(),
            "terms_url" => self.terms_url(),
            "privacy_url" => self.privacy_url(),
            "email" => self.grant_email(),
            "role" => self.grant_role(),
            "plan" => self.users_plan(),
            "expires_at" => self.assign_expiry(),
            other => other.replace('_', " "),
        }
    }
}
