//! `/organizations`: search and pages.

use domain::{identity::organization::Organization, page::Page, route};
use leptos::prelude::*;

use crate::{
    admin::{
        frame::{Above, Dashboard, Frame},
        list::{CELL, CardTable, HEAD, Pager, ROW, address},
    },
    i18n::Text,
    ui::{Button, ButtonLink, EmptyState, Field, Glyph, Icon, Look},
};

/// What the address asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub search: String,
    /// Whether this is not the first page.
    pub later: bool,
}

impl Query {
    /// The address of a page of this list.
    fn href(&self, cursor: Option<&str>) -> String {
        address(route::ORGANIZATIONS, &[("q", &self.search), ("cursor", cursor.unwrap_or_default())])
    }
}

#[component]
pub fn OrganizationsPage(frame: Frame, organizations: Page<Organization>, query: Query) -> impl IntoView {
    let text = frame.text();
    let next = organizations.next_cursor.as_deref().map(|cursor| query.href(Some(cursor)));
    let first = query.later.then(|| query.href(None));
    let create = move || {
        view! {
            <ButtonLink href=format!("{}/new", route::ORGANIZATIONS)>
                <Icon glyph=Glyph::Plus/>
                {text.organization_create()}
            </ButtonLink>
        }
    };
    let list = if organizations.items.is_empty() {
        let (title, body) = if query.later || !query.search.is_empty() {
            (text.nothing_matches(), text.organizations_no_match_body())
        } else {
            (text.organizations_none_title(), text.organizations_none_body())
        };
        view! { <EmptyState glyph=Glyph::Users title body/> }.into_any()
    } else {
        view! { <List text organizations=organizations.items/> }.into_any()
    };
    view! {
        <Dashboard frame title=text.server_organizations() above=Above::Organizations actions=create>
            <p class="-mt-3 text-pretty text-muted">{text.server_organizations_body()}</p>
            <Search text query/>
            {list}
            <Pager text first next/>
        </Dashboard>
    }
}

#[component]
fn Search(text: Text, query: Query) -> impl IntoView {
    let clear = (!query.search.is_empty()).then_some(route::ORGANIZATIONS);
    view! {
        <form method="get" action=route::ORGANIZATIONS class="flex flex-wrap items-end gap-3" role="search">
            <div class="min-w-0 flex-1 basis-64">
                <Field
                    name="q"
                    kind="search"
                    label=text.organizations_search()
                    value=query.search
                    maxlength=200
                    autocomplete="off"
                />
            </div>
            <Button look=Look::Secondary>{text.search()}</Button>
            {clear.map(|href| view! { <ButtonLink href look=Look::Quiet>{text.clear_filter()}</ButtonLink> })}
        </form>
    }
}

#[component]
fn List(text: Text, organizations: Vec<Organization>) -> impl IntoView {
    let rows = organizations
        .into_iter()
        .map(|organization| {
            let href = format!("{}/{}", route::ORGANIZATIONS, organization.id);
            view! {
                <tr class=ROW role="row">
                    <th scope="row" class=HEAD role="rowheader">
                        <a class="font-medium after:absolute after:inset-0" href=href dir="auto">
                            {organization.name.to_string()}
                        </a>
                    </th>
                    <td class=CELL data-label=text.application_slug() role="cell">
                        <code class="break-all text-sm">{organization.slug.to_string()}</code>
                    </td>
                    <td class=CELL data-label=text.organization_since() role="cell">
                        {text.date(organization.created_at)}
                    </td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![text.organization_name(), text.application_slug(), text.organization_since()];
    view! { <CardTable caption=text.server_organizations() columns>{rows}</CardTable> }
}
