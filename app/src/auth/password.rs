//! The password field.

use domain::route;
use leptos::{nonce::use_nonce, prelude::*};

use crate::{
    i18n::Text,
    ui::{Labelled, described_by},
};

/// Shows the box that shows the password; without JavaScript there is none.
const SHOW: &str = "for(const l of document.querySelectorAll('[data-shows]')){const b=l.firstElementChild;\
l.hidden=false;b.checked=false;b.onchange=()=>document.getElementById(l.dataset.shows).type=b.checked?'text':'password'}";

/// Tells how hard a new password is to guess while it is typed: the server says what it will say when it is sent.
/// Without JavaScript there is no meter.
const WEIGH: &str = "for(const d of document.querySelectorAll('[data-weighs]')){\
const i=document.getElementById(d.dataset.weighs),[m,p]=d.children,e=i.form.elements.email;let t,n=0;\
i.addEventListener('input',()=>{clearTimeout(t);t=setTimeout(async()=>{const k=++n,v=i.value;d.hidden=!v;if(!v)return;\
const r=await fetch(d.dataset.at,{method:'POST',body:new URLSearchParams({password:v,email:e?e.value:''})}).catch(()=>{});\
if(!r||!r.ok||k!=n)return;const s=await r.json();m.value=s.score;p.textContent=s.text},250)})}";

/// A password with a box to show it. The box is no button, so that the form's first button is its main one.
#[component]
pub fn PasswordField(
    text: Text,
    /// Its name, too.
    #[prop(default = "password")]
    id: &'static str,
    /// Other than "Password".
    #[prop(optional, into)]
    label: Option<String>,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    #[prop(default = None)] hint: Option<String>,
    #[prop(default = None)] error: Option<String>,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let described = described_by(id, hint.is_some(), error.is_some());
    let label = label.unwrap_or_else(|| text.password());
    let invalid = error.is_some().then_some("true");
    let aside = move || {
        view! {
            <label hidden data-shows=id class="flex items-center gap-1.5 py-0.5 text-sm text-muted">
                <input type="checkbox" class="size-4 accent-brand" autocomplete="off"/>
                {text.show_password()}
            </label>
        }
    };
    view! {
        <Labelled id label hint error aside>
            <input
                class="input"
                id=id
                name=id
                type="password"
                autocomplete=autocomplete
                required
                autofocus=autofocus
                maxlength="256"
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=invalid
                aria-describedby=described
            />
        </Labelled>
        <script nonce=use_nonce()>{SHOW}</script>
        {(autocomplete == "new-password").then(|| view! {
            <div hidden class="grid gap-1" data-weighs=id data-at=route::PASSWORD_STRENGTH>
                <meter class="h-2 w-full" min="0" max="4" low="1.5" high="2.5" optimum="4" aria-hidden="true"></meter>
                <p class="text-sm text-muted" role="status"></p>
            </div>
            <script nonce=use_nonce()>{WEIGH}</script>
        })}
    }
}
