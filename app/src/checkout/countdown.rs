//! How much longer a payment can be made.

use std::time::Duration;

use leptos::prelude::*;

use crate::i18n::Text;

/// What is left, as the server counts it, in `seconds`; where JavaScript runs, every second anew. A page that a browser
/// slows down in the background is right again when it looks for the payment.
#[island]
pub fn Countdown(text: Text, seconds: i64) -> impl IntoView {
    let left = RwSignal::new(seconds);
    if cfg!(feature = "hydrate") {
        set_interval(move || left.update(|left| *left -= 1), Duration::from_secs(1));
    }
    view! { <p role="timer" class="tabular-nums text-muted">{move || text.time_to_pay(left.get())}</p> }
}

#[cfg(test)]
mod tests {
    use domain::Locale;

    use super::*;

    #[test]
    fn the_last_second_is_followed_by_words() {
        assert_eq!(Text(Locale::En).time_to_pay(1), "Time left: 00:01");
        assert_eq!(Text(Locale::Id).time_to_pay(86_400), "Sisa waktu: 1 hari 0:00:00");
        assert_eq!(Text(Locale::En).time_to_pay(0), "The time to pay is over.");
        assert_eq!(Text(Locale::Id).time_to_pay(-5), "Waktu pembayaran sudah habis.");
    }
}
