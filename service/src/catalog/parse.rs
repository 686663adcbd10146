//! From the file's text to a catalog whose every value is valid.

use std::{fs, path::Path};

use domain::{
    Currency, ErrorCode, FieldError, Flaw, Locale, Money, Problem, Secret,
    application::{self, OnEnd, PlanSelection, Provider, ReturnUrl, SettingsPatch},
    billing::{
        dunning::Dunning,
        feature::Features,
        plan::{PlanKey, PlanName, PlanPatch},
        price::{self, Interval, NewPrice, PriceName},
    },
    identity::{email::Email, password::Password, user::GlobalRole},
    oauth::{
        client::{ClientId, ClientPatch, ClientType, GrantType, SigningAlg},
        client_keys::ClientUri,
        redirect_uri::{RedirectUri, RedirectUris},
        resource::Resource,
        scope::{Scope, ScopeSet},
    },
    text::{Description, Name, Slug},
    theme::{Theme, WebUrl},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;
use toml::Spanned;

use super::{
    ApplicationItem, Catalog, ClientItem, Credential, PlanItem, PriceItem, UserItem, file,
    file::Text,
    parse_coupon, parse_method,
    place::{Once, Place, Source},
};
use crate::identity::passwords::check_phc;

/// Keys whose values no message repeats.
const SECRETS: &[&str] = &["client_secret", "password", "password_hash"];
/// Fewest characters of a client secret in a file.
const SECRET: usize = 32;

impl Catalog {
    /// Reads a catalog. `file` is its path, for messages and for files that it names.
    ///
    /// # Errors
    /// `APP_001` with file, line and key: a syntax error, an unknown key, a value that is not valid, a name that
    /// stands there twice.
    pub fn parse(text: &str, file: &str) -> Result<Self, Problem> {
        let source = Source { file, text };
        let raw: file::File = read(&source)?;
        let (mut slugs, mut client_ids, mut emails) = (Once::default(), Once::default(), Once::default());
        let mut catalog = Self { seed: false, applications: Vec::new(), users: Vec::new() };
        for raw in raw.applications {
            slugs.insert("applications.slug", raw.slug.as_ref(), source.of(&raw.slug))?;
            catalog.applications.push(application(&source, raw, &mut client_ids)?);
        }
        for raw in raw.users {
            let item = user(&source, &raw)?;
            emails.insert("users.email", item.email.as_str(), source.of(&raw.email))?;
            catalog.users.push(item);
        }
        Ok(catalog)
    }
}

/// Reads the keys and the types of their values.
fn read(source: &Source<'_>) -> Result<file::File, Problem> {
    let problem = |key: &str, error: &toml::de::Error| {
        let place = source.place(&error.span().unwrap_or_default());
        let is_secret = key.rsplit('.').next().is_some_and(|key| SECRETS.contains(&key));
        let message = if is_secret { "must be text" } else { error.message().trim() };
        match key {
            "" => Problem::new(ErrorCode::InvalidInput, format!("{place}: {message}")),
            key => place.problem(key, message),
        }
    };
    let deserializer = toml::Deserializer::parse(source.text).map_err(|error| problem("", &error))?;
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        // Of lists only the name, and nothing of how `Spanned` reads itself.
        let keys = error.path().iter().filter_map(|segment| match segment {
            Segment::Map { key } if !key.starts_with('$') => Some(key.as_str()),
            _ => None,
        });
        let key = keys.collect::<Vec<_>>().join(".");
        problem(&key, error.inner())
    })
}

