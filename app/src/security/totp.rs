//! Setting up an authenticator app.

use domain::route;
use leptos::prelude::*;

use super::qr::Qr;
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Button, ButtonLink, ErrorSummary, Field, Look},
};

/// The key as a picture and as text, and the field for the first code.
#[component]
pub fn TotpPage(
    visit: Visit,
    product: Product,
    /// The page's own path.
    action: String,
    /// Comes back with the code.
    sealed: String,
    key: String,
    /// What the picture says.
    address: String,
    form: FormState,
) -> impl IntoView {
    let text = visit.text();
    let title = text.totp_title();
    let back = action.replacen(route::AUTHENTICATOR, route::SECURITY, 1);
    let groups: Vec<String> = key.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body=text.totp_scan()/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <Qr text=address.clone() label=text.totp_picture()/>
                <div class="grid gap-2 text-sm">
                    <p class="text-muted">{text.totp_key()}</p>
                    <p class="rounded-box bg-sunken px-3 py-2"><code id="totp-key" class="break-words">{groups.join(" ")}</code></p>
                    <p><a href=address>{text.totp_open()}</a></p>
                </div>
                <form method="post" action=action class="grid gap-5">
                    <input type="hidden" name="enrolment" value=sealed/>
                    <Field
                        name="code"
                        label=text.totp_code()
                        error=form.error("code", text)
                        autocomplete="one-time-code"
                        inputmode="numeric"
                        maxlength=20
                        required=true
                        autofocus=form.is_fine()
                    />
                    <Button class="w-full">{text.totp_button()}</Button>
                </form>
                <ButtonLink href=back look=Look::Quiet>{text.not_now()}</ButtonLink>
            </div>
        </Hosted>
    }
}
