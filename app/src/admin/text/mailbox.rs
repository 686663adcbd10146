//! The mailbox of development.

use crate::i18n::messages;

messages! {
    mailbox() "Mailbox" | "Kotak surat";
    mailbox_body() "No mail server is set up: mails stay on this machine. The newest are here." | "Server email belum diatur: email tetap di mesin ini. Yang terbaru ada di sini.";
    mailbox_empty_title() "No mails yet" | "Belum ada email";
    mailbox_empty_body() "Invoices, reminders and receipts show here as soon as they are sent." | "Faktur, pengingat, dan bukti pembayaran muncul di sini begitu dikirim.";
    mail_to(address) "To {address}" | "Kepada {address}";
    mail_open_link() "Open its link" | "Buka tautannya";
}
