//! Endpoints: where an application wants to be told, and of what.

use serde::{Deserialize, Serialize};

use super::event::EventType;
use crate::{
    Flaw, Problem, Timestamp,
    id::{ApplicationId, WebhookEndpointId},
    oauth::client_keys::ClientUri,
    text::{bounded, list},
};

/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 200;

/// An address of an application's own that is told of events. Its secret never leaves the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: WebhookEndpointId,
    pub application_id: ApplicationId,
    pub url: ClientUri,
    /// At most [`MAX_DESCRIPTION`] characters; may be empty.
    pub description: String,
    /// What it is told of, sorted and without repeats. Empty: every event.
    pub events: Vec<EventType>,
    pub state: EndpointState,
    /// What may be shown of its secret: its prefix and last four characters.
    pub hint: String,
    pub created_at: Timestamp,
}

impl Endpoint {
    /// Where it is: the host of its address, such as `app.example`.
    pub fn host(&self) -> String {
        let url = url::Url::parse(self.url.as_str()).ok();
        url.as_ref().and_then(url::Url::host_str).unwrap_or(self.url.as_str()).to_owned()
    }

    /// Whether it is told of such an event; of nothing while it is disabled.
    pub fn wants(&self, event: EventType) -> bool {
        let asked_for = self.events.is_empty() || event == EventType::Test || self.events.contains(&event);
        self.state.is_enabled() && asked_for
    }
}

/// Whether an endpoint is told at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    Enabled,
    Disabled { at: Timestamp, cause: DisabledBy },
}

impl EndpointState {
    pub const fn is_enabled(self) -> bool {
        matches!(self, Self::Enabled)
    }
}

/// Who wants no more of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisabledBy {
    Admin,
    /// The receiver itself: it answered 410.
    Gone,
}

impl DisabledBy {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Gone => "gone",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Admin, Self::Gone].into_iter().find(|cause| cause.as_str() == text)
    }
}

/// An endpoint that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEndpoint {
    pub url: ClientUri,
    pub description: String,
    pub events: Vec<EventType>,
}

impl NewEndpoint {
    /// # Errors
    /// `APP_001` on the field at fault: `url`, `description` or `events`.
    pub fn parse(url: &str, description: &str, events: &[String]) -> Result<Self, Problem> {
        Ok(Self { url: parse_url(url)?, description: parse_description(description)?, events: parse_events(events)? })
    }
}

/// A partial change of an endpoint: `None` leaves a setting as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointChange {
    pub url: Option<ClientUri>,
    pub description: Option<String>,
    pub events: Option<Vec<EventType>>,
    pub enabled: Option<bool>,
}

impl EndpointChange {
    /// # Errors
    /// As [`NewEndpoint::parse`].
    pub fn parse(
        url: Option<&str>,
        description: Option<&str>,
        events: Option<&[String]>,
        enabled: Option<bool>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            url: url.map(parse_url).transpose()?,
            description: description.map(parse_description).transpose()?,
            events: events.map(parse_events).transpose()?,
            enabled,
        })
    }

    /// `endpoint` after this change, which an admin makes at `now`. One that is disabled already stays so since then,
    /// and by whom it was.
    pub fn apply(self, endpoint: &Endpoint, now: Timestamp) -> Endpoint {
        let old = endpoint.clone();
        let state = match (self.enabled, old.state) {
            (Some(true), _) => EndpointState::Enabled,
            (Some(false), EndpointState::Enabled) => EndpointState::Disabled { at: now, cause: DisabledBy::Admin },
            (_, state) => state,
        };
        Endpoint {
            url: self.url.unwrap_or(old.url),
            description: self.description.unwrap_or(old.description),
            events: self.events.unwrap_or(old.events),
            state,
            ..old
        }
    }
}

fn parse_url(text: &str) -> Result<ClientUri, Problem> {
    ClientUri::parse(text.trim()).map_err(|flaw| Problem::field("url", flaw))
}

