//! What a browser says about itself, as far as its owner would recognise it.

use std::fmt;

/// A browser and the system that it runs on: `Firefox on Linux`. Both are names, the same in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    pub browser: &'static str,
    pub system: &'static str,
}

/// What stands in a `User-Agent`, and whose sign it is; the first that is found counts, because later browsers name
/// earlier ones.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// The device of a `User-Agent` header; `None` for a program, or for a browser that hides.
    pub fn of(user_agent: &str) -> Option<Self> {
        let find = |signs: [(&str, &'static str); 7]| {
            signs.into_iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| name)
        };
        Some(Self { browser: find(BROWSERS)?, system: find(SYSTEMS)? })
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {}", self.browser, self.system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_what_they_say() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(Device::of(chrome).unwrap().to_string(), "Chrome · Linux");
        assert_eq!(Device::of(phone).unwrap().to_string(), "Safari · iPhone");
        assert_eq!(Device::of(edge).unwrap().to_string(), "Edge · Windows");
        assert_eq!(Device::of("curl/8.5"), None);
    }
}
