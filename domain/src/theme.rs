//! How an application's hosted pages look. Every value is validated, so that none can carry CSS of its own.

use serde::{Deserialize, Serialize};

use crate::{Flaw, Problem, stored};

/// A colour as `#rgb` or `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color([u8; 3]);

impl Color {
    /// # Errors
    /// When `text` is neither `#rgb` nor `#rrggbb`.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let bad = || Flaw::Color;
        let hex = text.strip_prefix('#').filter(|hex| hex.chars().all(|c| c.is_ascii_hexdigit())).ok_or_else(bad)?;
        let full = match hex.len() {
            3 => hex.chars().flat_map(|c| [c, c]).collect(),
            6 => hex.to_owned(),
            _ => return Err(bad()),
        };
        let channel = |i: usize| u8::from_str_radix(&full[i..i + 2], 16).map_err(|_| bad());
        Ok(Self([channel(0)?, channel(2)?, channel(4)?]))
    }

    /// Contrast with another colour, 1 to 21 (WCAG 2.2, 1.4.3).
    pub fn contrast(&self, other: &Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Black or white, whichever reads better on this colour.
    pub fn ink(&self) -> Self {
        let (white, black) = (Self([255; 3]), Self([0; 3]));
        if self.contrast(&white) >= self.contrast(&black) { white } else { black }
    }

    /// The colour of links where this is the brand: moved towards `ink` as far as it takes to be read on `page`
    /// (4.5:1), and `ink` itself where that does not suffice.
    pub fn readable(&self, page: &Self, ink: &Self) -> Self {
        let towards = |part: u16| {
            let mix = |i: usize| ((u16::from(self.0[i]) * (10 - part) + u16::from(ink.0[i]) * part) / 10) as u8;
            Self([mix(0), mix(1), mix(2)])
        };
        // A little more than the rule asks for: cards are a shade lighter than the page.
        (0..=10).map(towards).find(|color| color.contrast(page) >= 4.9).unwrap_or_else(|| ink.clone())
    }

    fn luminance(&self) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = self.0.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl TryFrom<String> for Color {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Flaw> {
        Self::parse(&text)
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

/// Page and ink where the theme has none, as in `style/tailwind.css`.
const LIGHT: [Color; 2] = [Color([0xf5, 0xf6, 0xf8]), Color([0x15, 0x17, 0x1c])];
const DARK: [Color; 2] = [Color([0x0e, 0x10, 0x14]), Color([0xec, 0xee, 0xf3])];

/// A font family; all are the reader's own, none is fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Font {
    #[default]
    System,
    Serif,
    Mono,
    Rounded,
}

/// A corner radius of 0 to 32 pixels, written `8px`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Radius(pub u8);

impl TryFrom<String> for Radius {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Flaw> {
        let pixels: Option<u8> = text.strip_suffix("px").and_then(|n| n.parse().ok());
        pixels.filter(|n| *n <= 32 || stored::is_being_read()).map(Self).ok_or(Flaw::Radius)
    }
}

impl From<Radius> for String {
    fn from(radius: Radius) -> Self {
        format!("{}px", radius.0)
    }
}

/// An `http(s)` URL of at most 2,048 characters, also as it is kept: in ASCII, with everything else escaped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebUrl(String);

impl WebUrl {
    /// The longest in characters.
    pub const MAX: u16 = 2048;

    /// # Errors
    /// When `text` is no absolute http or https URL, or too long.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let url = url::Url::parse(text).map_err(|_| Flaw::WebUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
            return Err(Flaw::WebUrl);
        }
        let (url, max) = (String::from(url), usize::from(Self::MAX));
        if text.len().max(url.len()) > max { Err(Flaw::TooLong { max }) } else { Ok(Self(url)) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WebUrl {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Flaw> {
        if stored::is_being_read() { Ok(Self(text)) } else { Self::parse(&text) }
    }
}

impl From<WebUrl> for String {
    fn from(url: WebUrl) -> Self {
        url.0
    }
}

/// The theme of an application's hosted pages; what is left out has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Theme {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<WebUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dark_brand: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dark_background: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dark_text: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub font: Option<Font>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius: Option<Radius>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_url: Option<WebUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_url: Option<WebUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy_url: Option<WebUrl>,
}

impl Theme {
    /// # Errors
    /// `APP_001` on the field `themeConfig` with the key at fault.
    pub fn parse(value: serde_json::Value) -> Result<Self, Problem> {
        // Serde would read a list as the fields in their order.
        let serde_json::Value::Object(keys) = &value else {
            return Err(Problem::field("themeConfig", Flaw::Object));
        };
        // Serde does not say which key it stopped at; every one of them may stand alone.
        for (key, value) in keys {
            let alone = [(key.clone(), value.clone())].into_iter().collect();
            serde_json::from_value::<Self>(serde_json::Value::Object(alone))
                .map_err(|e| Problem::field("themeConfig", Flaw::from(e.to_string()).of(key)))?;
        }
        serde_json::from_value(value).map_err(|e| Problem::field("themeConfig", e.to_string()))
    }

    /// The custom properties of a page, for a `<style>` element: only validated colours and numbers go in.
    pub fn css(&self) -> String {
        let block =
            |brand: &Option<Color>, background: &Option<Color>, text: &Option<Color>, [page, ink]: [Color; 2]| {
                let mut css = String::new();
                if let Some(brand) = brand {
                    let (page, ink) = (background.as_ref().unwrap_or(&page), text.as_ref().unwrap_or(&ink));
                    let link = brand.readable(page, ink);
                    css.push_str(&format!("--brand:{brand};--brand-ink:{};--link:{link};", brand.ink()));
                }
                for (name, color) in [("--page", background), ("--ink", text)] {
                    if let Some(color) = color {
                        css.push_str(&format!("{name}:{color};"));
                    }
                }
                css
            };
        let mut light = block(&self.brand, &self.background, &self.text, LIGHT);
        if let Some(radius) = self.radius {
            light.push_str(&format!("--radius:{}px;", radius.0));
        }
        match self.font {
            None | Some(Font::System) => {}
            Some(Font::Serif) => light.push_str("--font:ui-serif,Georgia,serif;"),
            Some(Font::Mono) => light.push_str("--font:ui-monospace,monospace;"),
            Some(Font::Rounded) => light.push_str("--font:ui-rounded,system-ui,sans-serif;"),
        }
        let dark = block(
            if self.dark_brand.is_some() { &self.dark_brand } else { &self.brand },
            &self.dark_background,
            &self.dark_text,
            DARK,
        );
        let mut css = String::new();
        if !light.is_empty() {
            css.push_str(&format!(":root{{{light}}}"));
        }
        // A light page or ink must not leak into the dark scheme where none was chosen for it.
        let reset = |own: &Option<Color>, light: &Option<Color>, name: &str, value: &str| {
            if own.is_none() && light.is_some() { format!("{name}:{value};") } else { String::new() }
        };
        let dark = dark
            + &reset(&self.dark_background, &self.background, "--page", "var(--dark-page)")
            + &reset(&self.dark_text, &self.text, "--ink", "var(--dark-ink)");
        if !dark.is_empty() {
            css.push_str(&format!(":root[data-theme=dark]{{{dark}}}"));
            css.push_str(&format!("@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"));
        }
        css
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_but_colours_gets_in() {
        for bad in [json!({"brand": "red;}body{display:none"}), json!({"radius": "8px;x"}), json!({"font": "evil"})] {
            assert!(Theme::parse(bad).is_err());
        }
        assert!(Theme::parse(json!({"logo_url": "javascript:alert(1)"})).is_err());
        assert!(Theme::parse(json!({"nope": 1})).is_err());
        let named = Theme::parse(json!({"brand": "#4f46e5", "dark_text": "red"})).unwrap_err();
        assert_eq!(named.message, "themeConfig: dark_text must be a colour such as #4f46e5");
        assert!(Theme::parse(json!(["https://app.example/logo.svg"])).is_err());
        let theme = Theme::parse(json!({"brand": "#4f46e5", "radius": "8px", "font": "system"})).unwrap();
        assert!(theme.css().contains("--brand:#4f46e5;--brand-ink:#ffffff;--link:#4f46e5;"));
    }

    #[test]
    fn a_url_that_is_kept_can_be_read_again() {
        let of = |letter: &str, count: usize| format!("https://a.example/{}", letter.repeat(count));
        let longest = usize::from(WebUrl::MAX) - "https://a.example/".len();
        for text in [of("x", longest), of("ä", longest / 6), "HTTPS://BÜCHER.example".to_owned()] {
            let url = WebUrl::parse(&text).unwrap();
            assert_eq!(WebUrl::parse(url.as_str()), Ok(url), "{text}");
        }
        // Six characters take the place of one.
        for text in [of("x", longest + 1), of("ä", longest / 6 + 1)] {
            assert_eq!(WebUrl::parse(&text), Err(Flaw::TooLong { max: 2048 }), "{text}");
        }
    }

    #[test]
    fn every_key_is_in_the_style() {
        let theme = json!({
            "logo_url": "https://look.example/logo.svg", "support_url": "https://look.example/support",
            "terms_url": "https://look.example/terms", "privacy_url": "https://look.example/privacy",
            "brand": "#f59e0b", "background": "#fffaf0", "text": "#1c1917",
            "dark_brand": "#5eead4", "dark_background": "#0c0a09", "dark_text": "#fafaf9",
            "font": "serif", "radius": "12px",
        });
        let theme = Theme::parse(theme).unwrap();
        let dark = "--brand:#5eead4;--brand-ink:#000000;--link:#5eead4;--page:#0c0a09;--ink:#fafaf9;";
        let style = |dark: &str| {
            format!(
                ":root{{--brand:#f59e0b;--brand-ink:#000000;--link:#885b11;--page:#fffaf0;--ink:#1c1917;\
                 --radius:12px;--font:ui-serif,Georgia,serif;}}:root[data-theme=dark]{{{dark}}}\
                 @media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
            )
        };
        assert_eq!(theme.css(), style(dark));
        // What is chosen for the light only does not leak into the dark.
        let light = Theme { dark_brand: None, dark_background: None, dark_text: None, ..theme };
        let dark = "--brand:#f59e0b;--brand-ink:#000000;--link:#f59e0b;--page:var(--dark-page);--ink:var(--dark-ink);";
        assert_eq!(light.css(), style(dark));
        for (font, family) in [("mono", "ui-monospace,monospace"), ("rounded", "ui-rounded,system-ui,sans-serif")] {
            let css = Theme::parse(json!({ "font": font })).unwrap().css();
            assert_eq!(css, format!(":root{{--font:{family};}}"));
        }
        assert_eq!(Theme::default().css(), "");
    }

    #[test]
    fn links_can_be_read_whatever_the_brand() {
        for brand in ["#facc15", "#ffffff", "#000000", "#4f46e5", "#b45309", "#22d3ee"] {
            let brand = Color::parse(brand).unwrap();
            for [page, ink] in [LIGHT, DARK] {
                assert!(brand.readable(&page, &ink).contrast(&page) >= 4.5, "{brand}");
            }
        }
    }

    #[test]
    fn buttons_can_be_read_whatever_the_brand() {
        for grey in 0..=255 {
            for brand in [Color([grey; 3]), Color([grey, 128, 0]), Color([0, grey, 255]), Color([255, 0, grey])] {
                assert!(brand.ink().contrast(&brand) >= 4.5, "{brand}");
            }
        }
    }

    #[test]
    fn contrast_follows_wcag() {
        let (white, black) = (Color::parse("#fff").unwrap(), Color::parse("#000000").unwrap());
        assert!((white.contrast(&black) - 21.0).abs() < 0.01);
    }
}
