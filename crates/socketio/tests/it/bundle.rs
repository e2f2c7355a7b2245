use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use socketio::{Config, SocketIo, engineio::Cors};
use tower::ServiceExt;

async fn get(
    io: &SocketIo,
    method: Method,
    name: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, Bytes) {
    let mut request = Request::builder().method(method).uri(format!("/socket.io/{name}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::new())).unwrap();
    let (parts, body) = io.service().oneshot(request).await.unwrap().into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
}

/// Whether the feature and the npm package were there when this was built; `conformance/js` looks at what is served then.
fn is_built_in(status: StatusCode, body: &[u8]) -> bool {
    match status {
        StatusCode::OK => true,
        StatusCode::NOT_FOUND => {
            let advice = str::from_utf8(body).unwrap();
            assert!(advice.starts_with("This server was built without the JavaScript client."), "{advice}");
            let what = if cfg!(feature = "client") { "SOCKETIO_CLIENT_DIST" } else { "feature client" };
            assert!(advice.contains(what), "{advice}");
            false
        }
        other => unreachable!("{other}"),
    }
}

#[tokio::test]
async fn the_client_is_served_or_said_to_be_missing() {
    let mut config = Config::default();
    config.engine.cors = Some(Cors::Any);
    let io = SocketIo::new(config);
    for (name, content_type) in [
        ("socket.io.js", "application/javascript; charset=utf-8"),
        ("socket.io.min.js", "application/javascript; charset=utf-8"),
        ("socket.io.esm.min.js", "application/javascript; charset=utf-8"),
        ("socket.io.msgpack.min.js", "application/javascript; charset=utf-8"),
        ("socket.io.js.map", "application/json; charset=utf-8"),
        ("socket.io.msgpack.min.js.map", "application/json; charset=utf-8"),
    ] {
        let (status, headers, plain) = get(&io, Method::GET, name, &[("origin", "http://a.example")]).await;
        if !is_built_in(status, &plain) {
            continue;
        }
        assert_eq!(headers[header::CONTENT_TYPE], content_type, "{name}");
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let tag = headers[header::ETAG].to_str().unwrap().to_owned();
        let (status, headers, compressed) =
            get(&io, Method::GET, name, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!((status, &headers[header::CONTENT_ENCODING]), (StatusCode::OK, &"gzip".parse().unwrap()));
        assert!(compressed.len() * 2 < plain.len() && compressed.starts_with(&[0x1f, 0x8b]));
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let (status, headers, body) = get(&io, Method::GET, name, &[("if-none-match", &known)]).await;
            assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
            assert_eq!(headers[header::ETAG], *tag);
        }
        let (status, ..) = get(&io, Method::GET, name, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(status, StatusCode::OK);
        let (status, ..) = get(&io, Method::POST, name, &[]).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn nothing_else_is_served() {
    let io = SocketIo::new(Config::default());
    for name in ["", "/", "socket.io", "socket.io.js.map.map", "../Cargo.toml", "socket.io.js/", "index.html"]
    {
        let (status, _, body) = get(&io, Method::GET, name, &[]).await;
        let expected =
            if name.is_empty() || name == "/" { StatusCode::BAD_REQUEST } else { StatusCode::NOT_FOUND };
        assert_eq!(status, expected, "{name}");
        assert!(!body.starts_with(b"This server was built"), "{name}");
    }
    let io = SocketIo::new(Config { serve_client: false, ..Config::default() });
    let (status, _, body) = get(&io, Method::GET, "socket.io.js", &[]).await;
    assert_eq!((status, body.len()), (StatusCode::NOT_FOUND, 0));
}
