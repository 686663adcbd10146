//! Where payments and invoices stand, and what their lines are for.

use super::messages;

messages! {
    payment_succeeded() "Paid" | "Dibayar";
    payment_partially_refunded() "Partly refunded" | "Dikembalikan sebagian";
    invoice_paid() "Paid" | "Dibayar";
    line_remaining(plan) "Remaining time of {plan}" | "Sisa periode {plan}";
}
