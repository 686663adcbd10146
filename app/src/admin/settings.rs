//! `/dashboard/{slug}/settings`.

use domain::{
    Locale,
    application::{Application, PlanSelection},
    oauth::scope::Scope,
    theme::{Color, Font, Theme},
};
use leptos::prelude::*;

use super::{
    contrast::{COLORS, Contrast},
    delete::DeleteForm,
    form::{ACTION, Sent},
    frame::{Dashboard, Frame, Panel, Section},
};
use crate::{
    i18n::Text,
    ui::{Button, Check, ErrorSummary, Field, Labelled, Tab, Tabs, TextArea, described_by},
};

#[component]
pub fn SettingsPage(frame: Frame, application: Application, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let is_superadmin = frame.is_superadmin();
    let save = sent.of("save");
    let delete = sent.of("delete");
    let slug = application.slug.to_string();
    let tabs = tabs(&frame, false);
    view! {
        <Dashboard frame title=text.section_settings() section=Section::Settings>
            <Tabs label=text.section_settings() tabs/>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <form method="post" class="grid gap-6" novalidate>
                <General text application=application.clone() sent=save.clone()/>
                <SigningIn text application=application.clone() is_superadmin sent=save.clone()/>
                <Dress text theme=application.settings.theme.clone() sent=save/>
                <div class="sticky bottom-0 -mx-1 flex gap-3 border-t border-line bg-page px-1 py-4">
                    <Button attr:name=ACTION attr:value="save">{text.save()}</Button>
                </div>
            </form>
            {is_superadmin.then(|| view! {
                <Panel title=text.danger_zone()>
                    <DeleteForm text title=text.delete_application() body=text.delete_application_body() name=slug sent=delete/>
                </Panel>
            })}
        </Dashboard>
    }
}

#[component]
fn General(text: Text, application: Application, sent: Sent) -> impl IntoView {
    let settings = application.settings;
    let url = |url: Option<domain::theme::WebUrl>| url.map(String::from).unwrap_or_default();
    view! {
        <Panel title=text.general()>
            <div class="grid items-start gap-5 sm:grid-cols-2">
                <Field
                    name="name"
                    label=text.application_name()
                    hint=Some(text.application_name_hint())
                    value=sent.or("name", settings.name.as_str())
                    error=sent.error("name")
                    maxlength=100
                    autocomplete="off"
                />
                <div class="grid content-start gap-1.5">
                    <p class="font-medium">{text.application_slug()}</p>
                    <p class="text-sm text-muted">{text.application_slug_hint()}</p>
                    <p class="py-2"><code class="rounded bg-sunken px-2 py-1">{application.slug.to_string()}</code></p>
                </div>
            </div>
            <TextArea
                name="description"
                label=text.description()
                value=sent.or("description", settings.description.as_str())
                error=sent.error("description")
                rows=2
            />
            <div class="fields sm:grid-cols-2">
                <Field
                    name="url"
                    kind="url"
                    label=text.product_url()
                    hint=Some(text.product_url_hint())
                    value=sent.or("url", url(settings.url))
                    error=sent.error("url")
                />
                <Field
                    name="icon"
                    kind="url"
                    label=text.icon_url()
                    value=sent.or("icon", url(settings.icon))
                    error=sent.error("icon")
                />
            </div>
            <div class="max-w-sm">
                <Choice
                    name="default_locale"
                    label=text.default_language()
                    error=sent.error("default_locale")
                    chosen=sent.or("default_locale", settings.default_locale.tag())
                    options=Locale::ALL.map(|locale| (locale.tag(), Text::language_name(locale).to_owned())).to_vec()
                />
            </div>
        </Panel>
    }
}

#[component]
fn SigningIn(text: Text, application: Application, is_superadmin: bool, sent: Sent) -> impl IntoView {
    let settings = application.settings;
    let selection = sent.or("plan_selection", settings.plan_selection.as_str());
    let scoped = |scope: Scope| {
        if sent.is_empty() {
            settings.allowed_scopes.contains(scope)
        } else {
            sent.values.all("scope").any(|value| value == scope.as_str())
        }
    };
    let scopes = Scope::ALL.map(|scope| (scope, scoped(scope)));
    let resources = settings.resources.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    view! {
        <Panel title=text.signing_in()>
            <div class="grid items-start gap-4 sm:grid-cols-2">
                <Check
                    name="allow_register"
                    label=text.allow_register()
                    hint=Some(text.allow_register_hint())
                    checked=sent.checked_or("allow_register", settings.allow_register)
                />
                <Check
                    name="is_mfa_required"
                    label=text.is_mfa_required()
                    hint=Some(text.is_mfa_required_hint())
                    checked=sent.checked_or("is_mfa_required", settings.is_mfa_required)
                />
                {(is_superadmin || settings.skip_consent).then(|| view! {
                    <Check
                        name="skip_consent"
                        label=text.skip_consent()
                        hint=Some(text.client_skip_consent_hint())
                        checked=sent.checked_or("skip_consent", settings.skip_consent)
                    />
                })}
            </div>
            <div class="max-w-sm">
                <Choice
                    name="plan_selection"
                    label=text.plan_selection()
                    error=sent.error("plan_selection")
                    chosen=selection
                    options=vec![
                        (PlanSelection::FirstSignIn.as_str(), text.plan_selection_first()),
                        (PlanSelection::Always.as_str(), text.plan_selection_always()),
                        (PlanSelection::Never.as_str(), text.plan_selection_never()),
                    ]
                />
            </div>
            <fieldset class="grid gap-2">
                <legend class="font-medium">{text.allowed_scopes()}</legend>
                <p class="text-sm text-muted">{text.allowed_scopes_hint()}</p>
                <div class="flex flex-wrap gap-x-6 gap-y-2.5 pt-1">
                    {scopes
                        .into_iter()
                        .map(|(scope, checked)| {
                            view! {
                                <Check name="scope" id=format!("scope-{}", scope.as_str()) value=scope.as_str() label=scope.as_str() checked/>
                            }
                        })
                        .collect_view()}
                </div>
            </fieldset>
            <TextArea
                name="resources"
                label=text.resources()
                hint=Some(text.resources_hint())
                value=sent.or("resources", resources)
                error=sent.error("resources")
                rows=3
                class="font-mono text-sm"
            />
        </Panel>
    }
}

