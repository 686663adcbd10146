//! A file that says which applications, plans, coupons and users there are.

mod applying;
mod coupons;
mod prices;
mod secrets;

use service::{
    Ctx,
    catalog::{Catalog, Changes},
    directory::ApplicationEntry,
    testing::TestServices,
};

const CATALOG: &str = r##"
[[applications]]
slug = "acme"
name = "Acme"
allow_register = true
plan_selection = "first_sign_in"          # always | never
payment_provider = "none"                 # sandbox | stripe | midtrans
return_urls = ["http://127.0.0.1:9300/"]  # where checkout and portal may send people back to
theme = { brand = "#4f46e5", radius = "8px", font = "system" }

[[applications.clients]]
name = "Web"
client_id = "acme-web"                    # generated when left out
client_secret = "a-secret-of-32-characters-or-more"   # generated and printed once when left out; or client_secret_file
type = "confidential"                     # public
redirect_uris = ["http://127.0.0.1:9300/callback"]
post_logout_redirect_uris = ["http://127.0.0.1:9300/"]
grants = ["authorization_code", "refresh_token", "client_credentials"]
require_pkce = true
skip_consent = true
id_token_alg = "RS256"                    # ES256 | EdDSA

[[applications.plans]]
key = "pro"
name = "Pro"
description = "Full access"
default = false
features = { maxProjects = 50, exportEnabled = true, storageGb = 100 }
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
interval = "month"                        # year | one_time
trial_days = 14

[[applications.plans]]
key = "free"
name = "Free"
default = true

[[users]]
email = "user@example.com"
password = "correct horse battery staple" # or password_hash (argon2 PHC string)
name = "Example user"
email_verified = true
role = "user"                             # admin | superadmin
applications = ["acme"]
"##;

async fn apply(test: &TestServices, text: &str) -> Changes {
    let catalog = Catalog::parse(text, "catalog.toml").unwrap_or_else(|e| panic!("{e}"));
    test.services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap()
}

fn lines(changes: &Changes) -> Vec<String> {
    changes.list.iter().map(ToString::to_string).collect()
}

fn acme(test: &TestServices) -> std::sync::Arc<ApplicationEntry> {
    test.services.directory().by_slug("acme").cloned().unwrap()
}
