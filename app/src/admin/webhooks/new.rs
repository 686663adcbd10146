//! `/dashboard/{slug}/webhooks/new`.

use leptos::prelude::*;

use super::fields::Fields;
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Section},
    },
    ui::{Button, ButtonLink, ErrorSummary, Look},
};

/// An endpoint that is being made.
#[component]
pub fn NewEndpointPage(frame: Frame, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let back = frame.href(Section::Webhooks);
    view! {
        <Dashboard frame title=text.endpoint_new() section=Section::Webhooks>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <form method="post" class="card grid max-w-3xl gap-6 p-5 sm:p-6" novalidate>
                <Fields text held=None sent/>
                <div class="flex flex-wrap gap-3 border-t border-line pt-5">
                    <Button attr:name=ACTION attr:value="save">{text.endpoint_add()}</Button>
                    <ButtonLink href=back look=Look::Quiet>{text.cancel()}</ButtonLink>
                </div>
            </form>
        </Dashboard>
    }
}
