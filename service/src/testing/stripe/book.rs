//! The account's books of one mode: its objects, its events, its time.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    form::Params,
    refusal::{Answered, Refusal},
    shape,
};

/// Everything of one mode. Live and test objects never meet.
pub(super) struct Book {
    pub live: bool,
    /// Seconds since the epoch.
    pub now: i64,
    /// What the account chose; see [`super::Rules`].
    pub rules: super::Rules,
    /// Where the hosted pages are.
    pub pages: String,
    /// The key of the request that is being answered, for its events.
    pub idempotency_key: Option<String>,
    objects: HashMap<String, Value>,
    /// How many objects were ever made.
    made: usize,
    /// The ids of each kind, oldest first.
    kinds: HashMap<String, Vec<String>>,
    /// Whether anything may have become due since somebody looked.
    pub touched: bool,
    /// Events that have not been fetched for delivery.
    pub outbox: Vec<Value>,
    pub settled: HashMap<String, super::idempotency::Settled>,
}

impl Book {
    pub fn new(live: bool, now: i64) -> Self {
        Self {
            live,
            now,
            rules: super::Rules::default(),
            pages: "https://checkout.stripe.com".into(),
            idempotency_key: None,
            objects: HashMap::new(),
            made: 0,
            kinds: HashMap::new(),
            touched: false,
            outbox: Vec::new(),
            settled: HashMap::new(),
        }
    }

