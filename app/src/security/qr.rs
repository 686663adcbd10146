//! A text as a picture that phones read.

use leptos::prelude::*;
use qrcode::{Color, QrCode};

/// Light modules around the picture, without which readers do not find it.
const QUIET: usize = 4;

/// The picture, dark on white in every colour scheme: not every reader takes the reverse. Draws nothing where the text
/// is too long for one.
#[component]
pub fn Qr(text: String, label: String) -> impl IntoView {
    QrCode::new(text.as_bytes()).ok().map(|code| {
        let side = code.width() + 2 * QUIET;
        view! {
            <svg
                viewBox=format!("0 0 {side} {side}")
                class="mx-auto size-52 rounded-box"
                role="img"
                aria-label=label
                shape-rendering="crispEdges"
            >
                <rect width="100%" height="100%" fill="#fff"/>
                <path d=path(&code) fill="#000"/>
            </svg>
        }
    })
}

/// Every dark module as a square.
fn path(code: &QrCode) -> String {
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    dark.map(|(i, _)| format!("M{} {}h1v1h-1z", i % width + QUIET, i / width + QUIET)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_are_marked() {
        let code = QrCode::new(b"otpauth://totp/x?secret=ABC").unwrap();
        let path = path(&code);
        let far = code.width() - 1 + QUIET;
        for corner in [(QUIET, QUIET), (far, QUIET), (QUIET, far)] {
            assert!(path.contains(&format!("M{} {}h1", corner.0, corner.1)), "{corner:?}");
        }
        assert!(!path.contains("M0 "), "a quiet edge");
    }
}
