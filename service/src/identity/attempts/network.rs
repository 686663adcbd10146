//! Whose address it is.

use std::net::IpAddr;

/// The part of an address that is at least one customer's: all of IPv4, the first 64 bits of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    V4([u8; 4]),
    V6([u16; 4]),
    /// All that one customer may have at the most: the first 48 bits of IPv6 (RFC 6177).
    Site([u16; 3]),
    Unknown,
}

impl Network {
    pub fn of(address: Option<&str>) -> Self {
        match address.and_then(|address| address.parse::<IpAddr>().ok()).map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address.octets()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
            None => Self::Unknown,
        }
    }

    /// The site that an IPv6 network is of; every other network is one by itself.
    pub(crate) const fn site(self) -> Self {
        match self {
            Self::V6([a, b, c, _]) => Self::Site([a, b, c]),
            other => other,
        }
    }

    /// Known to be another machine's. From this one come its own programs, and everybody behind a proxy that the
    /// operator has not declared.
    pub(crate) const fn is_remote(self) -> bool {
        !matches!(self, Self::V4([127, ..]) | Self::V6([0, 0, 0, 0]) | Self::Unknown)
    }
}
