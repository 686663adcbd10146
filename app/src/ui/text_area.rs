//! Several lines of text.

use leptos::prelude::*;

use super::{Labelled, field::described_by};

/// A text area whose text is escaped. Leptos 0.8 writes the children of `<textarea>` as they are, which lets
/// `</textarea><script>` through: this component is the only place where one is made.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] value: String,
    #[prop(default = 4)] rows: u8,
    #[prop(default = None)] hint: Option<String>,
    #[prop(default = None)] error: Option<String>,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] maxlength: Option<u16>,
    #[prop(optional, into)] class: String,
    /// The id of what says, while somebody types, what is wrong; and whether anything is.
    #[prop(default = None)]
    judge: Option<(String, Signal<bool>)>,
    #[prop(optional, into)] aside: ViewFn,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let is_refused = error.is_some();
    let described = described_by(&id, hint.is_some(), is_refused);
    let (judge, is_faulty) = judge.unzip();
    let described = described.into_iter().chain(judge).reduce(|ids, id| format!("{ids} {id}"));
    let invalid = move || (is_refused || is_faulty.is_some_and(|faulty| faulty.get())).then_some("true");
    view! {
        <Labelled id=id.clone() label hint error aside>
            <textarea
                class=format!("input {class}")
                id=id
                name=name
                rows=rows
                autocomplete=autocomplete
                maxlength=maxlength
                spellcheck="false"
                aria-invalid=invalid
                aria-describedby=described
                inner_html=escape(&value)
            ></textarea>
        </Labelled>
    }
}

/// Text for `inner_html`, where Leptos would add its markers: `<textarea>` and `<title>` show those to the reader.
/// A leading line break, which HTML swallows there, is doubled.
pub fn escape(text: &str) -> String {
    let safe = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if safe.starts_with('\n') { format!("\n{safe}") } else { safe }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn nothing_breaks_out() {
        let evil = "</textarea><script>alert(1)</script>&amp;";
        let html = Owner::new().with(|| view! { <TextArea name="n" label="l" value=evil/> }.to_html());
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;</textarea>"), "{html}");
    }

    /// The lines below a directory, comments of Rust aside, that make a text area, each with its file.
    fn made_in(directory: &Path) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(made_in(&path));
            } else if path.extension().is_some_and(|kind| ["rs", "html", "txt"].iter().any(|own| kind == *own)) {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                // As an element of a view or of a page, or by the function of that name.
                let makes =
                    |line: &&str| line.contains(concat!("<", "textarea")) || line.contains(concat!("textarea", "("));
                found.extend(code.filter(makes).map(|line| (path.clone(), line.trim().to_owned())));
            }
        }
        found
    }

    /// Of everything that writes HTML.
    #[test]
    fn it_is_the_only_place_where_one_is_made() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let places = ["app/src", "server/src", "service/src", "service/templates"];
        let found: Vec<_> = places.iter().flat_map(|place| made_in(&crates.join(place))).collect();
        let here: Vec<_> = found.iter().map(|(path, _)| path.strip_prefix(crates).unwrap()).collect();
        assert_eq!(here, [Path::new("app/src/ui/text_area.rs")], "{found:?}");
    }
}
