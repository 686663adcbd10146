//! `/organizations/new`.

use domain::route;
use leptos::prelude::*;

use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Above, Crumb, Dashboard, Frame, Panel},
        name_and_key::{NameAndKey, NameAndKeyTexts},
    },
    ui::{Button, ButtonLink, ErrorSummary, Field, Look},
};

#[component]
pub fn NewOrganizationPage(frame: Frame, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let texts = NameAndKeyTexts {
        name: text.organization_name(),
        name_hint: text.organization_name_hint(),
        key: text.application_slug(),
        key_hint: text.organization_slug_hint(),
    };
    let crumbs = vec![Crumb::new(text.server_organizations(), route::ORGANIZATIONS)];
    view! {
        <Dashboard frame title=text.organization_new() above=Above::Organizations crumbs>
            <Panel title=text.organization_create() body=text.organization_create_body() class="max-w-2xl">
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
                    <Field
                        name="owner"
                        kind="email"
                        label=text.organization_first_owner()
                        hint=Some(text.organization_first_owner_hint())
                        value=sent.or("owner", "")
                        error=sent.error("owner")
                        autocomplete="off"
                        maxlength=254
                    />
                    <div class="flex flex-wrap gap-3">
                        <Button attr:name=ACTION attr:value="save">{text.organization_create()}</Button>
                        <ButtonLink href=route::ORGANIZATIONS look=Look::Quiet>{text.cancel()}</ButtonLink>
                    </div>
                </form>
            </Panel>
        </Dashboard>
    }
}
