//! What the colours of a theme do to people's eyes (WCAG 2.2, 1.4.3 and 1.4.11), said while they are typed.

use domain::theme::Color;
use leptos::{ev::Event, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    i18n::Text,
    ui::{Alert, Tone, take_typed},
};

/// The fields of the colours: brand, background and text, those of the dark scheme behind.
pub const COLORS: [&str; 6] = ["brand", "background", "text", "dark_brand", "dark_background", "dark_text"];

/// Text and background of a scheme where the theme has none, as in `style/tailwind.css`.
const LIGHT: [&str; 2] = ["#15171c", "#f5f6f8"];
const DARK: [&str; 2] = ["#eceef3", "#0e1014"];

/// Wraps the fields of [`COLORS`] and warns above them. `typed` is what stands in each.
#[island(lazy)]
pub fn Contrast(text: Text, typed: Vec<String>, children: Children) -> impl IntoView {
    let typed = RwSignal::new(typed);
    let set = move |at: usize, color: String| {
        typed.update(|typed| {
            if let Some(held) = typed.get_mut(at) {
                *held = color;
            }
        });
    };
    for (at, (id, held)) in COLORS.into_iter().zip(typed.get_untracked()).enumerate() {
        take_typed(id, &held, move |color| set(at, color));
    }
    let on_input = move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = target else { return };
        if let Some(at) = COLORS.iter().position(|name| *name == input.name()) {
            set(at, input.value());
        }
    };
    let warnings = move || {
        let warnings = warnings(text, &typed.get());
        warnings.into_iter().map(|warning| view! { <Alert tone=Tone::Warn>{warning}</Alert> }).collect_view()
    };
    view! {
        <div class="grid gap-5" on:input=on_input>
            <div class="grid gap-2 empty:hidden" aria-live="polite">{warnings}</div>
            {children()}
        </div>
    }
}

/// One sentence for each pair of colours that is hard to read. A colour that cannot be read counts as none.
fn warnings(text: Text, typed: &[String]) -> Vec<String> {
    let color = |at: usize| typed.get(at).and_then(|color| Color::parse(color.trim()).ok());
    let or = |color: Option<Color>, default: &str| color.or_else(|| Color::parse(default).ok());
    let schemes =
        [(text.colors_light(), 0, color(0), LIGHT), (text.colors_dark(), 3, color(3).or_else(|| color(0)), DARK)];
    let mut warnings = Vec::new();
    // Rounded down: what is below a limit must not read as the limit.
    let shown = |ratio: f64| {
        let tenths = (ratio * 10.0) as i64;
        format!("{}{}{}", tenths / 10, text.decimal_point(), tenths % 10)
    };
    for (scheme, first, brand, [ink, page]) in schemes {
        let (Some(page), Some(ink)) = (or(color(first + 1), page), or(color(first + 2), ink)) else { continue };
        let ratio = ink.contrast(&page);
        if ratio < 4.5 {
            warnings.push(format!("{scheme}: {}", text.contrast_bad(shown(ratio))));
        }
        // The text on a button is black or white, whichever reads better: one of them does on every colour.
        let Some(brand) = brand else { continue };
        let ratio = brand.contrast(&page);
        if ratio < 4.5 {
            let link = brand.readable(&page, &ink);
            warnings.push(format!("{scheme}: {}", text.contrast_brand(shown(ratio), link)));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_pairs_are_named_once_each() {
        let of = |colors: [&str; 6]| warnings(Text::default(), &colors.map(str::to_owned));
        assert!(of(["", "", "", "", "", ""]).is_empty());
        assert!(of(["#4f46e5", "", "", "#8b83ff", "", ""]).is_empty());
        let brand = of(["#767676", "", "", "#8b83ff", "", ""]);
        assert_eq!(brand.len(), 1, "{brand:?}");
        assert!(brand.iter().all(|warning| warning.contains("4.2:1, below 4.5:1")), "{brand:?}");
        let all = of(["#ffff00", "", "#bbbbbb", "", "#ffff", "no colour"]);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all.iter().all(|warning| warning.starts_with("Light: ")), "{all:?}");
        assert_eq!(of(["", "", "", "", "#eeeeee", ""]).len(), 1);
    }
}