fn parse_description(text: &str) -> Result<String, Problem> {
    bounded(text, 0, MAX_DESCRIPTION).map_err(|flaw| Problem::field("description", flaw))
}

fn parse_events(names: &[String]) -> Result<Vec<EventType>, Problem> {
    let known = || Flaw::OneOf(list(EventType::SUBSCRIBABLE.iter().map(|event| event.as_str())).into());
    let parse = |name: &String| {
        let event = EventType::parse(name).filter(|event| EventType::SUBSCRIBABLE.contains(event));
        event.ok_or_else(|| Problem::field("events", known().of(name)))
    };
    let mut events = names.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    events.sort_unstable();
    events.dedup();
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn endpoint(events: &[EventType]) -> Endpoint {
        Endpoint {
            id: uuid::Uuid::nil().into(),
            application_id: uuid::Uuid::nil().into(),
            url: ClientUri::parse("https://app.example/hook").unwrap(),
            description: String::new(),
            events: events.into(),
            state: EndpointState::Enabled,
            hint: "whsec_…abcd".into(),
            created_at: moment(0),
        }
    }

    #[test]
    fn an_endpoint_wants_what_it_asked_for() {
        let all = endpoint(&[]);
        assert!(EventType::SUBSCRIBABLE.iter().all(|event| all.wants(*event)));
        let some = endpoint(&[EventType::UserCreated]);
        assert!(some.wants(EventType::UserCreated) && some.wants(EventType::Test));
        assert!(!some.wants(EventType::PaymentFailed));
        let off = EndpointChange { enabled: Some(false), ..EndpointChange::default() }.apply(&all, moment(1));
        assert!(!off.wants(EventType::UserCreated) && !off.wants(EventType::Test));
    }

    #[test]
    fn an_endpoint_is_called_by_its_host() {
        assert_eq!(endpoint(&[]).host(), "app.example");
        let url = ClientUri::parse("http://127.0.0.1:9300/hook").unwrap();
        assert_eq!(Endpoint { url, ..endpoint(&[]) }.host(), "127.0.0.1");
    }

    #[test]
    fn what_is_off_stays_off_since_then() {
        let gone = EndpointState::Disabled { at: moment(5), cause: DisabledBy::Gone };
        let before = Endpoint { state: gone, ..endpoint(&[]) };
        let change = |enabled| EndpointChange { enabled, ..EndpointChange::default() };
        assert_eq!(change(Some(false)).apply(&before, moment(9)).state, gone);
        assert_eq!(change(None).apply(&before, moment(9)).state, gone);
        let on = change(Some(true)).apply(&before, moment(9));
        assert_eq!(on.state, EndpointState::Enabled);
        let off = EndpointState::Disabled { at: moment(9), cause: DisabledBy::Admin };
        assert_eq!(change(Some(false)).apply(&on, moment(9)).state, off);
        for cause in [DisabledBy::Admin, DisabledBy::Gone] {
            assert_eq!(DisabledBy::parse(cause.as_str()), Some(cause));
        }
    }

    #[test]
    fn input_is_sorted_and_bounded() {
        let names = ["payment.failed", "user.created", "payment.failed"].map(String::from);
        let new = NewEndpoint::parse(" https://app.example/hook ", " For tests ", &names).unwrap();
        assert_eq!(new.url.as_str(), "https://app.example/hook");
        assert_eq!(new.description, "For tests");
        assert_eq!(new.events, [EventType::UserCreated, EventType::PaymentFailed]);
        let long = "x".repeat(MAX_DESCRIPTION + 1);
        let field = |url: &str, description: &str, event: &str| {
            let problem = NewEndpoint::parse(url, description, &[event.to_owned()]).unwrap_err();
            problem.fields[0].field.clone()
        };
        assert_eq!(field("http://app.example/", "", "user.created"), "url");
        assert_eq!(field("https://app.example/", &long, "user.created"), "description");
        assert_eq!(field("https://app.example/", "", "user.deleted"), "events");
        assert_eq!(field("https://app.example/", "", "webhook.test"), "events");
    }
}
