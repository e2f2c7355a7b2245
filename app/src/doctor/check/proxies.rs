//! Who is on the way, by the traces that products leave in headers, and what they change.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::client::Target;
use super::streaming::SeenRequest;

/// Programs and services that stand between clients and servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Product {
    /// <https://nginx.org/>
    #[serde(rename = "nginx")]
    Nginx,
    /// <https://www.haproxy.org/>
    #[serde(rename = "HAProxy")]
    HaProxy,
    /// <https://httpd.apache.org/>
    #[serde(rename = "Apache")]
    Apache,
    /// <https://www.squid-cache.org/>
    #[serde(rename = "Squid")]
    Squid,
    /// AWS Application Load Balancer.
    #[serde(rename = "AWS ALB")]
    AwsAlb,
    /// <https://www.cloudflare.com/>
    #[serde(rename = "Cloudflare")]
    Cloudflare,
    /// Azure Application Gateway.
    #[serde(rename = "Azure Application Gateway")]
    AzureAppGateway,
}

impl Product {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::HaProxy => "HAProxy",
            Self::Apache => "Apache",
            Self::Squid => "Squid",
            Self::AwsAlb => "AWS ALB",
            Self::Cloudflare => "Cloudflare",
            Self::AzureAppGateway => "Azure Application Gateway",
        }
    }
}

/// What answers and requests tell about the way.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fingerprints {
    /// Products that were recognised.
    pub products: Vec<Product>,
    /// Headers of answers that others than the server write.
    pub headers: BTreeMap<String, Vec<String>>,
    /// Headers of a request as they reached the server; empty for servers that do not tell.
    pub request: SeenRequest,
    /// What was changed on the way.
    pub altered: Vec<String>,
}

/// Headers that name who is on the way.
const TELLING: [&str; 14] = [
    "age",
    "cf-cache-status",
    "cf-ray",
    "server",
    "via",
    "x-amz-cf-id",
    "x-amzn-trace-id",
    "x-appgw-trace-id",
    "x-azure-ref",
    "x-cache",
    "x-cache-lookup",
    "x-envoy-upstream-service-time",
    "x-squid-error",
    "x-varnish",
];

/// Cookies and words in headers, and whose they are.
const TRACES: [(Product, &[&str], &[&str]); 7] = [
    (Product::Nginx, &["nginx", "openresty"], &[]),
    (Product::HaProxy, &["haproxy"], &["SERVERID", "HAPROXY"]),
    (Product::Apache, &["apache"], &["ROUTEID"]),
    (Product::Squid, &["squid"], &[]),
    (Product::AwsAlb, &["awselb"], &["AWSALB", "AWSALBCORS"]),
    (Product::Cloudflare, &["cloudflare"], &["__cf_bm", "__cflb"]),
    (Product::AzureAppGateway, &["microsoft-azure-application-gateway"], &["ApplicationGatewayAffinity"]),
];

/// Collects the traces that all answers left.
pub(in crate::doctor) fn fingerprints(
    target: &Target,
    request: Option<SeenRequest>,
    is_tool: bool,
) -> Fingerprints {
    let notes = target.notes();
    let headers: BTreeMap<String, Vec<String>> = TELLING
        .iter()
        .map(|name| ((*name).to_owned(), notes.values(name)))
        .filter(|(_, values)| !values.is_empty())
        .collect();
    let request = request.unwrap_or_default();
    let words: Vec<String> =
        headers.values().flatten().chain(request.values()).map(|value| value.to_ascii_lowercase()).collect();
    let cookies = notes.cookie_names();
    let mut products: Vec<Product> = TRACES
        .iter()
        .filter(|(_, names, set)| {
            let named = names.iter().any(|name| words.iter().any(|word| word.contains(name)));
            named || set.iter().any(|name| cookies.iter().any(|cookie| cookie == name))
        })
        .map(|(product, ..)| *product)
        .collect();
    if headers.contains_key("cf-ray") && !products.contains(&Product::Cloudflare) {
        products.push(Product::Cloudflare);
    }
    let altered = if is_tool { altered(target, &request) } else { Vec::new() };
    Fingerprints { products, headers, request, altered }
}

/// What this program sends on every answer to a poll, and a proxy has no reason to change.
fn altered(target: &Target, request: &SeenRequest) -> Vec<String> {
    let notes = target.notes();
    let mut altered = Vec::new();
    if !notes.values("cache-control").iter().any(|value| value.contains("no-store")) {
        altered.push("Cache-Control of answers was changed or removed".to_owned());
    }
    if notes.values("x-content-type-options").is_empty() {
        altered.push("security headers of answers were removed".to_owned());
    }
    let (host, port) = target.host_and_port();
    if let Some(seen) = request.get("host")
        && *seen != host
        && *seen != format!("{host}:{port}")
        && *seen != format!("[{host}]:{port}")
    {
        altered.push(format!("Host of requests became {seen}"));
    }
    altered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_known_by_their_traces() {
        let target = Target::new("http://host", None).unwrap();
        let request = SeenRequest::from([
            ("host".to_owned(), "backend:80".to_owned()),
            ("via".to_owned(), "1.1 cache (squid/5.7)".to_owned()),
        ]);
        let found = fingerprints(&target, Some(request), true);
        assert_eq!(found.products, [Product::Squid]);
        assert!(found.altered.iter().any(|line| line.contains("backend:80")), "{found:?}");
        assert!(fingerprints(&target, None, false).products.is_empty());
    }
}
