//! A plan as it is being written: texts that may be wrong. The editor's island and the form's handler read it with
//! the same rules.

use domain::{
    Currency, FieldError, Flaw, Locale, Money,
    billing::{
        feature::Features,
        plan::{Plan, PlanKey, PlanName},
        price::{Interval, NewPrice, PriceName, parse_trial_days},
    },
    text::Description,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    form::{Errors, Values},
    rows::{self, Kind, Row},
};

/// How the features are being edited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sheet {
    #[default]
    Table,
    Json,
}

impl Sheet {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
        }
    }

    pub fn parse(text: &str) -> Self {
        if text == "json" { Self::Json } else { Self::Table }
    }
}

/// An object as a table or as JSON: features of a plan, claims of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDraft {
    pub sheet: Sheet,
    pub rows: Vec<Row>,
    pub json: String,
}

impl ObjectDraft {
    pub fn of(object: &Map<String, Value>, sheet: Sheet) -> Self {
        Self { sheet, rows: rows::rows(object), json: rows::pretty(&Value::Object(object.clone())) }
    }

    /// What the fields `{field}_key`, `{field}_type`, `{field}_value`, `{field}_json` and `{field}_as` hold.
    pub fn read(values: &Values, field: &str) -> Self {
        let all = |part: &str| values.all(&format!("{field}_{part}")).map(str::to_owned).collect::<Vec<_>>();
        let keys = all("key").into_iter();
        let rows = keys
            .zip(all("type"))
            .zip(all("value"))
            .map(|((key, kind), value)| Row { key, kind: Kind::parse(&kind), value })
            // Errors count the rows that come back, and blank ones do not.
            .filter(|row| !row.is_blank())
            .collect();
        Self {
            sheet: Sheet::parse(values.get(&format!("{field}_as"))),
            rows,
            json: values.get(&format!("{field}_json")).to_owned(),
        }
    }

    /// # Errors
    /// On `{field}.{row}` for the table, on `{field}_json` for JSON.
    pub fn parse(&self, field: &str) -> Result<Map<String, Value>, Vec<FieldError>> {
        match self.sheet {
            Sheet::Table => rows::object(&self.rows, field),
            Sheet::Json => {
                rows::parse_object(&self.json).map_err(|flaw| vec![FieldError::new(&format!("{field}_json"), flaw)])
            }
        }
    }

    /// What can be read of an object that is being written: the rows without fault.
    fn readable(&self) -> Option<Map<String, Value>> {
        match self.sheet {
            Sheet::Table => Some(rows::readable(&self.rows)),
            Sheet::Json => rows::parse_object(&self.json).ok(),
        }
    }

    /// The other way of editing the same object; what cannot be read stays in its own way.
    pub fn switched(&self, to: Sheet, field: &str) -> Self {
        match self.parse(field) {
            Ok(object) => Self::of(&object, to),
            Err(_) => self.clone(),
        }
    }
}

/// A price as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceDraft {
    pub name: String,
    pub amount: String,
    pub currency: String,
    pub interval: String,
    pub trial_days: String,
}

impl PriceDraft {
    pub fn new() -> Self {
        Self { currency: "USD".into(), interval: Interval::Month.as_str().into(), ..Self::default() }
    }

    pub fn read(values: &Values) -> Self {
        let get = |name: &str| values.get(name).trim().to_owned();
        Self {
            name: get("price_name"),
            amount: get("amount"),
            currency: get("currency"),
            interval: get("interval"),
            trial_days: get("trial_days"),
        }
    }

    /// Nobody typed a price.
    pub fn is_blank(&self) -> bool {
        self.name.is_empty() && self.amount.is_empty() && self.trial_days.is_empty()
    }

    /// The amount, where it and the currency can be read.
    pub fn money(&self, locale: Locale) -> Option<Money> {
        Money::from_typed(&self.amount, Currency::parse(&self.currency).ok()?, locale).ok()
    }

