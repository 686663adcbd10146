//! Lists that can be sorted by some of their columns. A page starts behind a row: behind the values that the last row
//! before is sorted by, and its id. So pages follow each other without gaps, whatever was added or changed elsewhere.

use std::fmt;

use domain::page::PageRequest;
use sea_orm::{
    QueryFilter, QueryOrder, Value,
    sea_query::{Expr, ExprTrait, Order},
};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    /// The other one.
    pub const fn turned(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// A column that a list can be sorted by. The default one is that of the ids: a list is sorted by it when nobody asks.
pub trait SortedBy: Copy + Default + PartialEq + 'static {
    const ALL: &'static [Self];

    /// Its name in an address.
    fn as_str(self) -> &'static str;

    /// Which way it is sorted first: what is looked for most often comes first.
    fn first(self) -> Direction;

    /// Where the page behind a cursor of this column starts; `None` when the cursor is of another column or list.
    fn place(self, cursor: &str) -> Option<Place>;
}

/// What a list is sorted by, and which way. Rows that are equal there follow each other by id, the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort<C> {
    pub by: C,
    pub direction: Direction,
}

impl<C: SortedBy> Sort<C> {
    /// By a column, the way that it is sorted first.
    pub fn of(by: C) -> Self {
        Self { by, direction: by.first() }
    }

    /// From an address: the name of a column, behind a hyphen when descending. `None` for a column that cannot be
    /// sorted by.
    pub fn parse(text: &str) -> Option<Self> {
        let (direction, name) = match text.strip_prefix('-') {
            Some(name) => (Direction::Descending, name),
            None => (Direction::Ascending, text),
        };
        let by = C::ALL.iter().copied().find(|column| column.as_str() == name)?;
        Some(Self { by, direction })
    }

    /// What somebody asks for who presses the heading of a column: that column, or the other way.
    pub fn pressed(self, column: C) -> Self {
        if self.by == column { Self { by: column, direction: self.direction.turned() } } else { Self::of(column) }
    }
}

impl<C: SortedBy> Default for Sort<C> {
    fn default() -> Self {
        Self::of(C::default())
    }
}

impl<C: SortedBy> fmt::Display for Sort<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.direction == Direction::Descending {
            f.write_str("-")?;
        }
        f.write_str(self.by.as_str())
    }
}

/// Behind which row a page starts: the values that the row is sorted by, the last of which is its id.
#[derive(Clone, Debug, PartialEq)]
pub struct Place(pub(crate) Vec<Value>);

/// The part of a sorted list that is asked for.
#[derive(Clone, Debug)]
pub struct Part<C> {
    pub sort: Sort<C>,
    /// A place of the column that the list is sorted by; `None` for the first page.
    pub after: Option<Place>,
    /// How many entries at most, 1 to 100.
    pub limit: u64,
}

impl<C: SortedBy> From<&PageRequest> for Part<C> {
    fn from(page: &PageRequest) -> Self {
        Self { sort: Sort::default(), after: page.after.map(|id| Place(vec![id.into()])), limit: page.limit }
    }
}

/// Sorts a query by `keys`, the last of which is unique, and starts it behind a place.
pub(crate) fn sorted<Q: QueryOrder + QueryFilter>(
    query: Q,
    keys: Vec<Expr>,
    direction: Direction,
    after: Option<&Place>,
) -> Q {
    let order = match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    let query = keys.iter().fold(query, |query, key| query.order_by(key.clone(), order.clone()));
    let Some(Place(values)) = after else { return query };
    let (row, place) = (Expr::tuple(keys.iter().cloned()), Expr::tuple(values.iter().cloned().map(Expr::val)));
    let query = query.filter(match direction {
        Direction::Ascending => row.gt(place),
        Direction::Descending => row.lt(place),
    });
    // That follows from it, but SQLite finds its way into an index by this when the first key is not a plain column.
    let mut pairs = keys.into_iter().zip(values.iter().cloned().map(Expr::val));
    let Some((key, value)) = pairs.next() else { return query };
    query.filter(match direction {
        Direction::Ascending => key.gte(value),
        Direction::Descending => key.lte(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::lists::columns::{PaymentColumn, SubscriptionColumn};

    #[test]
    fn an_address_says_what_a_list_is_sorted_by() {
        for column in PaymentColumn::ALL {
            let sort = Sort::of(*column);
            assert_eq!(Sort::parse(&sort.to_string()), Some(sort));
            assert_eq!(Sort::parse(&sort.pressed(*column).to_string()), Some(sort.pressed(*column)));
            assert_eq!(sort.pressed(*column).pressed(*column), sort);
        }
        assert_eq!(Sort::<PaymentColumn>::default().to_string(), "-date");
        assert_eq!(Sort::<PaymentColumn>::default().pressed(PaymentColumn::Amount).to_string(), "-amount");
        let soonest = Sort::<SubscriptionColumn>::default().pressed(SubscriptionColumn::PeriodEnd);
        assert_eq!(soonest.to_string(), "period_end");
        for other in ["", "-", "status", "--date", "Date"] {
            assert_eq!(Sort::<PaymentColumn>::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_cursor_is_of_one_column() {
        let id = uuid::Uuid::from_u128(7);
        let amount = format!("usd.999.{id}");
        assert_eq!(PaymentColumn::Date.place(&id.to_string()), Some(Place(vec![id.into()])));
        assert_eq!(
            PaymentColumn::Amount.place(&amount),
            Some(Place(vec!["usd".to_owned().into(), 999_i64.into(), id.into()]))
        );
        let end = SubscriptionColumn::PeriodEnd.place(&format!("-1.{id}"));
        assert_eq!(end, Some(Place(vec![(-1_i64).into(), id.into()])));
        for (column, cursor) in [
            (PaymentColumn::Date, amount.clone()),
            (PaymentColumn::Amount, id.to_string()),
            (PaymentColumn::Amount, format!("us\0.999.{id}")),
            (PaymentColumn::Amount, format!("{amount}.{id}")),
            (PaymentColumn::Date, String::new()),
        ] {
            assert_eq!(column.place(&cursor), None, "{cursor:?}");
        }
    }
}
