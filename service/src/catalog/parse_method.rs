//! From the text of a sign-in method to what makes or changes it.

use domain::{
    Problem, Secret,
    identity::upstream::{Issuer, MethodPatch, NewMethod, UpstreamClientId, UpstreamKind, method::Setter},
    text::{Name, Slug},
};

use super::{MethodItem, file, parse::written_secret, place::Source};
use domain::{Flaw, Timestamp};

const TABLE: &str = "applications.sign_in_methods";

pub(super) fn method(source: &Source<'_>, raw: &file::SignInMethod) -> Result<MethodItem, Problem> {
    let key = |name: &str| format!("{TABLE}.{name}");
    let place = source.of(&raw.kind);
    let secret = written_secret(source, TABLE, &raw.client_secret, &raw.client_secret_file)?;
    let (secret, ..) = secret.ok_or_else(|| place.problem(TABLE, "needs client_secret or client_secret_file"))?;
    let new = NewMethod {
        kind: source.parse(&key("kind"), &raw.kind, UpstreamKind::parse)?,
        slug: source.parse_some(&key("slug"), raw.slug.as_ref(), Slug::parse)?,
        name: source.parse_some(&key("name"), raw.name.as_ref(), Name::parse)?,
        issuer: source.parse_some(&key("issuer"), raw.issuer.as_ref(), Issuer::parse)?,
        client_id: source.parse(&key("client_id"), &raw.client_id, UpstreamClientId::parse)?,
        client_secret: Secret::new(secret),
        enabled: raw.enabled.unwrap_or(true),
        trust_email: raw.trust_email,
    };
    // What is missing is found before anything is applied; a file is the operator's.
    let nil = uuid::Uuid::nil();
    let built = new.build(nil.into(), nil.into(), Setter::Superadmin, Timestamp::default()).map_err(|problem| {
        let name = match problem.fields.first().map(|field| field.field.as_str()) {
            Some("clientSecret") => key("client_secret"),
            Some(name) => key(name),
            None => TABLE.to_owned(),
        };
        place.problem(&name, Flaw::from(problem))
    })?;
    let patch = MethodPatch {
        name: new.name.clone(),
        issuer: new.issuer.clone(),
        client_id: Some(new.client_id.clone()),
        client_secret: Some(new.client_secret.clone()),
        enabled: Some(new.enabled),
        trust_email: raw.trust_email,
    };
    Ok(MethodItem { place, slug: built.slug, new, patch })
}