fn application(source: &Source<'_>, raw: file::Application, ids: &mut Once) -> Result<ApplicationItem, Problem> {
    let key = |name: &str| format!("applications.{name}");
    let web_url = |name: &str, raw: &Option<_>| source.parse_some(&key(name), raw.as_ref(), WebUrl::parse);
    let scope = |text: &str| Scope::parse(text).ok_or_else(|| format!("{text} is no scope"));
    let scopes = source.parse_all::<_, _, ScopeSet>(&key("allowed_scopes"), raw.allowed_scopes.as_ref(), scope)?;
    let grace_days = raw.grace_days.as_ref().map(|days| {
        application::parse_grace_days(*days.as_ref())
            .map_err(|e| source.of(days).problem(&key("grace_days"), e.fields[0].flaw.clone()))
    });
    let dunning = raw.dunning.as_ref().map(|dunning| {
        Dunning::parse(json(source, &key("dunning"), dunning)?).map_err(|e| {
            let FieldError { field, flaw } = &e.fields[0];
            let name = match field.as_str() {
                "retries" => "dunning.retries",
                "remindBefore" => "dunning.remind_before",
                "remindAfter" => "dunning.remind_after",
                _ => "dunning",
            };
            source.of(dunning).problem(&key(name), flaw)
        })
    });
    let theme = raw.theme.as_ref().map(|theme| {
        Theme::parse(json(source, &key("theme"), theme)?).map_err(|e| match e.into() {
            Flaw::Of(name, flaw) => source.of(theme).problem(&key(&format!("theme.{name}")), flaw),
            flaw => source.of(theme).problem(&key("theme"), flaw),
        })
    });
    let mut item = ApplicationItem {
        place: source.of(&raw.slug),
        seed: false,
        slug: source.parse(&key("slug"), &raw.slug, Slug::parse)?,
        name: source.parse(&key("name"), &raw.name, Name::parse)?,
        settings: SettingsPatch {
            name: Some(source.parse(&key("name"), &raw.name, Name::parse)?),
            description: source.parse_some(&key("description"), raw.description.as_ref(), Description::parse)?,
            allow_register: raw.allow_register,
            is_mfa_required: raw.is_mfa_required,
            skip_consent: raw.skip_consent,
            allowed_scopes: scopes,
            resources: source.addresses(&key("resources"), raw.resources.as_ref(), Resource::parse)?,
            theme: theme.transpose()?,
            default_locale: source.parse_some(&key("default_locale"), raw.default_locale.as_ref(), Locale::parse)?,
            plan_selection: source.parse_some(
                &key("plan_selection"),
                raw.plan_selection.as_ref(),
                PlanSelection::parse,
            )?,
            on_end: source.parse_some(&key("on_end"), raw.on_end.as_ref(), OnEnd::parse)?,
            grace_days: grace_days.transpose()?,
            dunning: dunning.transpose()?,
            provider: source.parse_some(&key("payment_provider"), raw.payment_provider.as_ref(), Provider::parse)?,
            return_urls: source.addresses(&key("return_urls"), raw.return_urls.as_ref(), ReturnUrl::parse)?,
            url: web_url("url", &raw.url)?.map(Some),
            icon: web_url("icon", &raw.icon)?.map(Some),
        },
        clients: Vec::new(),
        plans: Vec::new(),
        coupons: Vec::new(),
        sign_in_methods: Vec::new(),
    };
    let mut names = Once::default();
    for raw in &raw.clients {
        if let Some(id) = &raw.client_id {
            ids.insert("applications.clients.client_id", id.as_ref(), source.of(id))?;
        } else {
            names.insert("applications.clients.name", raw.name.as_ref(), source.of(&raw.name))?;
        }
        item.clients.push(client(source, raw)?);
    }
    let (mut keys, mut names, mut default) = (Once::default(), Once::default(), Once::default());
    let mut links = Once::default();
    for raw in raw.plans {
        keys.insert("applications.plans.key", raw.key.as_ref(), source.of(&raw.key))?;
        names.insert("applications.plans.name", raw.name.as_ref().trim(), source.of(&raw.name))?;
        if let Some(flag) = raw.default.as_ref().filter(|flag| *flag.as_ref()) {
            default.insert("applications.plans.default", "the default plan", source.of(flag))?;
        }
        let plan = plan(source, raw)?;
        for price in &plan.prices {
            if let Some(link) = &price.new.stripe_price_id {
                links.insert("applications.plans.prices.stripe_price_id", link, price.place.clone())?;
            }
        }
        item.plans.push(plan);
    }
    let mut codes = Once::default();
    for raw in &raw.coupons {
        let coupon = parse_coupon::coupon(source, raw)?;
        codes.insert("applications.coupons.code", coupon.new.code.as_str(), source.of(&raw.code))?;
        item.coupons.push(coupon);
    }
    let mut slugs = Once::default();
    for raw in &raw.sign_in_methods {
        let method = parse_method::method(source, raw)?;
        slugs.insert("applications.sign_in_methods.slug", method.slug.as_str(), method.place.clone())?;
        item.sign_in_methods.push(method);
    }
    Ok(item)
}

