//! `/dashboard/applications/new`.

use domain::route;
use leptos::prelude::*;

use super::{
    form::Sent,
    frame::{Above, Dashboard, Frame, Panel},
    name_and_key::{NameAndKey, NameAndKeyTexts},
};
use crate::ui::{Button, ButtonLink, ErrorSummary, Look, TextArea};

#[component]
pub fn NewApplication(frame: Frame, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let texts = NameAndKeyTexts {
        name: text.application_name(),
        name_hint: text.application_name_hint(),
        key: text.application_slug(),
        key_hint: text.application_slug_hint(),
    };
    view! {
        <Dashboard frame title=text.new_application() above=Above::Applications>
            <Panel title=text.create_application() body=text.create_application_body() class="max-w-2xl">
                <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
                <form method="post" class="grid gap-5" novalidate>
                    <NameAndKey
                        text
                        texts
                        key_field="slug".to_owned()
                        name=sent.or("name", "")
                        key=sent.or("slug", "")
                        name_error=sent.error("name")
                        key_error=sent.error("slug")
                        max_name=100
                    />
                    <TextArea
                        name="redirect_uris"
                        label=text.redirect_uris()
                        hint=Some(text.redirect_uris_hint())
                        value=sent.or("redirect_uris", "")
                        error=sent.error("redirect_uris")
                        rows=3
                        class="font-mono text-sm"
                    />
                    <div class="flex flex-wrap gap-3">
                        <Button>{text.create_application()}</Button>
                        <ButtonLink href=route::DASHBOARD look=Look::Quiet>{text.cancel()}</ButtonLink>
                    </div>
                </form>
            </Panel>
        </Dashboard>
    }
}
