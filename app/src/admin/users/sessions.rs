//! The sessions of a user, for superadmins.

use leptos::prelude::*;

use crate::{
    admin::{form::ACTION, frame::Panel},
    i18n::Text,
    ui::Confirm,
};

/// The form that ends all of them.
#[component]
pub fn UserSessions(text: Text) -> impl IntoView {
    view! {
        <Panel title=text.user_sessions() body=text.user_sessions_body()>
            <Confirm label=text.sign_user_out() effect=text.sign_user_out_body() id="sign-user-out" small=true>
                <input type="hidden" name=ACTION value="sign_out"/>
            </Confirm>
        </Panel>
    }
}