fn client(source: &Source<'_>, raw: &file::Client) -> Result<ClientItem, Problem> {
    let key = |name: &str| format!("applications.clients.{name}");
    let kind = |text: &str| ClientType::parse(text).ok_or_else(|| "must be confidential or public".to_owned());
    let grant = |text: &str| GrantType::parse(text).ok_or_else(|| format!("{text} is no grant"));
    let uris = |name: &str, raw: &Option<Vec<_>>| {
        let uris = source.addresses(&key(name), raw.as_ref(), RedirectUri::parse)?;
        Ok::<_, Problem>(uris.map(RedirectUris))
    };
    let kind = source.parse_some(&key("type"), raw.kind.as_ref(), kind)?.unwrap_or(ClientType::Confidential);
    let name = source.parse(&key("name"), &raw.name, Name::parse)?;
    Ok(ClientItem {
        place: source.of(&raw.name),
        client_id: source.parse_some(&key("client_id"), raw.client_id.as_ref(), ClientId::parse)?,
        secret: secret(source, raw, kind)?,
        kind,
        settings: ClientPatch {
            name: Some(name.clone()),
            redirect_uris: uris("redirect_uris", &raw.redirect_uris)?,
            post_logout_redirect_uris: uris("post_logout_redirect_uris", &raw.post_logout_redirect_uris)?,
            grants: source.parse_all(&key("grants"), raw.grants.as_ref(), grant)?,
            require_pkce: raw.require_pkce,
            skip_consent: raw.skip_consent,
            id_token_alg: source.parse_some(&key("id_token_alg"), raw.id_token_alg.as_ref(), SigningAlg::parse)?,
            custom_claims: raw.custom_claims,
            // What the file does not name has no keys: they are as much of the client's identity as its secret.
            keys: Some(raw.keys.as_ref().map(|table| fields(source, &key("keys"), table)).transpose()?),
            require_pushed: raw.require_pushed_authorization_requests,
            dpop_bound: raw.dpop_bound_access_tokens,
            backchannel_logout_uri: source
                .parse_some(&key("backchannel_logout_uri"), raw.backchannel_logout_uri.as_ref(), ClientUri::parse)?
                .map(Some),
        },
        name,
    })
}

fn secret(source: &Source<'_>, raw: &file::Client, kind: ClientType) -> Result<Option<Secret>, Problem> {
    let written = written_secret(source, "applications.clients", &raw.client_secret, &raw.client_secret_file)?;
    let Some((text, key, place)) = written else { return Ok(None) };
    if kind == ClientType::Public {
        return Err(place.problem(&key, "a public client has no secret"));
    }
    if text.chars().count() < SECRET || !text.is_ascii() {
        return Err(place.problem(&key, format!("must have at least {SECRET} characters of ASCII")));
    }
    let secret = Secret::new(text);
    if !secret.is_varied() {
        return Err(place.problem(&key, "must be random; `openssl rand -base64 32` makes one"));
    }
    Ok(Some(secret))
}

/// A secret that stands in the file or in one beside it, with its key and place; `None` for neither.
pub(super) fn written_secret(
    source: &Source<'_>,
    table: &str,
    secret: &Option<Text>,
    path: &Option<Text>,
) -> Result<Option<(String, String, Place)>, Problem> {
    let (key, file_key) = (format!("{table}.client_secret"), format!("{table}.client_secret_file"));
    Ok(match (secret, path) {
        (None, None) => None,
        (Some(secret), None) => Some((secret.as_ref().clone(), key, source.of(secret))),
        (None, Some(path)) => {
            let place = source.of(path);
            let beside = Path::new(source.file).parent().unwrap_or(Path::new("")).join(path.as_ref());
            let text = fs::read_to_string(&beside).map_err(|error| place.problem(&file_key, error))?;
            Some((text.trim_end_matches(['\n', '\r']).to_owned(), file_key, place))
        }
        (Some(_), Some(path)) => return Err(source.of(path).problem(&file_key, "client_secret is there as well")),
    })
}

fn plan(source: &Source<'_>, raw: file::Plan) -> Result<PlanItem, Problem> {
    let key = |name: &str| format!("applications.plans.{name}");
    let features = raw.features.as_ref().map(|features| {
        Features::parse(json(source, &key("features"), features)?)
            .map_err(|e| source.of(features).problem(&key("features"), e.fields[0].flaw.clone()))
    });
    let mut item = PlanItem {
        place: source.of(&raw.key),
        key: source.parse(&key("key"), &raw.key, PlanKey::parse)?,
        name: source.parse(&key("name"), &raw.name, PlanName::parse)?,
        patch: PlanPatch {
            name: Some(source.parse(&key("name"), &raw.name, PlanName::parse)?),
            description: source.parse_some(&key("description"), raw.description.as_ref(), Description::parse)?,
            features: features.transpose()?,
            is_default: raw.default.map(Spanned::into_inner),
            is_listed: raw.listed,
            position: raw.position,
            archived: Some(false),
            stripe_product_id: raw.stripe_product_id.map(Some),
            shown_price: None,
        },
        prices: Vec::new(),
    };
    let mut names = Once::default();
    for raw in &raw.prices {
        let price = price(source, raw)?;
        names.insert("applications.plans.prices.name", price.new.name.as_str(), source.of(&raw.name))?;
        item.prices.push(price);
    }
    Ok(item)
}

