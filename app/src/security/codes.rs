//! Recovery codes, shown once.

use domain::identity::factor::RecoveryCode;
use leptos::{nonce::use_nonce, prelude::*};

use crate::{
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{ButtonLink, Look},
};

/// Shows the button that copies; without JavaScript there is none.
const COPY: &str = "for(const b of document.querySelectorAll('[data-copies]')){b.hidden=false;b.onclick=async()=>{\
await navigator.clipboard.writeText(document.getElementById(b.dataset.copies).innerText);b.textContent=b.dataset.done}}";

/// The codes with a way to keep them as a file, which needs no script.
#[component]
pub fn CodesPage(
    visit: Visit,
    product: Product,
    codes: Vec<RecoveryCode>,
    /// Whose they are.
    who: String,
    /// Where to go on.
    onward: String,
) -> impl IntoView {
    let text = visit.text();
    let title = text.codes_title();
    let shown: Vec<String> = codes.iter().map(RecoveryCode::shown).collect();
    let file = format!("{}\r\n\r\n{}\r\n", text.codes_file(who), shown.join("\r\n"));
    let file: String = file.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let items = shown.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect::<Vec<_>>();
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body=text.codes_body()/>
                <ul id="recovery-codes" class="grid grid-cols-2 gap-x-6 gap-y-2 rounded-box bg-sunken px-4 py-3 text-center">
                    {items}
                </ul>
                <div class="flex flex-wrap gap-2">
                    <a
                        class="button button-secondary flex-1"
                        download="recovery-codes.txt"
                        href=format!("data:text/plain;charset=utf-8,{file}")
                    >
                        {text.codes_download()}
                    </a>
                    <button
                        hidden
                        type="button"
                        class="button button-secondary flex-1"
                        data-copies="recovery-codes"
                        data-done=text.copied()
                    >
                        {text.copy()}
                    </button>
                </div>
                <ButtonLink href=onward look=Look::Primary>{text.codes_done()}</ButtonLink>
                <script nonce=use_nonce()>{COPY}</script>
            </div>
        </Hosted>
    }
}
