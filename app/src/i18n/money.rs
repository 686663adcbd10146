//! Where payments and invoices stand, and what their lines are for.

use super::messages;

messages! {
    payment_pending() "Pending" | "Menunggu";
    payment_succeeded() "Paid" | "Dibayar";
    payment_differs() "Differs" | "Berbeda";
    payment_partially_refunded() "Partly refunded" | "Dikembalikan sebagian";
    payment_refunded() "Refunded" | "Dikembalikan";
    payment_failed() "Failed" | "Gagal";
    payment_expired() "Expired" | "Kedaluwarsa";
    payment_disputed() "Disputed" | "Disanggah";
    payment_charged_back() "Charged back" | "Ditarik kembali";
    invoice_open() "Open" | "Terbuka";
    invoice_paid() "Paid" | "Dibayar";
    invoice_void() "Void" | "Dibatalkan";
    invoice_uncollectible() "Given up" | "Tidak tertagih";
    line_remaining(plan) "Remaining time of {plan}" | "Sisa periode {plan}";
}
