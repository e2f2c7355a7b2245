//! Clients of revision 3 through real sockets.

use crate::support::server;
use engineio::{Config, Protocol};
use engineio_proto::frame::Opcode;
use testkit::raw::{self, WebSocket};

const POLLING: &str = "/engine.io/?EIO=3&transport=polling";

fn config() -> Config {
    let mut config = Config::default();
    config.allow_eio3 = true;
    config
}

#[tokio::test]
async fn they_are_let_in_where_that_is_switched_on() {
    let refused = raw::get(server(Config::default()).await.addr, POLLING).await.unwrap();
    assert_eq!((refused.status, refused.body.contains("\"code\":5")), (400, true));

    let server = server(config()).await;
    let opened = raw::get(server.addr, POLLING).await.unwrap();
    let (len, packet) = opened.body.split_once(':').unwrap();
    assert_eq!(len.parse(), Ok(packet.len()));
    assert_eq!(server.sockets.lock()[0].protocol(), Protocol::V3);
    let session = format!("{POLLING}&sid={}", packet.split('"').nth(3).unwrap());
    assert_eq!(raw::post(server.addr, &session, "2:4a").await.unwrap().body, "ok");
    let echoed = raw::get(server.addr, &session).await.unwrap();
    assert_eq!(
        (echoed.body.as_str(), echoed.header("content-type")),
        ("2:4a", Some("text/plain; charset=UTF-8"))
    );
    assert_eq!(raw::post(server.addr, &session, "10:b4AQIDBA==").await.unwrap().body, "ok");
    let echoed = raw::get(server.addr, &session).await.unwrap();
    assert_eq!(echoed.header("content-type"), Some("application/octet-stream"));
    assert!(echoed.body.ends_with("\x04\x01\x02\x03\x04"), "{echoed:?}");
    assert_eq!(raw::post(server.addr, &session, "4a").await.unwrap().status, 400);
}

#[tokio::test]
async fn websockets_carry_binary_with_its_type() {
    let server = server(config()).await;
    for (query, base64) in [("", false), ("&b64=1", true)] {
        let target = format!("/engine.io/?EIO=3&transport=websocket{query}");
        let mut websocket = WebSocket::connect(server.addr, &target).await.unwrap();
        assert!(websocket.text().await.unwrap().starts_with("0{"));
        websocket.send("2").await.unwrap();
        assert_eq!(websocket.text().await.as_deref(), Some("3"));
        websocket.send_frame(Opcode::Binary, &[4, 1, 2]).await.unwrap();
        if base64 {
            assert_eq!(websocket.text().await.as_deref(), Some("b4AQI="));
        } else {
            assert_eq!(websocket.binary().await.as_deref(), Some(&[4, 1, 2][..]));
        }
    }
}
