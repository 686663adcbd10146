//! Nothing moves from under a pressed pointer.

use std::time::Duration;

use leptos::{ev, prelude::*};

/// Follows `signal`, but not while a pointer is down: leaving a field by pressing a button would say what is wrong
/// with the field, and a button that this moves before the release hears no click.
pub fn held_still<T: Clone + PartialEq + Send + Sync + 'static>(signal: Signal<T>) -> Signal<T> {
    let pressed = RwSignal::new(false);
    if cfg!(feature = "hydrate") {
        // The click follows the release at once, a timer later.
        let release = move || set_timeout(move || pressed.set(false), Duration::ZERO);
        window_event_listener(ev::pointerdown, move |_| pressed.set(true));
        window_event_listener(ev::pointerup, move |_| release());
        window_event_listener(ev::pointercancel, move |_| release());
    }
    let still = move |held: Option<&T>| match (pressed.get(), held) {
        (true, Some(held)) => held.clone(),
        _ => signal.get(),
    };
    Memo::new(still).into()
}
