//! `/dashboard/{slug}/roles`: every role, every permission, and the forms for new ones.

use std::sync::Arc;

use domain::{
    application::{Role, RoleName},
    id::PermissionId,
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Panel, Section},
        list::{CELL, CardTable, HEAD, ROW},
    },
    i18n::Text,
    ui::{Badge, Button, ErrorSummary, Field, Glyph, Look, Tone},
};

/// Whether every application has this role, as it is named.
pub fn is_fixed(role: &Role) -> bool {
    matches!(role.name.as_str(), RoleName::ADMIN | RoleName::USER)
}

#[component]
pub fn RolesPage(frame: Frame, entry: Arc<ApplicationEntry>, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Roles);
    let permissions = entry.permissions.clone();
    let role = sent.of("create");
    view! {
        <Dashboard frame title=text.roles() section=Section::Roles>
            <p class="-mt-3 text-pretty text-muted">{text.roles_page_body()}</p>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <List text entry base/>
            <Panel title=text.role_new() body=text.role_new_body() class="max-w-3xl">
                <form method="post" class="flex flex-wrap items-end gap-3" novalidate>
                    <div class="min-w-0 flex-1 basis-64">
                        <Field
                            name="name"
                            label=text.role_name()
                            hint=Some(text.role_name_hint())
                            value=role.or("name", "")
                            error=role.error("name")
                            maxlength=64
                            autocomplete="off"
                        />
                    </div>
                    <Button attr:name=ACTION attr:value="create">{text.role_create()}</Button>
                </form>
            </Panel>
            <Permissions text permissions sent=sent.of("create_permission")/>
        </Dashboard>
    }
}

#[component]
fn List(text: Text, entry: Arc<ApplicationEntry>, base: String) -> impl IntoView {
    let rows = entry
        .roles
        .iter()
        .map(|role| {
            let names = entry.permissions.iter().filter(|(id, _)| role.permissions.contains(id));
            let names: Vec<_> = names.map(|(_, name)| name.as_str()).collect();
            let names = if names.is_empty() { text.role_allows_nothing() } else { names.join(", ") };
            let fixed = is_fixed(role);
            view! {
                <tr class=ROW role="row">
                    <th scope="row" class=HEAD role="rowheader">
                        <a class="break-all font-medium after:absolute after:inset-0" href=format!("{base}/{}", role.id)>
                            {role.name.to_string()}
                        </a>
                        {fixed.then(|| view! { " " <Badge tone=Tone::Plain glyph=Some(Glyph::Lock)>{text.role_fixed()}</Badge> })}
                    </th>
                    <td class=CELL data-label=text.permissions() role="cell">
                        <span class="min-w-0 text-sm wrap-anywhere max-md:text-right">{names}</span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! { <CardTable caption=text.roles() columns=vec![text.role(), text.permissions()]>{rows}</CardTable> }
}

/// What roles can allow.
#[component]
fn Permissions(text: Text, permissions: Vec<(PermissionId, String)>, sent: Sent) -> impl IntoView {
    let items = permissions
        .into_iter()
        .map(|(id, name)| {
            let label = text.permission_delete_of(&name);
            view! {
                <li class="flex flex-wrap items-center justify-between gap-3 py-2">
                    <code class="min-w-0 break-all">{name}</code>
                    <form method="post">
                        <input type="hidden" name="id" value=id.to_string()/>
                        <Button
                            look=Look::Quiet
                            small=true
                            attr:name=ACTION
                            attr:value="delete_permission"
                            attr:aria-label=label
                        >
                            {text.delete()}
                        </Button>
                    </form>
                </li>
            }
        })
        .collect::<Vec<_>>();
    let list = if items.is_empty() {
        view! { <p class="text-muted">{text.permissions_none()}</p> }.into_any()
    } else {
        view! { <ul class="divide-y divide-line">{items}</ul> }.into_any()
    };
    view! {
        <Panel title=text.permissions() body=text.permissions_body() class="max-w-3xl">
            {list}
            <form method="post" class="flex flex-wrap items-end gap-3 border-t border-line pt-5" novalidate>
                <div class="min-w-0 flex-1 basis-64">
                    <Field
                        name="permission"
                        label=text.permission()
                        hint=Some(text.permission_hint())
                        value=sent.or("permission", "")
                        error=sent.error("permission")
                        maxlength=70
                        autocomplete="off"
                    />
                </div>
                <Button look=Look::Secondary attr:name=ACTION attr:value="create_permission">
                    {text.permission_create()}
                </Button>
            </form>
        </Panel>
    }
}
