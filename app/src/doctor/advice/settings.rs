//! The exact settings, product by product.

use super::super::cause::Cause;
use super::super::check::Product::{
    self, Apache, AwsAlb, AzureAppGateway, Cloudflare, HaProxy, Nginx, Squid,
};

type Settings = &'static [(Product, &'static str)];

/// What to change for a cause; empty where no product of the way is at fault.
pub(super) fn settings(cause: Cause) -> Settings {
    match cause {
        Cause::UpgradeRefused | Cause::UpgradeFailed | Cause::FirstFrameLost | Cause::MuteAfterUpgrade => {
            UPGRADE
        }
        Cause::IdleClosed => IDLE,
        Cause::PollsCut => CUT,
        Cause::PollsBuffered | Cause::StreamBuffered => BUFFERED,
        Cause::BodyLimit | Cause::LargeMessageLost => LIMIT,
        Cause::SessionLost => STICKY,
        Cause::WrongPath => PATH,
        Cause::OriginRefused => HOST,
        Cause::AnswersCached => CACHED,
        Cause::ProxyRefused => FORWARD,
        Cause::BadGateway => GATEWAY,
        Cause::Overloaded => OVERLOADED,
        Cause::NotAuthorised => LOGIN,
        Cause::TlsOldVersion => VERSIONS,
        _ => &[],
    }
}

const UPGRADE: Settings = &[
    (
        Nginx,
        "proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection \"upgrade\";",
    ),
    (
        HaProxy,
        "mode http  # HAProxy passes upgrades by itself; remove \"http-request del-header Upgrade\" and \"option httpclose\"",
    ),
    (
        Apache,
        "ProxyPass \"/\" \"http://127.0.0.1:4000/\" upgrade=websocket  # httpd 2.4.47 or newer, mod_proxy_http",
    ),
    (Squid, "http_upgrade_request_protocols websocket allow all"),
    (
        AwsAlb,
        "use an HTTP or HTTPS listener with a target group of protocol version HTTP1; HTTP2 and gRPC groups carry no WebSockets",
    ),
    (Cloudflare, "Network > WebSockets: On"),
    (
        AzureAppGateway,
        "WebSockets are always on; set the backend's protocol to HTTP 1.1, and see that no WAF rule blocks the Upgrade header",
    ),
];

const IDLE: Settings = &[
    (Nginx, "proxy_read_timeout 120s;\nproxy_send_timeout 120s;"),
    (HaProxy, "timeout tunnel 1h\ntimeout client 60s\ntimeout server 60s"),
    (Apache, "ProxyTimeout 120  # and RequestReadTimeout body=0 where mod_reqtimeout is loaded"),
    (Squid, "read_timeout 15 minutes\nclient_lifetime 1 day"),
    (AwsAlb, "load balancer attribute idle_timeout.timeout_seconds = 120"),
    (
        Cloudflare,
        "connections without traffic end after 100 s, which is long enough; look at the proxy behind it",
    ),
    (
        AzureAppGateway,
        "HTTP settings > Request time-out: 120 seconds; frontend IP > Idle timeout: 30 minutes",
    ),
];

const CUT: Settings = &[
    (Nginx, "proxy_read_timeout 60s;"),
    (HaProxy, "timeout server 60s\ntimeout client 60s"),
    (Apache, "ProxyTimeout 60"),
    (Squid, "read_timeout 15 minutes\nrequest_timeout 5 minutes"),
    (AwsAlb, "load balancer attribute idle_timeout.timeout_seconds = 60"),
    (Cloudflare, "answers may take 100 s; look at the proxy behind it"),
    (AzureAppGateway, "HTTP settings > Request time-out: 60 seconds"),
];

const BUFFERED: Settings = &[
    (
        Nginx,
        "proxy_buffering off;\nproxy_cache off;  # and remove \"proxy_ignore_headers X-Accel-Buffering\"",
    ),
    (HaProxy, "no option http-buffer-request  # and remove \"compression\" for text/event-stream"),
    (Apache, "SetEnv proxy-sendchunks 1\nSetEnv no-gzip 1  # and ProxyPass ... flushpackets=on"),
    (Squid, "icap_enable off  # or exempt the server: adaptation_access SERVICE deny TO_SERVER"),
    (Cloudflare, "turn off Auto Minify and Rocket Loader for the host; a Configuration Rule can exempt it"),
    (AzureAppGateway, "Configuration > Response buffer: Disabled"),
];

const LIMIT: Settings = &[
    (Nginx, "client_max_body_size 5g;\nproxy_request_buffering off;"),
    (HaProxy, "tune.bufsize limits headers only; remove rules on req.body_size or content-length"),
    (Apache, "LimitRequestBody 0"),
    (Squid, "request_body_max_size 0"),
    (AwsAlb, "no limit of its own; raise the body limit of an AWS WAF rule in front"),
    (
        Cloudflare,
        "the plan's upload limit (100 MB on Free and Pro) holds; import larger files on the server's own machine",
    ),
    (
        AzureAppGateway,
        "WAF policy > Max request body size and Max file upload size, or turn body inspection off for the host",
    ),
];

