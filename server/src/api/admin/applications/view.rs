use chrono::{DateTime, Utc};
use domain::{application::Application, billing::dunning::Dunning, oauth::client::Client, theme::Theme};
use serde::Serialize;
use service::Services;
use utoipa::ToSchema;
use uuid::Uuid;

/// The schedule of dunning, in days.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DunningView {
    /// Days after the first failed charge on which it is tried again, growing.
    #[schema(example = json!([1, 3, 5]))]
    retries: Vec<u8>,
    /// Days before an invoice is due on which people are reminded, falling.
    #[schema(example = json!([3, 0]))]
    remind_before: Vec<u8>,
    /// Days after that, growing.
    #[schema(example = json!([3, 6]))]
    remind_after: Vec<u8>,
}

impl From<&Dunning> for DunningView {
    fn from(dunning: &Dunning) -> Self {
        Self {
            retries: dunning.retries().to_vec(),
            remind_before: dunning.remind_before().to_vec(),
            remind_after: dunning.remind_after().to_vec(),
        }
    }
}

/// One product.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationView {
    id: Uuid,
    /// Permanent short name.
    #[schema(example = "acme")]
    slug: String,
    #[schema(example = "Acme")]
    name: String,
    description: String,
    /// Public name of the first client.
    client_id: Option<String>,
    /// Shown once: only in the answer that creates the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Redirect URIs of the first client.
    redirect_uris: Vec<String>,
    /// Where checkout and portal may send people back to.
    return_urls: Vec<String>,
    /// Whether somebody may become a member by signing in.
    allow_register: bool,
    is_mfa_required: bool,
    skip_consent: bool,
    allowed_scopes: Vec<&'static str>,
    /// The APIs for which its clients may ask access tokens.
    resources: Vec<String>,
    #[schema(value_type = Object)]
    theme_config: Theme,
    /// `en` or `id`: of pages and mails for people of whom no other language is known.
    default_locale: &'static str,
    /// `first_sign_in`, `always` or `never`.
    plan_selection: &'static str,
    /// What follows the end of a subscription: `none` or `default_plan`.
    on_end: &'static str,
    /// Days of features after a failed payment.
    grace_days: u8,
    dunning: DunningView,
    /// `none`, `sandbox`, `stripe` or `midtrans`.
    payment_provider: &'static str,
    url: Option<String>,
    icon: Option<String>,
    created_at: DateTime<Utc>,
}

impl ApplicationView {
    pub fn new(application: &Application, first: Option<&Client>) -> Self {
        let settings = &application.settings;
        Self {
            id: application.id.get(),
            slug: application.slug.to_string(),
            name: settings.name.to_string(),
            description: settings.description.to_string(),
            client_id: first.map(|client| client.client_id.to_string()),
            client_secret: None,
            redirect_uris: first.map(|client| texts(&client.settings.redirect_uris)).unwrap_or_default(),
            return_urls: settings.return_urls.iter().map(|url| url.as_str().to_owned()).collect(),
            allow_register: settings.allow_register,
            is_mfa_required: settings.is_mfa_required,
            skip_consent: settings.skip_consent,
            allowed_scopes: settings.allowed_scopes.iter().map(|scope| scope.as_str()).collect(),
            resources: settings.resources.iter().map(ToString::to_string).collect(),
            theme_config: settings.theme.clone(),
            default_locale: settings.default_locale.tag(),
            plan_selection: settings.plan_selection.as_str(),
            on_end: settings.on_end.as_str(),
            grace_days: settings.grace_days,
            dunning: (&settings.dunning).into(),
            payment_provider: settings.provider.as_str(),
            url: settings.url.as_ref().map(|url| url.as_str().to_owned()),
            icon: settings.icon.as_ref().map(|url| url.as_str().to_owned()),
            created_at: application.created_at,
        }
    }

    pub fn with_secret(self, secret: &str) -> Self {
        Self { client_secret: Some(secret.to_owned()), ..self }
    }

    /// The application with its first client, as the directory knows them now.
    pub fn load(services: &Services, application: &Application) -> Self {
        let directory = services.directory();
        let own = directory.clients.values().filter(|entry| entry.client.application_id == application.id);
        Self::new(application, own.min_by_key(|entry| entry.client.id).map(|entry| &entry.client))
    }
}

fn texts(uris: &domain::oauth::redirect_uri::RedirectUris) -> Vec<String> {
    uris.0.iter().map(ToString::to_string).collect()
}

#[derive(Serialize, ToSchema)]
pub struct ApplicationBody {
    pub application: ApplicationView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationList {
    pub applications: Vec<ApplicationView>,
    pub next_cursor: Option<String>,
}
