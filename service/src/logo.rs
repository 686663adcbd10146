//! Logos of applications: fetched here, so that a visitor's browser asks nobody but this server, shown only when they
//! are pixels, and kept in memory for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::digest;
use chrono::TimeDelta;
use domain::{Timestamp, application::Application, id::ApplicationId, raster, route, theme::WebUrl};

use crate::{
    Services,
    crypto::{base64url, hash},
    outbound::{Unreached, shown},
};

/// The largest logo, in bytes.
const LARGEST: usize = 256 * 1024;
/// A logo serves this long; while its host has none to show, it serves on.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// A host that had no logo is not asked again sooner than this.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// Logos that are kept at most.
const MOST: usize = 100;

/// A logo as it is shown.
#[derive(Clone, Debug)]
pub struct Logo {
    /// Its media type, by its first bytes.
    pub media_type: &'static str,
    pub bytes: Arc<[u8]>,
    /// Of the bytes, in quotes.
    pub etag: String,
}

/// Why there is no logo.
#[derive(Debug, thiserror::Error)]
enum Unshown {
    #[error(transparent)]
    Unreached(#[from] Unreached),
    #[error("it is neither PNG, JPEG, GIF nor WebP")]
    NoRaster,
}

/// The logos that this node knows, by their own address. Each is locked while it is fetched.
#[derive(Default)]
pub(crate) struct Logos(Mutex<HashMap<String, Place>>);

type Place = Arc<tokio::sync::Mutex<Kept>>;

#[derive(Default)]
struct Kept {
    /// The last one that could be shown.
    logo: Option<Logo>,
    /// When it is fetched again; at once where nobody has asked yet.
    until: Option<Timestamp>,
}

/// Where this server shows an application's logo, if it has one. The path changes with the logo's own address, so that
/// browsers may keep what they find there.
pub fn path(application: &Application) -> Option<String> {
    let url = application.settings.theme.logo_url.as_ref()?;
    Some(route::logo(application.id, &version(url)))
}

fn version(url: &WebUrl) -> String {
    base64url(&hash(url.as_str())[..9])
}

impl Services {
    /// The logo of an application, where `at` is the version that its [`path`] has now. Whoever comes while it is
    /// fetched waits for it.
    pub async fn logo(&self, application: ApplicationId, at: &str) -> Option<Logo> {
        let entry = self.directory().application(application)?.clone();
        let url = entry.application.settings.theme.logo_url.clone().filter(|url| version(url) == at)?;
        let mut kept = self.logos.at(&url).lock_owned().await;
        if kept.until.is_some_and(|until| self.now() < until) {
            return kept.logo.clone();
        }
        let services = self.clone();
        // Whoever asks may go away: the logo comes all the same.
        let fetching = tokio::spawn(async move {
            let (logo, serves) = match services.fetch_logo(&url).await {
                Ok(logo) => (Some(logo), FRESH),
                Err(error) => {
                    let url = shown(url.as_str());
                    tracing::warn!(url, error = &error as &dyn std::error::Error, "a logo cannot be shown");
                    (kept.logo.take(), PAUSE)
                }
            };
            *kept = Kept { logo, until: Some(services.now() + serves) };
            kept.logo.clone()
        });
        fetching.await.ok().flatten()
    }

    async fn fetch_logo(&self, url: &WebUrl) -> Result<Logo, Unshown> {
        let bytes = self.fetch_picture(url.as_str(), LARGEST).await?;
        let media_type = raster::media_type(&bytes).ok_or(Unshown::NoRaster)?;
        let etag = format!("\"{}\"", base64url(digest::digest(&digest::SHA256, &bytes)));
        Ok(Logo { media_type, bytes: bytes.into(), etag })
    }
}

impl Logos {
    fn at(&self, url: &WebUrl) -> Place {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(url.as_str()) {
            all.clear();
        }
        all.entry(url.as_str().to_owned()).or_default().clone()
    }
}
