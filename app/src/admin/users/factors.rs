//! The second factors of a user, for superadmins.

use domain::identity::factor::Factors;
use leptos::prelude::*;

use crate::{
    admin::{form::ACTION, frame::Panel},
    i18n::Text,
    ui::Confirm,
};

/// What they have, and the form that takes it away from somebody who has lost it.
#[component]
pub fn UserFactors(text: Text, factors: Factors) -> impl IntoView {
    let totp = factors.totp.map(|since| text.user_totp(text.date(since)));
    let passkeys = factors.passkeys.iter().map(|passkey| text.user_passkey(&passkey.name, text.date(passkey.since)));
    let codes = match factors.recovery_codes {
        0 => None,
        1 => Some(text.user_recovery_code()),
        count => Some(text.user_recovery_codes(count)),
    };
    let lines: Vec<String> = totp.into_iter().chain(passkeys).chain(codes).collect();
    let body = match lines.is_empty() {
        true => view! { <p class="text-sm text-muted">{text.user_no_factors()}</p> }.into_any(),
        false => view! {
            <ul class="grid gap-1 text-sm">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            <div class="border-t border-line pt-4">
                <Confirm label=text.reset_factors() effect=text.reset_factors_body() id="reset-factors" small=true>
                    <input type="hidden" name=ACTION value="reset_factors"/>
                </Confirm>
            </div>
        }
        .into_any(),
    };
    view! { <Panel title=text.user_factors()>{body}</Panel> }
}
