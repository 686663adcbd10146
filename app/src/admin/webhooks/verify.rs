//! How a receiver knows that an event comes from here.

use leptos::prelude::*;

use crate::{
    admin::{clients::snippets::Snippet, frame::Panel},
    i18n::Text,
    ui::CopyButton,
};

/// The variable of the environment in which the snippets look for the secret.
const VARIABLE: &str = "WEBHOOK_SECRET";

/// The environment file with a secret.
pub fn env(secret: &str) -> String {
    format!("{VARIABLE}={secret}\n")
}

/// What a receiver does with a request, by the libraries of Standard Webhooks.
fn snippets() -> [Snippet; 2] {
    let javascript = format!(
        "import {{ Webhook }} from \"standardwebhooks\";\n\n\
         // The body as it came, byte for byte. Throws when the signature is not ours.\n\
         const event = new Webhook(process.env.{VARIABLE}).verify(rawBody, request.headers);\n"
    );
    let python = format!(
        "from standardwebhooks.webhooks import Webhook\n\n\
         # The body as it came, byte for byte. Raises when the signature is not ours.\n\
         event = Webhook(os.environ[\"{VARIABLE}\"]).verify(request.get_data(), request.headers)\n"
    );
    [
        Snippet { name: "JavaScript (standardwebhooks)", code: javascript },
        Snippet { name: "Python (standardwebhooks)", code: python },
    ]
}

#[component]
pub fn Verify(text: Text) -> impl IntoView {
    view! {
        <Panel title=text.endpoint_verify() body=text.endpoint_verify_body()>
            <div class="grid min-w-0 gap-2">
                {snippets()
                    .into_iter()
                    .map(|snippet| view! {
                        <details class="min-w-0 rounded-box border border-line" name="snippet">
                            <summary class="px-4 py-2.5 font-medium">{snippet.name}</summary>
                            <div class="grid min-w-0 gap-3 border-t border-line p-4">
                                <pre class="min-w-0 overflow-x-auto text-sm leading-relaxed" tabindex="0"><code>{snippet.code.clone()}</code></pre>
                                <div><CopyButton value=snippet.code text/></div>
                            </div>
                        </details>
                    })
                    .collect_view()}
            </div>
        </Panel>
    }
}
