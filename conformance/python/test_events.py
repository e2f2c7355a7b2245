"""Events, acknowledgements and payloads of python-socketio."""

import threading

UNICODE = "Grüße, 你好, мир, 😀, e\u0301, \u2028, \x00, \uffff"


def test_an_event_comes_back_with_its_arguments(connect):
    peer = connect()
    peer.emit("message", 1, "2", {"3": [True, None, -0.5]}, [])
    assert peer.next("message-back") == (1, "2", {"3": [True, None, -0.5]}, [])


def test_the_server_acknowledges(connect):
    assert connect().call("message-with-ack", 1, "2", {"3": False}) == (1, "2", {"3": False})


def test_the_client_acknowledges(connect):
    peer = connect()
    peer.client.on("question", lambda value: {"answered": value})
    peer.emit("ask", "why")
    assert peer.next("answered") == ({"answered": "why"},)


def test_binary_keeps_its_place(connect):
    peer = connect()
    sent = ({"a": b"first", "b": [b"", {"c": b"\x00\x80\xff"}]}, "between", b"last")
    peer.emit("message", *sent)
    assert peer.next("message-back") == sent


def test_acknowledgements_carry_binary(connect):
    peer = connect()
    assert peer.call("message-with-ack", b"\x01\x02\x03") == b"\x01\x02\x03"
    peer.client.on("question", lambda value: value + b"\xff")
    peer.emit("ask-binary", b"\x07")
    assert peer.next("answered") == (b"\x07\xff",)


def test_unicode(connect):
    assert connect().call("message-with-ack", UNICODE, {UNICODE: UNICODE}) == (UNICODE, {UNICODE: UNICODE})


def test_a_message_close_to_the_limit(connect):
    text = "0123456789abcdef" * 60_000
    assert connect().call("message-with-ack", text) == text


def test_a_thousand_messages_in_order(connect):
    """With the default way they begin before the upgrade and end after it."""
    peer = connect()
    sender = threading.Thread(target=lambda: [peer.emit("message", number) for number in range(1_000)])
    sender.start()
    peer.emit("burst", 0, 1_000)
    echoes, ticks = [], []
    while len(echoes) < 1_000 or len(ticks) < 1_000:
        event, arguments = peer.received.get(timeout=20)
        {"message-back": echoes, "tick": ticks}.get(event, []).extend(arguments)
    sender.join()
    assert echoes == list(range(1_000))
    assert ticks == list(range(1_000))
