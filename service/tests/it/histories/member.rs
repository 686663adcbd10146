//! Somebody who lives a history.

use domain::id::{OrderId, UserId};
use uuid::Uuid;

use super::{desk::Page, dice::Dice, history::Step, model::Model, view::View};

pub struct Member {
    pub user: UserId,
    pub membership: Uuid,
    pub email: String,
    pub model: Model,
    pub orders: Vec<OrderId>,
    /// What is to come yet, the last first.
    pub plans: Vec<Step>,
    pub dice: Dice,
    /// `ent_ver`, and what it went with.
    pub seen: Option<(i64, View)>,
}

impl Member {
    /// The order that counts `back` from the newest.
    pub fn order(&self, back: usize) -> Option<OrderId> {
        self.orders.len().checked_sub(back + 1).map(|index| self.orders[index])
    }

    /// Where that order is paid.
    pub fn page(&self, back: usize) -> Option<Page> {
        self.order(back).and_then(|id| self.page_of(id))
    }

    pub fn page_of(&self, order: OrderId) -> Option<Page> {
        let index = self.orders.iter().position(|own| *own == order)?;
        Some(Page { order, attempt: self.model.orders[index].attempt() })
    }
}
