use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use url::Url;

/// A region of the PingOne cloud.
///
/// The hosts are those of "PingOne API domains" at
/// <https://developer.pingidentity.com/pingone-api/before-you-begin/introduction.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Region {
    /// North America, `pingone.com`.
    Na,
    /// Europe, `pingone.eu`.
    Eu,
    /// Canada, `pingone.ca`.
    Ca,
    /// Asia and Pacific, `pingone.asia`.
    Ap,
    /// Australia, `pingone.com.au`.
    Au,
    /// Singapore, `pingone.sg`.
    Sg,
}

impl Region {
    /// Every region.
    pub const ALL: [Self; 6] = [Self::Na, Self::Eu, Self::Ca, Self::Ap, Self::Au, Self::Sg];

    /// The code that PingOne's own tools use, such as `NA`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Na => "NA",
            Self::Eu => "EU",
            Self::Ca => "CA",
            Self::Ap => "AP",
            Self::Au => "AU",
            Self::Sg => "SG",
        }
    }

    /// The name that older tools of PingOne use, such as `NorthAmerica`.
    const fn name(self) -> &'static str {
        match self {
            Self::Na => "NorthAmerica",
            Self::Eu => "Europe",
            Self::Ca => "Canada",
            Self::Ap => "AsiaPacific",
            Self::Au => "Australia",
            Self::Sg => "Singapore",
        }
    }

    /// The domain below `pingone`, such as `com.au`.
    pub const fn top_level_domain(self) -> &'static str {
        match self {
            Self::Na => "com",
            Self::Eu => "eu",
            Self::Ca => "ca",
            Self::Ap => "asia",
            Self::Au => "com.au",
            Self::Sg => "sg",
        }
    }

    /// The base of the Platform API; it ends in `/v1`.
    pub fn api_url(self) -> Url {
        self.url("api", "/v1")
    }

    /// The base of the authorization service, without a path.
    pub fn auth_url(self) -> Url {
        self.url("auth", "")
    }

    fn url(self, service: &str, path: &str) -> Url {
        let url = format!("https://{service}.pingone.{}{path}", self.top_level_domain());
        Url::parse(&url).expect("the parts are constants of this file, and a test parses them all")
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text names no region.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a PingOne region; use one of NA, EU, CA, AP, AU, SG")]
pub struct UnknownRegion(pub String);

impl FromStr for Region {
    type Err = UnknownRegion;

    /// Accepts a code, a top-level domain, or the name that older tools use, in any letter case.
    fn from_str(text: &str) -> Result<Self, UnknownRegion> {
        let text = text.trim();
        Self::ALL
            .into_iter()
            .find(|region| {
                text.eq_ignore_ascii_case(region.code())
                    || text.eq_ignore_ascii_case(region.top_level_domain())
                    || text.eq_ignore_ascii_case(region.name())
            })
            .ok_or_else(|| UnknownRegion(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_the_documented_ones() {
        let hosts = Region::ALL.map(|region| (region.api_url().to_string(), region.auth_url().to_string()));
        assert_eq!(hosts[0], ("https://api.pingone.com/v1".into(), "https://auth.pingone.com/".into()));
        assert_eq!(hosts[1], ("https://api.pingone.eu/v1".into(), "https://auth.pingone.eu/".into()));
        assert_eq!(hosts[2], ("https://api.pingone.ca/v1".into(), "https://auth.pingone.ca/".into()));
        assert_eq!(hosts[3], ("https://api.pingone.asia/v1".into(), "https://auth.pingone.asia/".into()));
        assert_eq!(hosts[4], ("https://api.pingone.com.au/v1".into(), "https://auth.pingone.com.au/".into()));
        assert_eq!(hosts[5], ("https://api.pingone.sg/v1".into(), "https://auth.pingone.sg/".into()));
    }

    #[test]
    fn a_region_is_read_from_its_code_or_domain() {
        assert_eq!("eu".parse(), Ok(Region::Eu));
        assert_eq!(" AU ".parse(), Ok(Region::Au));
        assert_eq!("com.au".parse(), Ok(Region::Au));
        assert_eq!("asia".parse(), Ok(Region::Ap));
        assert_eq!("NorthAmerica".parse(), Ok(Region::Na));
        assert_eq!("moon".parse::<Region>(), Err(UnknownRegion("moon".into())));
    }
}