/// The pages of the settings.
pub(super) fn tabs(frame: &Frame, payments: bool) -> Vec<Tab> {
    let (text, base) = (frame.text(), frame.href(Section::Settings));
    vec![
        Tab { label: text.general(), href: base.clone(), current: !payments },
        Tab { label: text.section_payments(), href: format!("{base}/payments"), current: payments },
    ]
}

/// A select with its label.
#[component]
pub(super) fn Choice(
    name: &'static str,
    label: String,
    error: Option<String>,
    chosen: String,
    options: Vec<(&'static str, String)>,
) -> impl IntoView {
    let described = described_by(name, false, error.is_some());
    view! {
        <Labelled id=name label error>
            <select class="input" id=name name=name aria-describedby=described>
                {options
                    .into_iter()
                    .map(|(value, label)| view! { <option value=value selected=value == chosen>{label}</option> })
                    .collect_view()}
            </select>
        </Labelled>
    }
}

/// The theme, with warnings where its colours are hard to read.
#[component]
fn Dress(text: Text, theme: Theme, sent: Sent) -> impl IntoView {
    let url = |url: &Option<domain::theme::WebUrl>| url.clone().map(String::from).unwrap_or_default();
    let held =
        [&theme.brand, &theme.background, &theme.text, &theme.dark_brand, &theme.dark_background, &theme.dark_text];
    let held = held.map(|color| color.as_ref().map(ToString::to_string).unwrap_or_default());
    let typed: Vec<_> = COLORS.into_iter().zip(held).map(|(name, held)| sent.or(name, held)).collect();
    let labels = [text.brand_color(), text.background_color(), text.text_color()];
    let labels = labels.iter().chain(&labels).cloned();
    let mut fields = COLORS.into_iter().zip(labels).zip(&typed);
    let groups = [text.colors_light(), text.colors_dark()].map(|legend| {
        let fields = fields.by_ref().take(3).map(|((name, label), value)| (name, label, value.clone()));
        (legend, fields.collect::<Vec<_>>())
    });
    let links = [
        ("logo_url", text.logo_url(), url(&theme.logo_url)),
        ("support_url", text.support_url(), url(&theme.support_url)),
        ("terms_url", text.terms_url(), url(&theme.terms_url)),
        ("privacy_url", text.privacy_url(), url(&theme.privacy_url)),
    ];
    let fonts = [Font::System, Font::Serif, Font::Mono, Font::Rounded];
    let font = sent.or("font", theme.font.map(font_name).unwrap_or_default());
    let radius = theme.radius.map(String::from).unwrap_or_default();
    let colors = groups
        .into_iter()
        .map(|(legend, fields)| {
            view! {
                <fieldset class="grid items-start gap-3 sm:grid-cols-3">
                    <legend class="mb-1.5 font-medium">{legend}</legend>
                    {fields
                        .into_iter()
                        .map(|(name, label, value)| {
                            let swatch = Color::parse(&value).ok();
                            view! {
                                <Field
                                    name=name
                                    label=label
                                    value=value
                                    error=sent.error(name)
                                    placeholder="#4f46e5"
                                    maxlength=7
                                    autocomplete="off"
                                    aside=move || swatch.clone().map(|color| view! { <Swatch color/> })
                                />
                            }
                        })
                        .collect_view()}
                </fieldset>
            }
        })
        .collect_view();
    view! {
        <Panel title=text.theme() body=text.theme_body()>
            <Contrast text typed>
                {colors}
            </Contrast>
            <div class="fields sm:grid-cols-2">
                <Choice
                    name="font"
                    label=text.font()
                    error=sent.error("font")
                    chosen=font
                    options=std::iter::once(("", text.default_choice()))
                        .chain(fonts.map(|font| (font_name(font), font_label(text, font))))
                        .collect()
                />
                <Field
                    name="radius"
                    label=text.radius()
                    value=sent.or("radius", radius)
                    error=sent.error("radius")
                    placeholder="10px"
                    autocomplete="off"
                />
                {links
                    .into_iter()
                    .map(|(name, label, held)| view! {
                        <Field
                            name=name
                            kind="url"
                            label=label
                            hint=(name == "logo_url").then(|| text.logo_url_hint())
                            value=sent.or(name, held)
                            error=sent.error(name)
                        />
                    })
                    .collect_view()}
            </div>
        </Panel>
    }
}

/// A small square of a colour; an image, because the policy allows no inline style.
#[component]
fn Swatch(color: Color) -> impl IntoView {
    view! {
        <svg class="size-4 rounded border border-line" viewBox="0 0 1 1" aria-hidden="true">
            <rect width="1" height="1" fill=color.to_string()></rect>
        </svg>
    }
}

/// The value of the field `font`.
pub const fn font_name(font: Font) -> &'static str {
    match font {
        Font::System => "system",
        Font::Serif => "serif",
        Font::Mono => "mono",
        Font::Rounded => "rounded",
    }
}

fn font_label(text: Text, font: Font) -> String {
    match font {
        Font::System => text.font_system(),
        Font::Serif => "Serif".into(),
        Font::Mono => "Mono".into(),
        Font::Rounded => text.font_rounded(),
    }
}
