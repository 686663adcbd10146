//! `/dashboard/{slug}/roles/{id}`.

use domain::{application::Role, id::PermissionId};
use leptos::prelude::*;

use super::list::is_fixed;
use crate::{
    admin::{
        delete::DeleteForm,
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Panel, Section},
    },
    i18n::Text,
    ui::{Button, ButtonLink, Check, ErrorSummary, Field, Look},
};

/// A role's name and what it allows. The roles of every application keep their names and stay.
#[component]
pub fn RolePage(frame: Frame, role: Role, permissions: Vec<(PermissionId, String)>, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let back = frame.href(Section::Roles);
    let (fixed, name) = (is_fixed(&role), role.name.to_string());
    let (save, delete) = (sent.of("save"), sent.of("delete"));
    let hint = if fixed { text.role_fixed_hint() } else { text.role_name_hint() };
    let called = name.clone();
    let danger = (!fixed).then(|| {
        view! {
            <Panel title=text.danger_zone()>
                <DeleteForm text title=text.role_delete() body=text.role_delete_body() name=called sent=delete/>
            </Panel>
        }
    });
    view! {
        <Dashboard frame title=name.clone() section=Section::Roles>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <form method="post" class="card grid max-w-3xl gap-6 p-5 sm:p-6" novalidate>
                <div class="max-w-md">
                    <Field
                        name="name"
                        label=text.role_name()
                        hint=Some(hint)
                        value=save.or("name", name)
                        error=save.error("name")
                        maxlength=64
                        readonly=fixed
                        autocomplete="off"
                    />
                </div>
                <Allowed text role permissions sent=save/>
                <div class="flex flex-wrap gap-3 border-t border-line pt-5">
                    <Button attr:name=ACTION attr:value="save">{text.save()}</Button>
                    <ButtonLink href=back look=Look::Quiet>{text.cancel()}</ButtonLink>
                </div>
            </form>
            {danger}
        </Dashboard>
    }
}

/// A checkbox for every permission.
#[component]
fn Allowed(text: Text, role: Role, permissions: Vec<(PermissionId, String)>, sent: Sent) -> impl IntoView {
    let none = permissions.is_empty().then(|| view! { <p class="text-muted">{text.permissions_none()}</p> });
    let checks = permissions
        .into_iter()
        .map(|(id, name)| {
            let value = id.to_string();
            let checked = if sent.is_empty() {
                role.permissions.contains(&id)
            } else {
                sent.values.all("permission").any(|sent| sent == value)
            };
            view! { <Check name="permission" id=format!("permission-{value}") value label=name checked/> }
        })
        .collect_view();
    view! {
        <fieldset class="grid gap-2">
            <legend class="mb-1 font-medium">{text.permissions()}</legend>
            {none}
            <div class="flex flex-wrap gap-x-6 gap-y-2.5">{checks}</div>
        </fieldset>
    }
}
