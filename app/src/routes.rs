//! The pages under the router: the dashboard. Hosted pages are rendered by the handlers of `server::pages`, which
//! know their status before the first byte.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Router, Routes};

use crate::{admin::routes::AdminRoutes, shell::Document, ssr::visit};

/// A whole document of the dashboard.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let visit = visit();
    view! {
        <Document title="" visit islands=true meta=true>
            <Router>
                <Routes fallback=|| ()>
                    <AdminRoutes/>
                </Routes>
            </Router>
        </Document>
    }
}
