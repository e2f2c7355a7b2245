use pingone_sim::{Options, Simulator};
use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// A simulator and a client that knows nothing but HTTP.
pub(crate) struct Peer {
    pub(crate) simulator: Simulator,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
    pub(crate) base: String,
}

/// Status and body.
pub(crate) type Answer = (u16, Value);

impl Peer {
    pub(crate) async fn new(options: Options) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let simulator = Simulator::start(options).await.unwrap();
        let mut builder = reqwest::Client::builder().no_proxy();
        if let Some(certificate) = &simulator.certificate {
            let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
            builder = builder.tls_certs_only([certificate]);
        }
        let http = builder.build().unwrap();
        let base = format!("{}/environments/{}", simulator.api_url, simulator.environment);
        let token = token(&simulator, &http).await;
        Self { simulator, http, token, base }
    }

    /// Sends a request below the environment, with a body of the given media type.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<(&str, Value)>) -> Response {
        let method: Method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some((media_type, body)) = body {
            request = request.header("content-type", media_type).body(body.to_string());
        }
        request.send().await.unwrap()
    }

    /// The status of an answer to a request with further headers.
    pub(crate) async fn conditional(&self, method: &str, path: &str, headers: HeaderMap) -> u16 {
        let request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        let request = request.bearer_auth(&self.token).header("content-type", "application/json");
        let request = request.headers(headers).body(r#"{"username":"bob"}"#);
        request.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.send("GET", path, None).await).await
    }

    pub(crate) async fn with(&self, method: &str, path: &str, body: Value) -> Answer {
        answer(self.send(method, path, Some(("application/json", body))).await).await
    }

    pub(crate) async fn import(&self, body: Value) -> Answer {
        let media_type = "application/vnd.pingidentity.user.import+json";
        answer(self.send("POST", "/users", Some((media_type, body))).await).await
    }

    /// Creates a user and returns its path.
    pub(crate) async fn user(&self, body: Value) -> String {
        let (status, user) = self.import(body).await;
        assert_eq!(status, 201, "{user}");
        format!("/users/{}", user["id"].as_str().unwrap())
    }

    /// The usernames that a filter finds, over all pages.
    pub(crate) async fn find(&self, filter: &str) -> Vec<String> {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        self.follow(Some(format!("{}/users?filter={filter}", self.base))).await
    }

    /// The usernames on a page of users and all that follow.
    pub(crate) async fn follow(&self, mut next: Option<String>) -> Vec<String> {
        let mut found = Vec::new();
        while let Some(url) = next {
            let page = self.http.get(url).bearer_auth(&self.token).send().await.unwrap();
            let (status, page) = answer(page).await;
            assert_eq!(status, 200, "{page}");
            let users = page["_embedded"]["users"].as_array().unwrap();
            found.extend(users.iter().map(|user| user["username"].as_str().unwrap().to_owned()));
            next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
        }
        found
    }
}

pub(crate) async fn answer(response: Response) -> Answer {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    (status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() })
}

/// What an error is about: its general code, and code and target of its first detail.
pub(crate) fn complaint(error: &Value) -> Value {
    json!([error["code"], error["details"][0]["code"], error["details"][0]["target"]])
}

async fn token(simulator: &Simulator, http: &reqwest::Client) -> String {
    let request = http
        .post(format!("{}/{}/as/token", simulator.auth_url, simulator.environment))
        .basic_auth(&simulator.client_id, Some(&simulator.client_secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let (status, body) = answer(request.send().await.unwrap()).await;
    assert_eq!(status, 200, "{body}");
    body["access_token"].as_str().unwrap().to_owned()
}
