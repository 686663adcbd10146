//! The parts of the dashboard: those of an application, and those above all applications.

use domain::route;

use crate::{i18n::Text, ui::Glyph};

/// A part of an application's dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Plans,
    Users,
    Roles,
    Subscriptions,
    Payments,
    Coupons,
    Alerts,
    /// Only where the sandbox collects.
    Clock,
    Clients,
    SignInMethods,
    Webhooks,
    Settings,
}

impl Section {
    pub const ALL: [Self; 12] = [
        Self::Plans,
        Self::Users,
        Self::Roles,
        Self::Subscriptions,
        Self::Payments,
        Self::Coupons,
        Self::Alerts,
        Self::Clock,
        Self::Clients,
        Self::SignInMethods,
        Self::Webhooks,
        Self::Settings,
    ];

    /// The last part of its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Plans => "plans",
            Self::Users => "users",
            Self::Roles => "roles",
            Self::Subscriptions => "subscriptions",
            Self::Payments => "payments",
            Self::Coupons => "coupons",
            Self::Alerts => "alerts",
            Self::Clock => "clock",
            Self::Clients => "clients",
            Self::SignInMethods => "sign-in-methods",
            Self::Webhooks => "webhooks",
            Self::Settings => "settings",
        }
    }

    pub fn label(self, text: Text) -> String {
        match self {
            Self::Plans => text.section_plans(),
            Self::Users => text.section_users(),
            Self::Roles => text.roles(),
            Self::Subscriptions => text.section_subscriptions(),
            Self::Payments => text.section_payments(),
            Self::Coupons => text.section_coupons(),
            Self::Alerts => text.alerts_title(),
            Self::Clock => text.clock_title(),
            Self::Clients => text.section_clients(),
            Self::SignInMethods => text.section_sign_in_methods(),
            Self::Webhooks => text.section_webhooks(),
            Self::Settings => text.section_settings(),
        }
    }

    pub(super) const fn glyph(self) -> Glyph {
        match self {
            Self::Plans => Glyph::Plan,
            Self::Users => Glyph::Users,
            Self::Roles => Glyph::User,
            Self::Subscriptions => Glyph::Renew,
            Self::Payments => Glyph::Card,
            Self::Coupons => Glyph::Tag,
            Self::Alerts => Glyph::Bell,
            Self::Clock => Glyph::Clock,
            Self::Clients => Glyph::Key,
            Self::SignInMethods => Glyph::Lock,
            Self::Webhooks => Glyph::Send,
            Self::Settings => Glyph::Gear,
        }
    }
}

/// A part of the dashboard above all applications, as superadmins see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Above {
    Applications,
    Organizations,
}

impl Above {
    pub(super) const ALL: [Self; 2] = [Self::Applications, Self::Organizations];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Applications => route::DASHBOARD,
            Self::Organizations => route::ORGANIZATIONS,
        }
    }

    pub(super) fn label(self, text: Text) -> String {
        match self {
            Self::Applications => text.applications(),
            Self::Organizations => text.server_organizations(),
        }
    }

    pub(super) const fn glyph(self) -> Glyph {
        match self {
            Self::Applications => Glyph::Plan,
            Self::Organizations => Glyph::Users,
        }
    }
}
