"""The server under test, and clients that are disconnected again."""

import contextlib
import os
import pathlib
import queue
import re
import subprocess

import pytest
import socketio

BUILT = pathlib.Path(__file__).parents[2] / "target/release/conformance"

WAYS = {
    "websocket": ["websocket"],
    "polling": ["polling"],
    "polling-then-websocket": ["polling", "websocket"],
}

# An event that has not come after this long does not come.
PATIENCE = 20


@pytest.fixture(scope="session")
def server():
    """Starts servers of `conformance/src` and gives their addresses; they end with the run."""
    binary = os.environ.get("CONFORMANCE", BUILT)
    with contextlib.ExitStack() as running:

        def start(*arguments):
            command = [binary, *arguments, "--port", "0"]
            process = running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            running.callback(process.terminate)
            line = process.stdout.readline()
            address = re.fullmatch(r"listening on (\S+)\n", line)
            assert address, f"the server did not start: {line!r}"
            return address[1]

        yield start


@pytest.fixture(scope="session")
def url(server):
    """The address of a Socket.IO server that this run has for itself."""
    return server("socket", "--relaxed")


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
def connect(request, url):
    """Connects clients over one of the ways and disconnects them after the test."""
    peers = []

    def connect_one(namespaces=("/",), auth=None, refusals=None):
        peer = Peer(namespaces, refusals)
        peers.append(peer)
        peer.client.connect(
            url,
            transports=request.param,
            namespaces=list(namespaces),
            auth=auth,
            wait_timeout=PATIENCE,
        )
        return peer

    yield connect_one
    for peer in peers:
        peer.client.disconnect()


class Peer:
    """A client that keeps what it receives until a test asks for it."""

    def __init__(self, namespaces, refusals=None):
        self.client = socketio.Client(reconnection=False)
        self.received = queue.Queue()
        for namespace in namespaces:
            self.client.on("*", self._keep, namespace=namespace)
            self.client.on("disconnect", self._ended, namespace=namespace)
            if refusals is not None:
                self.client.on("connect_error", refusals.append, namespace=namespace)

    def _keep(self, event, *arguments):
        self.received.put((event, arguments))

    def _ended(self, reason):
        self.received.put(("disconnect", (reason,)))

    def emit(self, event, *arguments, namespace="/"):
        self.client.emit(event, arguments, namespace=namespace)

    def call(self, event, *arguments, namespace="/"):
        """Emits an event and returns the arguments of its acknowledgement."""
        return self.client.call(event, arguments, namespace=namespace, timeout=PATIENCE)

    def next(self, event):
        """The arguments of the next event with this name; others before it are forgotten."""
        while True:
            name, arguments = self.received.get(timeout=PATIENCE)
            if name == event:
                return arguments
