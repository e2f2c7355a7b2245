import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session


def test_a_client_renews_its_token_in_the_middle_of_its_work(pingone):
    environment = pingone("--token-lifetime", "1")
    tokens = set()
    for number in range(1000):
        environment.user(f"user{number}")
        tokens.add(environment.session.token["access_token"])
        if len(tokens) == 3:
            return
    pytest.fail("the token never ran out")


@pytest.mark.parametrize(
    ("method", "secret", "description"),
    [
        ("client_secret_post", None, "Unsupported authentication method"),
        ("client_secret_basic", "wrong", "Invalid client credentials"),
    ],
)
def test_the_token_endpoint_says_no_in_the_words_of_pingone(pingone, method, secret, description):
    environment = pingone()
    where = environment.where
    stranger = OAuth2Session(
        where["client_id"], secret or where["client_secret"], token_endpoint_auth_method=method
    )
    stranger.verify = environment.session.verify
    stranger.trust_env = False
    with pytest.raises(OAuthError) as refused:
        stranger.fetch_token(f"{where['auth']}/{where['environment']}/as/token", grant_type="client_credentials")
    assert refused.value.error == "invalid_client"
    assert description in refused.value.description


def test_the_other_method_works_where_the_application_is_set_to_it(pingone):
    with pytest.raises(OAuthError):
        pingone("--auth-method", "post")