    /// Amounts are written as `locale` writes them.
    ///
    /// # Errors
    /// On the fields of the form.
    pub fn parse(&self, locale: Locale) -> Result<NewPrice, Vec<FieldError>> {
        let mut errors = Errors::default();
        let interval = errors.take("interval", Interval::parse(&self.interval));
        let fallback = match interval.unwrap_or_default() {
            Interval::Month => "Monthly",
            Interval::Year => "Yearly",
            Interval::OneTime => "One-time",
        };
        let name = if self.name.is_empty() { fallback } else { &self.name };
        let name = errors.take("price_name", PriceName::parse(name));
        let money = match errors.take("currency", Currency::parse(&self.currency)) {
            Some(currency) => errors.take("amount", Money::from_typed(&self.amount, currency, locale)),
            None => None,
        };
        let trial_days = match self.trial_days.as_str() {
            "" => Some(None),
            text => {
                let days = text.parse().unwrap_or(i64::MAX);
                errors.take("trial_days", parse_trial_days(days)).map(Some)
            }
        };
        match (name, money, interval, trial_days) {
            (Some(name), Some(money), Some(interval), Some(trial_days)) if errors.0.is_empty() => {
                Ok(NewPrice { name, money, interval, trial_days, stripe_price_id: None })
            }
            _ => Err(errors.0),
        }
    }
}

/// A plan as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDraft {
    pub name: String,
    pub key: String,
    pub description: String,
    pub features: ObjectDraft,
    pub is_default: bool,
    pub is_listed: bool,
    pub stripe_product_id: String,
    /// The first price; only for a plan that is being made.
    pub price: PriceDraft,
}

/// A plan draft without faults.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedPlan {
    /// `None` when the key is to be made from the name.
    pub key: Option<PlanKey>,
    pub name: PlanName,
    pub description: Description,
    pub features: Features,
    pub is_default: bool,
    pub is_listed: bool,
    pub stripe_product_id: Option<String>,
    pub price: Option<NewPrice>,
}

impl PlanDraft {
    /// A plan that is being made.
    pub fn new() -> Self {
        Self { is_listed: true, price: PriceDraft::new(), ..Self::default() }
    }

    pub fn of(plan: &Plan) -> Self {
        Self {
            name: plan.name.to_string(),
            key: plan.key.to_string(),
            description: plan.description.to_string(),
            features: ObjectDraft::of(plan.features.map(), Sheet::Table),
            is_default: plan.is_default,
            is_listed: plan.is_listed,
            stripe_product_id: plan.stripe_product_id.clone().unwrap_or_default(),
            price: PriceDraft::new(),
        }
    }

    pub fn read(values: &Values) -> Self {
        Self {
            name: values.get("name").to_owned(),
            key: values.get("key").trim().to_owned(),
            // Browsers send line breaks as CR LF.
            description: values.get("description").replace("\r\n", "\n"),
            features: ObjectDraft::read(values, "features"),
            is_default: values.is_checked("is_default"),
            is_listed: values.is_checked("is_listed"),
            stripe_product_id: values.get("stripe_product_id").trim().to_owned(),
            price: PriceDraft::read(values),
        }
    }

    /// Amounts are written as `locale` writes them.
    ///
    /// # Errors
    /// Every error of the form, on its fields.
    pub fn parse(&self, locale: Locale) -> Result<ParsedPlan, Vec<FieldError>> {
        let mut errors = Errors::default();
        let name = errors.take("name", PlanName::parse(&self.name));
        let key = match self.key.as_str() {
            "" => Some(None),
            key => errors.take("key", PlanKey::parse(key)).map(Some),
        };
        let description = errors.take("description", Description::parse(&self.description));
        let features = self.features().map_err(|more| errors.0.extend(more)).ok();
        let stripe_product_id = Some(self.stripe_product_id.clone()).filter(|id| !id.is_empty());
        if stripe_product_id.as_ref().is_some_and(|id| id.len() > 255 || id.chars().any(char::is_control)) {
            errors.add("stripe_product_id", Flaw::TooLong { max: 255 });
        }
        let price = if self.price.is_blank() {
            Some(None)
        } else {
            self.price.parse(locale).map(Some).map_err(|more| errors.0.extend(more)).ok()
        };
        match (name, key, description, features, price) {
            (Some(name), Some(key), Some(description), Some(features), Some(price)) if errors.0.is_empty() => {
                Ok(ParsedPlan {
                    key,
                    name,
                    description,
                    features,
                    is_default: self.is_default,
                    is_listed: self.is_listed,
                    stripe_product_id,
                    price,
                })
            }
            _ => Err(errors.0),
        }
    }