const STICKY: Settings = &[
    (Nginx, "upstream tool { hash $remote_addr consistent; server node1:4000; server node2:4000; }"),
    (
        HaProxy,
        "balance source\n# or: cookie SERVERID insert indirect nocache  # and \"cookie node1\" on each server line",
    ),
    (
        Apache,
        "Header add Set-Cookie \"ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/\" env=BALANCER_ROUTE_CHANGED\nProxySet stickysession=ROUTEID",
    ),
    (Squid, "cache_peer node1 parent 4000 0 sourcehash originserver"),
    (AwsAlb, "target group attribute stickiness.enabled = true, stickiness.type = lb_cookie"),
    (Cloudflare, "Load Balancing > Session affinity: by Cloudflare cookie"),
    (AzureAppGateway, "HTTP settings > Cookie-based affinity: Enable"),
];

const PATH: Settings = &[
    (Nginx, "location / { proxy_pass http://127.0.0.1:4000; }  # without a path after the port"),
    (HaProxy, "remove \"http-request replace-path\" and \"set-path\" for /socket.io/, /ws and /api/"),
    (Apache, "ProxyPass \"/socket.io/\" \"http://127.0.0.1:4000/socket.io/\"  # the same path on both sides"),
    (Squid, "remove url_rewrite_program for the server: url_rewrite_access deny TO_SERVER"),
    (AwsAlb, "listener rule: path patterns /socket.io/*, /ws, /api/* to the same target group"),
    (Cloudflare, "Rules > Transform Rules: exempt /socket.io/, /ws and /api/"),
    (AzureAppGateway, "HTTP settings > Override backend path: empty"),
];

const HOST: Settings = &[
    (Nginx, "proxy_set_header Host $host:$server_port;  # or $http_host"),
    (HaProxy, "remove \"http-request set-header Host\""),
    (Apache, "ProxyPreserveHost On"),
    (Squid, "cache_peer ... originserver  # without forcedomain="),
    (Cloudflare, "Origin Rules > Host Header: no override, or start the server with --public-url"),
    (AzureAppGateway, "HTTP settings > Override with new host name: No"),
];

const CACHED: Settings = &[
    (Nginx, "proxy_cache off;  # or remove \"proxy_ignore_headers Cache-Control\""),
    (HaProxy, "remove \"http-request cache-use\" for /socket.io/ and /api/"),
    (Apache, "CacheDisable \"/socket.io/\"\nCacheDisable \"/api/\""),
    (Squid, "cache deny TO_SERVER  # and remove ignore-no-store from refresh_pattern"),
    (Cloudflare, "Cache Rules > Bypass cache for /socket.io/* and /api/*"),
];

const FORWARD: Settings = &[
    (
        Squid,
        "acl Import_ports port 4000\nhttp_access allow CONNECT Import_ports  # before \"http_access deny CONNECT !SSL_ports\"",
    ),
    (Apache, "AllowCONNECT 443 4000"),
];

const GATEWAY: Settings = &[
    (
        Nginx,
        "proxy_pass http://127.0.0.1:4000;  # where \"pingone-import serve\" listens; error.log has the reason",
    ),
    (HaProxy, "server tool 127.0.0.1:4000 check  # \"show servers state\" tells why it is down"),
    (Apache, "ProxyPass \"/\" \"http://127.0.0.1:4000/\"  # and, with SELinux, httpd_can_network_connect on"),
    (Squid, "cache_peer 127.0.0.1 parent 4000 0 no-query originserver"),
    (AwsAlb, "target group > health check path /api/health/ready"),
    (Cloudflare, "status 52x: the origin is not reached; check its address and firewall"),
    (AzureAppGateway, "health probe path /api/health/ready"),
];

const OVERLOADED: Settings = &[
    (Nginx, "worker_connections 16384;  # and limit_conn, if it is set"),
    (HaProxy, "maxconn 20000  # in global, frontend and server lines"),
    (Apache, "MaxRequestWorkers 1000  # event MPM"),
];

const LOGIN: Settings = &[
    (Nginx, "remove auth_basic, or \"proxy_set_header Authorization\", for this server"),
    (HaProxy, "remove \"http-request del-header Authorization\""),
    (Apache, "remove AuthType for this server, and \"RequestHeader unset Authorization\""),
    (Squid, "cache_peer ... originserver login=PASSTHRU  # without it Squid takes Authorization away"),
];

const VERSIONS: Settings = &[
    (Nginx, "ssl_protocols TLSv1.2 TLSv1.3;"),
    (HaProxy, "ssl-default-bind-options ssl-min-ver TLSv1.2"),
    (Apache, "SSLProtocol -all +TLSv1.2 +TLSv1.3"),
    (AwsAlb, "security policy ELBSecurityPolicy-TLS13-1-2-2021-06"),
    (Cloudflare, "SSL/TLS > Edge Certificates > Minimum TLS Version: 1.2"),
    (AzureAppGateway, "SSL policy AppGwSslPolicy20220101"),
];