fn price(source: &Source<'_>, raw: &file::Price) -> Result<PriceItem, Problem> {
    let key = |name: &str| format!("applications.plans.prices.{name}");
    let currency = source.parse(&key("currency"), &raw.currency, Currency::parse)?;
    let money = Money::new(*raw.amount.as_ref(), currency)
        .map_err(|e| source.of(&raw.amount).problem(&key("amount"), e.fields[0].flaw.clone()))?;
    let trial_days = raw.trial_days.as_ref().map(|days| {
        price::parse_trial_days(*days.as_ref())
            .map_err(|e| source.of(days).problem(&key("trial_days"), e.fields[0].flaw.clone()))
    });
    Ok(PriceItem {
        place: source.of(&raw.name),
        new: NewPrice {
            name: source.parse(&key("name"), &raw.name, PriceName::parse)?,
            money,
            interval: source.parse_some(&key("interval"), raw.interval.as_ref(), Interval::parse)?.unwrap_or_default(),
            trial_days: trial_days.transpose()?,
            stripe_price_id: raw.stripe_price_id.clone(),
        },
    })
}

fn user(source: &Source<'_>, raw: &file::User) -> Result<UserItem, Problem> {
    let key = |name: &str| format!("users.{name}");
    let place = source.of(&raw.email);
    let hash = |text: &str| check_phc(text).map(|()| Credential::Hash(text.to_owned()));
    let credential = match (&raw.password, &raw.password_hash) {
        (Some(text), None) => {
            source.parse(&key("password"), text, |text| Password::parse(text).map(Credential::Password))?
        }
        (None, Some(text)) => source.parse(&key("password_hash"), text, hash)?,
        (None, None) => return Err(place.problem("users", "needs password or password_hash")),
        (Some(_), Some(hash)) => {
            return Err(source.of(hash).problem(&key("password_hash"), "password is there as well"));
        }
    };
    let role = |text: &str| GlobalRole::parse(text).ok_or_else(|| "must be user, admin or superadmin".to_owned());
    let mut once = Once::default();
    let mut applications = Vec::new();
    for slug in &raw.applications {
        once.insert(&key("applications"), slug.as_ref(), source.of(slug))?;
        applications.push((source.of(slug), source.parse(&key("applications"), slug, Slug::parse)?));
    }
    Ok(UserItem {
        email: source.parse(&key("email"), &raw.email, Email::parse)?,
        place,
        credential,
        name: source.parse_some(&key("name"), raw.name.as_ref(), Name::parse)?,
        email_verified: raw.email_verified,
        role: source.parse_some(&key("role"), raw.role.as_ref(), role)?,
        locale: source.parse_some(&key("locale"), raw.locale.as_ref(), Locale::parse)?,
        profile: raw.profile.as_ref().map(|table| fields(source, &key("profile"), table)).transpose()?,
        applications,
    })
}

/// A table as a value of the domain, which spells its fields as the API does.
fn fields<T: DeserializeOwned>(source: &Source<'_>, key: &str, table: &Spanned<toml::Table>) -> Result<T, Problem> {
    let fields = camel(json(source, key, table)?);
    serde_json::from_value(fields).map_err(|error| source.of(table).problem(key, error))
}

/// Keys such as `given_name` as `givenName`, all the way down.
fn camel(value: Value) -> Value {
    let object = match value {
        Value::Object(object) => object,
        Value::Array(items) => return items.into_iter().map(camel).collect(),
        value => return value,
    };
    let key = |name: String| {
        let mut parts = name.split('_');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |key, part| {
            let mut letters = part.chars();
            key + &letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
        })
    };
    object.into_iter().map(|(name, value)| (key(name), camel(value))).collect()
}

fn json(source: &Source<'_>, key: &str, table: &Spanned<toml::Table>) -> Result<Value, Problem> {
    to_json(&toml::Value::Table(table.as_ref().clone())).map_err(|message| source.of(table).problem(key, message))
}

fn to_json(value: &toml::Value) -> Result<Value, &'static str> {
    Ok(match value {
        toml::Value::String(text) => Value::from(text.clone()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => {
            Value::Number(serde_json::Number::from_f64(*number).ok_or("has a number out of range")?)
        }
        toml::Value::Boolean(flag) => Value::from(*flag),
        toml::Value::Datetime(moment) => Value::from(moment.to_string()),
        toml::Value::Array(items) => Value::Array(items.iter().map(to_json).collect::<Result<_, _>>()?),
        toml::Value::Table(table) => {
            let pairs = table.iter().map(|(key, value)| Ok((key.clone(), to_json(value)?)));
            Value::Object(pairs.collect::<Result<_, &'static str>>()?)
        }
    })
}
