//! What the lists of money can be sorted by: columns with an index behind them.

use domain::Currency;
use sea_orm::{Value, sea_query::Expr};
use uuid::Uuid;

use crate::{
    entity::{payments, subscriptions},
    sorted::{Direction, Place, SortedBy},
};

/// What stands for the end of a period that has none: such subscriptions end after all others.
const NEVER: i64 = i64::MAX;

/// What payments can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PaymentColumn {
    /// When they were made: the order of their ids.
    #[default]
    Date,
    /// How much. Each currency stands for itself, one after the other by its code.
    Amount,
}

impl PaymentColumn {
    pub(super) fn keys(self) -> Vec<Expr> {
        use payments::{Column, Entity};
        let id = Expr::col((Entity, Column::Id));
        match self {
            Self::Date => vec![id],
            Self::Amount => vec![Expr::col((Entity, Column::Currency)), Expr::col((Entity, Column::Amount)), id],
        }
    }

    pub(super) fn cursor(self, row: &payments::Model) -> String {
        match self {
            Self::Date => row.id.to_string(),
            Self::Amount => format!("{}.{}.{}", row.currency, row.amount, row.id),
        }
    }
}

impl SortedBy for PaymentColumn {
    const ALL: &'static [Self] = &[Self::Date, Self::Amount];

    fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Amount => "amount",
        }
    }

    fn first(self) -> Direction {
        Direction::Descending
    }

    fn place(self, cursor: &str) -> Option<Place> {
        let mut parts = cursor.split('.');
        let mut values: Vec<Value> = Vec::new();
        if self == Self::Amount {
            values.push(Currency::parse(parts.next()?).ok()?.lower().into());
            values.push(number(parts.next()?)?);
        }
        values.push(id(parts.next()?)?);
        parts.next().is_none().then_some(Place(values))
    }
}

/// What subscriptions can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubscriptionColumn {
    /// When they began: the order of their ids.
    #[default]
    Started,
    /// The end of what is paid; those without a period come after all others.
    PeriodEnd,
}

impl SubscriptionColumn {
    pub(super) fn keys(self) -> Vec<Expr> {
        use subscriptions::{Column, Entity};
        let id = Expr::col((Entity, Column::Id));
        match self {
            Self::Started => vec![id],
            // Word for word what the index is over.
            Self::PeriodEnd => vec![Expr::cust(format!("COALESCE(subscriptions.period_end_at, {NEVER})")), id],
        }
    }

    pub(super) fn cursor(self, row: &subscriptions::Model) -> String {
        match self {
            Self::Started => row.id.to_string(),
            Self::PeriodEnd => format!("{}.{}", row.period_end_at.unwrap_or(NEVER), row.id),
        }
    }
}

impl SortedBy for SubscriptionColumn {
    const ALL: &'static [Self] = &[Self::Started, Self::PeriodEnd];

    fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::PeriodEnd => "period_end",
        }
    }

    fn first(self) -> Direction {
        match self {
            Self::Started => Direction::Descending,
            Self::PeriodEnd => Direction::Ascending,
        }
    }

    fn place(self, cursor: &str) -> Option<Place> {
        let mut parts = cursor.split('.');
        let mut values: Vec<Value> = Vec::new();
        if self == Self::PeriodEnd {
            values.push(number(parts.next()?)?);
        }
        values.push(id(parts.next()?)?);
        parts.next().is_none().then_some(Place(values))
    }
}

fn number(text: &str) -> Option<Value> {
    text.parse::<i64>().ok().map(Value::from)
}

fn id(text: &str) -> Option<Value> {
    text.parse::<Uuid>().ok().map(Value::from)
}