    /// # Errors
    /// On the rows or the JSON of the features; on `features` for a limit of the whole.
    pub fn features(&self) -> Result<Features, Vec<FieldError>> {
        let object = self.features.parse("features")?;
        Features::parse(Value::Object(object)).map_err(|problem| problem.fields)
    }

    /// What can be read of features that are being written.
    pub fn readable_features(&self) -> Option<Features> {
        Features::parse(Value::Object(self.features.readable()?)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        Values(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_form_becomes_a_plan() {
        let values = values(&[
            ("name", "Pro"),
            ("key", ""),
            ("features_as", "table"),
            ("features_key", "maxProjects"),
            ("features_type", "number"),
            ("features_value", "50"),
            ("features_key", ""),
            ("features_type", "number"),
            ("features_value", ""),
            ("is_listed", "on"),
            ("amount", "99000"),
            ("currency", "idr"),
            ("interval", "month"),
            ("trial_days", "14"),
        ]);
        let plan = PlanDraft::read(&values).parse(Locale::En).unwrap();
        assert_eq!((plan.key, plan.features.map().len(), plan.is_listed, plan.is_default), (None, 1, true, false));
        let price = plan.price.unwrap();
        assert_eq!((price.money.amount(), price.name.as_str(), price.trial_days), (9_900_000, "Monthly", Some(14)));
    }

    #[test]
    fn amounts_follow_the_language() {
        let read = |amount: &str, currency: &str, locale| {
            let draft = PriceDraft { amount: amount.into(), currency: currency.into(), ..PriceDraft::new() };
            let parsed = draft.parse(locale).map(|price| price.money);
            assert_eq!(parsed.as_ref().ok(), draft.money(locale).as_ref());
            parsed.map(Money::amount).map_err(|errors| errors.into_iter().map(|error| error.field).collect::<Vec<_>>())
        };
        assert_eq!(read("99.000", "IDR", Locale::Id), Ok(9_900_000));
        assert_eq!(read("99.000", "idr", Locale::En), Ok(9_900_000));
        assert_eq!(read("9,99", "USD", Locale::Id), Ok(999));
        assert_eq!(read("9,99", "USD", Locale::En), Err(vec!["amount".to_owned()]));
        assert_eq!(read("free", "USD", Locale::En), Err(vec!["amount".to_owned()]));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let values = values(&[
            ("name", " "),
            ("key", "No!"),
            ("features_as", "json"),
            ("features_json", "{\n x"),
            ("amount", "9.999"),
            ("currency", "usd"),
            ("interval", "month"),
            ("trial_days", "soon"),
        ]);
        let errors = PlanDraft::read(&values).parse(Locale::En).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "key", "features_json", "amount", "trial_days"]);
    }

    #[test]
    fn both_sheets_hold_the_same() {
        let table = ObjectDraft {
            rows: vec![Row { key: "a".into(), kind: Kind::Number, value: "1".into() }],
            ..ObjectDraft::default()
        };
        let json = table.switched(Sheet::Json, "features");
        assert_eq!(json.parse("features").unwrap(), table.parse("features").unwrap());
        let broken = ObjectDraft { sheet: Sheet::Json, json: "{".into(), ..ObjectDraft::default() };
        assert_eq!(broken.switched(Sheet::Table, "features").sheet, Sheet::Json);
    }
}
