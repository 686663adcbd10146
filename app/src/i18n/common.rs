//! Words of the kit.

use super::{Text, messages};

messages! {
    copy() "Copy" | "Salin";
    copied() "Copied" | "Tersalin";
    optional() "optional" | "opsional";
    there_is_a_problem() "There is a problem" | "Ada masalah";
    language() "Language" | "Bahasa";
    appearance() "Appearance" | "Tampilan";
    appearance_system() "System" | "Sistem";
    appearance_light() "Light" | "Terang";
    appearance_dark() "Dark" | "Gelap";
    support() "Help" | "Bantuan";
    terms() "Terms" | "Ketentuan";
    privacy() "Privacy" | "Privasi";
    menu() "Menu" | "Menu";
    skip_to_content() "Skip to content" | "Langsung ke isi";
    status_active() "Active" | "Aktif";
    status_trialing() "Trial" | "Uji coba";
    status_trialing_day() "Trial, 1 day left" | "Uji coba, sisa 1 hari";
    status_trialing_days(days) "Trial, {days} days left" | "Uji coba, sisa {days} hari";
    status_past_due() "Past due" | "Lewat jatuh tempo";
    status_incomplete() "Incomplete" | "Belum selesai";
    status_paused() "Paused" | "Dijeda";
    status_canceled() "Canceled" | "Dibatalkan";
    status_expired() "Expired" | "Berakhir";
    status_cancels(date) "Cancels on {date}" | "Berakhir pada {date}";
}

impl Text {
    /// A language by its own name.
    pub const fn language_name(locale: domain::Locale) -> &'static str {
        match locale {
            domain::Locale::En => "English",
            domain::Locale::Id => "Bahasa Indonesia",
        }
    }
}
