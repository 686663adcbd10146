//! `/dashboard/{slug}/clients`.

use std::sync::Arc;

use leptos::prelude::*;
use service::directory::ClientEntry;

use crate::{
    admin::frame::{Dashboard, Frame, Section},
    ui::{Badge, ButtonLink, EmptyState, Glyph, Icon, Look, Tone},
};

#[component]
pub fn ClientsPage(frame: Frame, clients: Vec<Arc<ClientEntry>>) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Clients);
    let create = {
        let href = format!("{base}/new");
        move || {
            view! {
                <ButtonLink href=href.clone()>
                    <Icon glyph=Glyph::Plus/>
                    {text.create_client()}
                </ButtonLink>
            }
        }
    };
    let registration = format!("{base}/registration");
    let empty = clients.is_empty();
    let items = clients
        .into_iter()
        .map(|entry| {
            let client = &entry.client;
            let uris = &client.settings.redirect_uris.0;
            let (tone, glyph, kind) = if client.is_public() {
                (Tone::Note, Glyph::External, text.public_badge())
            } else {
                (Tone::Plain, Glyph::Lock, text.confidential_badge())
            };
            let uri = match uris.as_slice() {
                [] => view! { <p class="text-sm text-muted">{text.no_redirect_uris()}</p> }.into_any(),
                uris => uris
                    .iter()
                    .map(|uri| view! { <p class="break-all text-sm text-muted">{uri.to_string()}</p> })
                    .collect_view()
                    .into_any(),
            };
            view! {
                <li class="card relative grid content-start gap-2 p-5 hover:border-edge">
                    <div class="flex flex-wrap items-center gap-x-3 gap-y-1.5">
                        <h2 class="font-semibold">
                            <a class="after:absolute after:inset-0 after:rounded-[inherit]" href=format!("{base}/{}", client.id) dir="auto">
                                {client.settings.name.to_string()}
                            </a>
                        </h2>
                        <Badge tone glyph=Some(glyph)>{kind}</Badge>
                        {client.is_registered.then(|| view! { <Badge tone=Tone::Warn>{text.registered_badge()}</Badge> })}
                    </div>
                    <p><code class="break-all rounded bg-sunken px-1.5 py-0.5 text-sm">{client.client_id.to_string()}</code></p>
                    {uri}
                </li>
            }
        })
        .collect_view();
    view! {
        <Dashboard frame title=text.section_clients() section=Section::Clients actions=create>
            <p class="-mt-3 text-muted">{text.clients_body()}</p>
            {if empty {
                view! { <EmptyState glyph=Glyph::Key title=text.no_clients_title() body=text.clients_body()/> }.into_any()
            } else {
                view! { <ul class="grid gap-4 lg:grid-cols-2">{items}</ul> }.into_any()
            }}
            <div><ButtonLink href=registration look=Look::Secondary>{text.registration_title()}</ButtonLink></div>
        </Dashboard>
    }
}
