//! `/dashboard/{slug}/sign-in-methods`.

use std::sync::Arc;

use domain::identity::upstream::UpstreamKind;
use leptos::prelude::*;
use service::upstream::methods::MethodEntry;

use crate::{
    admin::frame::{Dashboard, Frame, Section},
    i18n::Text,
    ui::{Badge, ButtonLink, EmptyState, Glyph, Icon, Look, Tone},
};

#[component]
pub fn SignInMethodsPage(frame: Frame, methods: Vec<Arc<MethodEntry>>) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::SignInMethods);
    let add = UpstreamKind::ALL
        .into_iter()
        .filter(|kind| may_offer(&frame, *kind))
        .map(|kind| {
            view! {
                <ButtonLink href=format!("{base}/new?kind={}", kind.as_str()) look=Look::Secondary>
                    <Icon glyph=Glyph::Plus/>
                    {text.method_add(kind_name(text, kind))}
                </ButtonLink>
            }
        })
        .collect_view();
    let others =
        (!frame.is_superadmin()).then(|| view! { <p class="text-sm text-muted">{text.methods_others_note()}</p> });
    let empty = methods.is_empty();
    let items = methods
        .into_iter()
        .map(|entry| {
            let method = &entry.method;
            view! {
                <li class="card relative grid content-start gap-2 p-5 hover:border-edge">
                    <div class="flex flex-wrap items-center gap-x-3 gap-y-1.5">
                        <h2 class="font-semibold">
                            <a class="after:absolute after:inset-0 after:rounded-[inherit]" href=format!("{base}/{}", method.id) dir="auto">
                                {method.name.to_string()}
                            </a>
                        </h2>
                        <State text on=method.enabled/>
                    </div>
                    <p class="break-all text-sm text-muted">{method.issuer.to_string()}</p>
                    <p class="text-sm text-muted">{text.method_secret_ends(entry.secret_hint())}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <Dashboard frame title=text.section_sign_in_methods() section=Section::SignInMethods>
            <p class="-mt-3 text-pretty text-muted">{text.methods_body()}</p>
            {if empty {
                view! { <EmptyState glyph=Glyph::Lock title=text.methods_none_title() body=text.methods_none_body()/> }.into_any()
            } else {
                view! { <ul class="grid gap-4 lg:grid-cols-2">{items}</ul> }.into_any()
            }}
            <div class="flex flex-wrap gap-3">{add}</div>
            {others}
        </Dashboard>
    }
}

/// Whether people can sign in by it.
#[component]
pub fn State(text: Text, on: bool) -> impl IntoView {
    let (tone, glyph, label) =
        if on { (Tone::Good, Glyph::Check, text.method_on()) } else { (Tone::Plain, Glyph::Cross, text.method_off()) };
    view! { <Badge tone glyph=Some(glyph)>{label}</Badge> }
}

/// Whether whoever looks says with which client a provider is offered, and whether it is.
pub fn may_offer(frame: &Frame, kind: UpstreamKind) -> bool {
    frame.is_superadmin() || kind.is_for_admins()
}

/// What a kind is called.
pub fn kind_name(text: Text, kind: UpstreamKind) -> String {
    kind.brand().map_or_else(|| text.kind_oidc(), str::to_owned)
}
