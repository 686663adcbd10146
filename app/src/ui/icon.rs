//! Icons: one stroke each, in the colour of the text.

use leptos::prelude::*;

/// The icons that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Alert,
    Archive,
    ArrowDown,
    ArrowLeft,
    ArrowRight,
    ArrowUp,
    Bell,
    Card,
    Check,
    ChevronDown,
    Clock,
    Copy,
    Cross,
    Dots,
    External,
    Gear,
    Grip,
    Info,
    Key,
    Lock,
    Minus,
    Moon,
    Pause,
    Pencil,
    Plan,
    Plus,
    Renew,
    Screen,
    Search,
    Send,
    SignOut,
    Sun,
    Tag,
    Trash,
    User,
    Users,
}

impl Glyph {
    /// The path on a grid of 24.
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => {
                "M12 8v5m0 3.5v.01M10.3 4 2.5 17.5A2 2 0 0 0 4.2 20.5h15.6a2 2 0 0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0Z"
            }
            Self::Archive => "M3 5h18v4H3zM5 9v10h14V9M10 13h4",
            Self::ArrowDown => "M12 5v14m-6-6 6 6 6-6",
            Self::ArrowLeft => "M19 12H5m6-6-6 6 6 6",
            Self::ArrowRight => "M5 12h14m-6-6 6 6-6 6",
            Self::ArrowUp => "M12 19V5m-6 6 6-6 6 6",
            Self::Bell => "M6 16v-5a6 6 0 0 1 12 0v5l2 2H4l2-2ZM10 21h4",
            Self::Card => "M3 5.5h18v13H3zM3 10h18M7 14.5h3",
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::ChevronDown => "m6 9 6 6 6-6",
            Self::Clock => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4.5V12l3 2",
            Self::Copy => "M9 9h11v11H9zM15 9V4H4v11h5",
            Self::Cross => "M6 6l12 12M18 6 6 18",
            Self::Dots => "M5 12h.01M12 12h.01M19 12h.01",
            Self::External => "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
            Self::Gear => {
                "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Zm-7 10a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z"
            }
            Self::Grip => "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
            Self::Info => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 8v5m0-8.5v.01",
            Self::Key => "M8 12a4 4 0 1 0 0 .01M12 12h9v4m-4-4v3",
            Self::Lock => "M5 11h14v9H5zM8 11V8a4 4 0 0 1 8 0v3",
            Self::Minus => "M6 12h12",
            Self::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
            Self::Pause => "M9 5v14M15 5v14",
            Self::Pencil => "m4 20 1-4L16.5 4.5l3 3L8 19l-4 1Zm10.5-13.5 3 3",
            Self::Plan => "m12 3 9 5-9 5-9-5 9-5ZM3 12.5l9 5 9-5M3 17l9 5 9-5",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Renew => "M20 11a8 8 0 0 0-14.5-3.5L4 9m0-5v5h5M4 13a8 8 0 0 0 14.5 3.5L20 15m0 5v-5h-5",
            Self::Screen => "M3 4.5h18v12H3zM8 20.5h8M12 16.5v4",
            Self::Search => "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 5 5",
            Self::Send => "M21 3 3 10.5l7 3.5 3.5 7L21 3ZM10 14 21 3",
            Self::SignOut => "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2m0 15v2M2.5 12h2m15 0h2M5.3 5.3l1.4 1.4m10.6 10.6 1.4 1.4m0-13.4-1.4 1.4M6.7 17.3l-1.4 1.4"
            }
            Self::Tag => "M4 4h8l8.5 8.5-8 8L4 12V4ZM8.5 8.5v.01",
            Self::Trash => "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5m4-5v5",
            Self::User => "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
            Self::Users => {
                "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 5.3a3.5 3.5 0 0 1 0 6.4M18 14.3a6.5 6.5 0 0 1 3.5 5.7"
            }
        }
    }
}

/// An icon beside a text. Without a label it is decoration, and screen readers pass over it.
#[component]
pub fn Icon(
    glyph: Glyph,
    #[prop(optional, into)] class: String,
    /// What the icon says where no text says it.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    view! {
        <svg
            class=format!("icon {class}")
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
            role=label.as_ref().map(|_| "img")
            aria-hidden=label.is_none().then_some("true")
            aria-label=label
        >
            <path d=glyph.path()></path>
        </svg>
    }
}
