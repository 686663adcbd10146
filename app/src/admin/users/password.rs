//! The password of a user, for superadmins: nobody sets another's.

use leptos::prelude::*;

use crate::{
    admin::{form::ACTION, frame::Panel},
    i18n::Text,
    ui::{Button, Look},
};

/// The form that sends the link to choose one.
#[component]
pub fn UserPassword(text: Text) -> impl IntoView {
    view! {
        <Panel title=text.user_password()>
            <form method="post" class="flex flex-wrap items-center justify-between gap-3">
                <p class="min-w-0 flex-1 basis-52 text-sm text-muted">{text.reset_password_body()}</p>
                <Button look=Look::Secondary small=true attr:name=ACTION attr:value="reset_password">{text.reset_password()}</Button>
            </form>
        </Panel>
    }
}
