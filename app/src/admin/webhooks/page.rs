//! `/dashboard/{slug}/webhooks/{id}`: one endpoint, its settings and its secret.

use domain::webhook::endpoint::{DisabledBy, Endpoint, EndpointState};
use leptos::prelude::*;

use super::{
    fields::Fields,
    state::EndpointBadge,
    verify::{Verify, env},
};
use crate::{
    admin::{
        clients::snippets::data_url,
        delete::DeleteForm,
        form::{ACTION, Sent},
        frame::{Copyable, Dashboard, Frame, Panel, Section},
        moment::moment,
        rotate::RotateForm,
    },
    i18n::Text,
    ui::{Button, ButtonLink, ErrorSummary, Glyph, Icon, Look},
};

/// An endpoint that is there. `secret` is one that was just made.
#[component]
pub fn EndpointPage(frame: Frame, endpoint: Endpoint, secret: Option<String>, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let back = frame.href(Section::Webhooks);
    let (url, host) = (endpoint.url.to_string(), endpoint.host());
    let (save, delete) = (sent.of("save"), sent.of("delete"));
    let deliveries = {
        let href = format!("{back}/{}/deliveries", endpoint.id);
        move || {
            view! {
                <ButtonLink href=href.clone() look=Look::Secondary>
                    <Icon glyph=Glyph::Send/>
                    {text.deliveries()}
                </ButtonLink>
            }
        }
    };
    view! {
        <Dashboard frame title=url section=Section::Webhooks actions=deliveries>
            {secret.map(|secret| view! { <SecretOnce text secret/> })}
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <Facts text endpoint=endpoint.clone()/>
            <form method="post" class="card grid gap-6 p-5 sm:p-6" novalidate>
                <Fields text held=Some(endpoint) sent=save/>
                <div class="flex flex-wrap gap-3 border-t border-line pt-5">
                    <Button attr:name=ACTION attr:value="save">{text.save()}</Button>
                    <ButtonLink href=back look=Look::Quiet>{text.cancel()}</ButtonLink>
                </div>
            </form>
            <Verify text/>
            <Panel title=text.danger_zone()>
                <RotateForm text body=text.endpoint_rotate_body()/>
                <DeleteForm text title=text.endpoint_delete() body=text.endpoint_delete_body() name=host sent=delete/>
            </Panel>
        </Dashboard>
    }
}

/// How it stands, what may be shown of its secret, and the button for a test event.
#[component]
fn Facts(text: Text, endpoint: Endpoint) -> impl IntoView {
    let since = match endpoint.state {
        EndpointState::Enabled => text.created_on(text.date(endpoint.created_at)),
        EndpointState::Disabled { at, cause: DisabledBy::Admin } => text.endpoint_off_since(moment(text, at)),
        EndpointState::Disabled { at, cause: DisabledBy::Gone } => text.endpoint_gone_since(moment(text, at)),
    };
    let test = endpoint.state.is_enabled().then(|| {
        view! {
            <form method="post" class="border-t border-line pt-4">
                <Button look=Look::Secondary attr:name=ACTION attr:value="test">{text.endpoint_test()}</Button>
            </form>
        }
    });
    view! {
        <Panel title=text.endpoint()>
            <div class="flex flex-wrap items-center gap-x-5 gap-y-2">
                <EndpointBadge text state=endpoint.state/>
                <span class="text-pretty text-sm text-muted">{since}</span>
            </div>
            <div class="grid items-start gap-4 sm:grid-cols-2">
                <Copyable text label=text.endpoint_id() value=endpoint.id.to_string()/>
                <div class="grid content-start gap-1">
                    <p class="text-sm text-muted">{text.endpoint_secret()}</p>
                    <p><code class="break-all rounded bg-sunken px-2 py-1 text-sm">{endpoint.hint}</code></p>
                </div>
            </div>
            {test}
        </Panel>
    }
}

/// The secret, this once.
#[component]
fn SecretOnce(text: Text, secret: String) -> impl IntoView {
    let file = data_url(&env(&secret));
    view! {
        <section class="card grid gap-5 border-2 !border-brand p-5 sm:p-6" aria-labelledby="secret-once">
            <div class="grid gap-1">
                <h2 class="text-lg font-semibold tracking-tight" id="secret-once" tabindex="-1" autofocus>{text.secret_once_title()}</h2>
                <p class="text-pretty text-muted">{text.secret_once_body()}</p>
            </div>
            <Copyable text label=text.endpoint_secret() value=secret/>
            <div>
                <a class="button button-primary" href=file download="webhook.env">{text.download_env()}</a>
            </div>
        </section>
    }
}
