//! Allowing a device that has no browser of its own (RFC 8628, section 3.3).

use domain::{oauth::scope::ScopeSet, route};
use leptos::prelude::*;

use super::consent::{Scopes, SignedInAs};
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Alert, Button, ErrorSummary, Field, Look, Tone},
};

/// The field for the code that the device shows.
#[component]
pub fn DeviceCodePage(visit: Visit, form: FormState) -> impl IntoView {
    let text = visit.text();
    let title = text.device_title();
    view! {
        <Hosted visit product=Product::default() title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body=text.device_body()/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="get" action=route::DEVICE class="grid gap-5">
                    <Field
                        name=route::USER_CODE
                        label=text.device_code()
                        value=form.value(route::USER_CODE)
                        error=form.error(route::USER_CODE, text)
                        autocomplete="off"
                        placeholder="WDJB-MJHT"
                        maxlength=20
                        required=true
                        autofocus=form.is_fine()
                    />
                    <Button class="w-full">{text.device_next()}</Button>
                </form>
            </div>
        </Hosted>
    }
}

/// Whether the device may have what it asks for. The code is shown once more: it must be the one on the device
/// (section 5.4).
#[component]
pub fn DevicePage(
    visit: Visit,
    product: Product,
    /// The client's name.
    client: String,
    /// It registered itself.
    is_registered: bool,
    scopes: ScopeSet,
    code: String,
    /// Where somebody else signs in.
    other: String,
    /// Whose access it is.
    who: String,
) -> impl IntoView {
    let text = visit.text();
    let title = text.device_question(&client);
    let body = text.device_question_body(&client, &product.name);
    let warning = is_registered.then(|| text.device_registered(&product.name));
    let decide = |decision: &'static str, look: Look, label: String, code: String| {
        view! {
            <form method="post" action=route::DEVICE>
                <input type="hidden" name=route::USER_CODE value=code/>
                <input type="hidden" name="decision" value=decision/>
                <Button class="w-full" look>{label}</Button>
            </form>
        }
    };
    let allow = decide("allow", Look::Primary, text.allow(), code.clone());
    let deny = decide("deny", Look::Quiet, text.deny(), code.clone());
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body/>
                <p class="rounded-box bg-sunken p-4 text-center font-mono text-2xl tracking-widest">{code}</p>
                {warning.map(|warning| view! { <Alert tone=Tone::Warn>{warning}</Alert> })}
                <Scopes text scopes/>
                <div class="grid gap-2">{allow} {deny}</div>
                <SignedInAs text who other/>
            </div>
        </Hosted>
    }
}
