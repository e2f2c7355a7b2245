"""A local PingOne over TLS, and a client that knows nothing but OAuth 2.0, HTTP and PingOne's documentation."""

import contextlib
import json
import os
import pathlib
import subprocess

import pytest
from authlib.integrations.requests_client import OAuth2Session

BUILT = pathlib.Path(__file__).parents[2] / "target/release/pingone-sim"

IMPORT = "application/vnd.pingidentity.user.import+json"

# An answer that has not come after this long does not come.
PATIENCE = 20


@pytest.fixture
def pingone(tmp_path):
    """Starts simulators and gives clients of them; they end with the test."""
    binary = os.environ.get("PINGONE_SIM", BUILT)
    with contextlib.ExitStack() as running:

        def start(*arguments):
            authority = tmp_path / "authority.pem"
            command = [binary, "--tls", "--tls-certificate", authority, *arguments]
            process = running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            running.callback(process.terminate)
            where = json.loads(process.stdout.readline())
            assert authority.read_text() == where["certificate"]
            return PingOne(where, str(authority))

        yield start


class PingOne:
    """One environment, through an OAuth client that renews its token by itself."""

    def __init__(self, where, authority):
        self.where = where
        self.base = f"{where['api']}/environments/{where['environment']}"
        self.session = OAuth2Session(
            where["client_id"],
            where["client_secret"],
            token_endpoint=f"{where['auth']}/{where['environment']}/as/token",
            token_endpoint_auth_method="client_secret_basic",
            grant_type="client_credentials",
        )
        self.session.verify = authority
        self.session.trust_env = False
        self.session.fetch_token(timeout=PATIENCE)

    def send(self, method, path, body=None, media_type="application/json", **options):
        """The answer to a request below the environment, or to one for a link."""
        url = path if path.startswith("https:") else self.base + path
        if body is not None:
            options |= {"data": json.dumps(body), "headers": {"Content-Type": media_type}}
        return self.session.request(method, url, timeout=PATIENCE, **options)

    def ok(self, method, path, body=None, **options):
        """The body of an answer that must be a success."""
        answer = self.send(method, path, body, **options)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def user(self, username, **attributes):
        return self.ok("POST", "/users", {"username": username, **attributes}, media_type=IMPORT)

    def pages(self, path, **parameters):
        """Follows the links from page to page."""
        page = self.ok("GET", path, params=parameters)
        while True:
            yield page
            following = page["_links"].get("next")
            if following is None:
                return
            page = self.ok("GET", following["href"])
