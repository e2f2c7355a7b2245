/// Why a WebSocket is closed, RFC 6455 §7.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: done.
    pub const NORMAL: Self = Self(1000);
    /// 1001: the server is going down.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the framing.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1007: text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1008: refused by a rule of the application.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: a message above the limit.
    pub const TOO_BIG: Self = Self(1009);
    /// 1011: the server failed.
    pub const INTERNAL_ERROR: Self = Self(1011);

    /// A code that may stand in a CLOSE frame: 1000–1003, 1007–1014, or 3000–4999 of applications.
    pub fn new(code: u16) -> Option<Self> {
        matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999).then_some(Self(code))
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }
}
