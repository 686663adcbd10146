//! How a receiver knows that an event comes from here.

use leptos::prelude::*;

use crate::{
    admin::{
        frame::Panel,
        snippet::{Snippet, Snippets},
    },
    i18n::Text,
};

/// The variable of the environment in which the snippets look for the secret.
const VARIABLE: &str = "WEBHOOK_SECRET";

/// The environment file with a secret.
pub fn env(secret: &str) -> String {
    format!("{VARIABLE}={secret}\n")
}

/// What a receiver does with a request, by the libraries of Standard Webhooks.
fn snippets() -> Vec<Snippet> {
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
    vec![
        Snippet { name: "JavaScript (standardwebhooks)".into(), code: javascript },
        Snippet { name: "Python (standardwebhooks)".into(), code: python },
    ]
}

#[component]
pub fn Verify(text: Text) -> impl IntoView {
    view! {
        <Panel title=text.endpoint_verify() body=text.endpoint_verify_body()>
            <Snippets text all=snippets()/>
        </Panel>
    }
}