    pub fn mode(&self) -> &'static str {
        if self.live { "live" } else { "test" }
    }

    /// A new id: `cus_T00000001`.
    pub fn new_id(&self, prefix: &str) -> String {
        format!("{prefix}_{}{:08}", if self.live { 'L' } else { 'T' }, self.made + 1)
    }

    /// Keeps a new object, its id and moment filled in where the caller left them out.
    pub fn add(&mut self, prefix: &str, mut object: Value) -> String {
        let id = object["id"].as_str().map_or_else(|| self.new_id(prefix), str::to_owned);
        object["id"] = id.as_str().into();
        for (key, value) in [("created", json!(self.now)), ("livemode", json!(self.live))] {
            if object.get(key).is_some() {
                object[key] = value;
            }
        }
        self.made += 1;
        self.touched = true;
        self.kinds.entry(text(&object, "object")).or_default().push(id.clone());
        self.objects.insert(id.clone(), object);
        id
    }

    /// Makes an object, keeps it, and tells of it.
    pub fn create(&mut self, prefix: &str, object: Value, event: &str) -> String {
        let id = self.add(prefix, object);
        self.emit(event, &self.get(&id).clone());
        id
    }

    /// An object by its id; null when there is none.
    pub fn get(&self, id: &str) -> &Value {
        self.objects.get(id).unwrap_or(&Value::Null)
    }

    pub fn find(&self, kind: &str, id: &str) -> Answered<&Value> {
        let found = self.objects.get(id).filter(|object| object["object"] == kind);
        found.filter(|object| object["deleted"] != true).ok_or_else(|| Refusal::absent(kind, id))
    }

    /// An object that a parameter names: a wrong one is 400, not 404.
    pub fn named(&self, kind: &str, id: &str, param: &str) -> Answered<&Value> {
        let refuse = |refusal: Refusal| Refusal { status: http::StatusCode::BAD_REQUEST, ..refusal }.param(param);
        self.find(kind, id).map_err(refuse)
    }

    /// Changes an object without an event.
    pub fn set(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        if let Some(object) = self.objects.get_mut(id) {
            self.touched = true;
            change(object);
        }
    }

    /// Changes an object and tells of it, with what it was before. Nothing changed, nothing told.
    pub fn change(&mut self, id: &str, event: &str, change: impl FnOnce(&mut Value)) {
        let before = self.get(id).clone();
        self.set(id, change);
        let after = self.get(id).clone();
        let fields = before.as_object().into_iter().flatten();
        let previous: Value =
            fields.filter(|(key, old)| after[*key] != **old).map(|(key, old)| (key.clone(), old.clone())).collect();
        if previous.as_object().is_some_and(|fields| !fields.is_empty()) {
            self.tell(event, &after, Some(previous));
        }
    }

    pub fn remove(&mut self, id: &str) -> Value {
        self.objects.remove(id).unwrap_or_default()
    }

    pub fn emit(&mut self, event: &str, object: &Value) {
        self.tell(event, object, None);
    }

    fn tell(&mut self, event: &str, object: &Value, previous: Option<Value>) {
        let version = self.rules.webhook_version;
        let mut data = json!({ "object": shape::dress(object, version) });
        if let Some(previous) = previous {
            data["previous_attributes"] = shape::dress(&previous, version);
        }
        let fields = json!({
            "api_version": version,
            "data": data,
            "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": self.idempotency_key },
            "type": event,
        });
        let id = self.add("evt", shape::make("event", fields));
        self.outbox.push(self.get(&id).clone());
    }

    /// Objects of a kind, oldest first.
    pub fn all<'a>(&'a self, kind: &'a str) -> impl DoubleEndedIterator<Item = &'a Value> + 'a {
        let kept = self.kinds.get(kind).into_iter().flatten();
        kept.filter_map(|id| self.objects.get(id)).filter(|object| object["deleted"] != true)
    }

    /// The ids of those of a kind that pass.
    pub fn ids(&self, kind: &str, test: impl Fn(&Value) -> bool) -> Vec<String> {
        self.all(kind).filter(|object| test(object)).map(|object| text(object, "id")).collect()
    }

    /// A page of objects, newest first, as every list of Stripe pages.
    pub fn page(&self, kind: &str, url: &str, params: &Params, test: impl Fn(&Value) -> bool) -> Answered<Value> {
        let limit = params.int("limit")?.unwrap_or(10);
        if !(1..=100).contains(&limit) {
            return Err(Refusal::invalid("This value must be between 1 and 100.").param("limit"));
        }
        let created = |object: &Value| {
            let at = object["created"].as_i64().unwrap_or_default();
            let within = |path: &str, holds: fn(i64, i64) -> bool| {
                Ok::<_, Refusal>(params.int(path)?.is_none_or(|bound| holds(at, bound)))
            };
            Ok::<_, Refusal>(
                within("created.gt", |at, bound| at > bound)?
                    && within("created.gte", |at, bound| at >= bound)?
                    && within("created.lt", |at, bound| at < bound)?
                    && within("created.lte", |at, bound| at <= bound)?,
            )
        };
        let mut found = Vec::new();
        for object in self.all(kind).rev().filter(|object| test(object)) {
            if created(object)? {
                found.push(object);
            }
        }
        let position = |path: &str| -> Answered<Option<usize>> {
            let Some(id) = params.text(path) else { return Ok(None) };
            let position = found.iter().position(|object| object["id"] == id);
            position.map(Some).ok_or_else(|| Refusal::absent(kind, id).param(path))
        };
        let (after, before) = (position("starting_after")?, position("ending_before")?);
        let limit = limit as usize;
        let (start, end) = match (after, before) {
            (_, Some(before)) => (before.saturating_sub(limit), before),
            (Some(after), None) => (after + 1, (after + 1 + limit).min(found.len())),
            (None, None) => (0, limit.min(found.len())),
        };
        let has_more = if before.is_some() { start > 0 } else { end < found.len() };
        let data: Vec<_> = found[start..end].iter().map(|object| (*object).clone()).collect();
        Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
    }

    /// Puts objects in the place of their ids along a path such as `data.latest_invoice`.
    pub fn expand(&self, value: &mut Value, path: &str) -> Answered<()> {
        let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
        if let Value::Array(values) = value {
            return values.iter_mut().try_for_each(|value| self.expand(value, path));
        }
        let hidden = &value[format!("_{head}")];
        if !hidden.is_null() {
            value[head] = hidden.clone();
        }
        if value.get(head).is_none() {
            return Err(Refusal::invalid(&format!("This property cannot be expanded ({head}).")).param("expand"));
        }
        let below = &mut value[head];
        match below {
            Value::String(id) if self.objects.contains_key(id) => *below = self.get(id).clone(),
            Value::Array(ids) => {
                for id in ids.iter_mut() {
                    if let Some(object) = id.as_str().and_then(|text| self.objects.get(text)) {
                        *id = object.clone();
                    }
                }
            }
            _ => {}
        }
        match rest {
            Some(rest) if !below.is_null() => self.expand(below, rest),
            _ => Ok(()),
        }
    }
}

/// Text of an object; empty when it is missing.
pub(super) fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_default().to_owned()
}

pub(super) fn int(object: &Value, key: &str) -> i64 {
    object[key].as_i64().unwrap_or_default()
}
