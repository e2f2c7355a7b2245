"""Namespaces, rooms and endings of python-socketio."""

import pytest
import socketio


def test_credentials_reach_the_server(connect):
    assert connect(auth={"token": "123"}).next("auth") == ({"token": "123"},)


def test_two_namespaces_share_a_connection(connect):
    peer = connect(namespaces=["/", "/custom"])
    assert peer.client.get_sid("/") != peer.client.get_sid("/custom")
    assert peer.call("message-with-ack", "custom", namespace="/custom") == "custom"
    assert peer.call("message-with-ack", "root") == "root"


def test_an_unknown_namespace_is_refused(connect):
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(namespaces=["/random"])


def test_middleware_refuses_with_a_message_and_data(connect):
    refusals = []
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect(namespaces=["/refused"], auth={"token": "wrong"}, refusals=refusals)
    assert refusals == [{"message": "not authorised", "data": {"code": "wrong_token"}}]


def test_rooms(connect):
    inside, outside = connect(), connect()
    inside.call("join", "red")
    outside.call("join", "blue")
    outside.emit("to-rooms", ["red", "blue", "empty"], 1)
    assert inside.next("room") == (1,)
    assert outside.next("room") == (1,)
    inside.call("leave", "red")
    outside.emit("to-rooms", ["red"], 2)
    outside.emit("to-rooms", ["blue"], 3)
    assert outside.next("room") == (3,)
    inside.call("message-with-ack", "drained")
    assert "room" not in [event for event, _ in inside.received.queue]


def test_the_client_leaves(connect):
    observer, leaver = connect(), connect()
    observer.call("join", "observers")
    sid = leaver.client.get_sid()
    leaver.client.disconnect()
    gone, reason = observer.next("gone")
    assert gone == sid
    # This client may close the connection before its packet for the namespace is on the way.
    assert reason in ("client namespace disconnect", "transport close")


def test_the_server_ends_the_connection(connect):
    peer = connect()
    peer.emit("disconnect-me", True)
    assert peer.next("disconnect") == (socketio.Client.reason.SERVER_DISCONNECT,)
