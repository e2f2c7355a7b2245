from conftest import IMPORT

ADA = {
    "email": "ada@example.com",
    "name": {"given": "Ada", "family": "Byron"},
    "title": "Countess",
    "password": {"value": "2Federate!", "forceChange": True},
}


def test_a_user_lives_as_documented(pingone):
    environment = pingone()
    created = environment.user("ada", **ADA)
    link = created["_links"]["self"]["href"]
    assert created["enabled"] and created["lifecycle"] == {"status": "ACCOUNT_OK"}
    assert "password" not in created
    assert environment.ok("GET", link) == created

    changed = environment.ok("PATCH", link, {"name": {"family": "Lovelace"}, "title": None})
    assert changed["name"] == {"given": "Ada", "family": "Lovelace"}
    assert "title" not in changed
    replaced = environment.ok("PUT", link, {"username": "ada", "nickname": "A"})
    assert "name" not in replaced and replaced["nickname"] == "A"

    assert environment.ok("PUT", link + "/enabled", {"enabled": False})["enabled"] is False
    assert environment.ok("GET", link)["account"]["canAuthenticate"] is False
    assert environment.send("DELETE", link).status_code == 204
    assert environment.send("GET", link).status_code == 404


def test_a_password_is_set_by_its_media_type(pingone):
    environment = pingone()
    user = environment.user("ada", **ADA)
    password = user["_links"]["password"]["href"]
    assert environment.ok("GET", password)["status"] == "MUST_CHANGE_PASSWORD"

    def put(kind, body):
        return environment.send("PUT", password, body, media_type=f"application/vnd.pingidentity.password.{kind}+json")

    encoded = "{SSHA512}UkGWfORubNKFpFBWh+Lgy4FrciclzUXneuryV+B+zBDR4Gqd5wvMqAvKRixgQWoZlZUgq8Wh40uMK3s6bWpzWt1/TqQH02hX"
    assert put("set", {"value": encoded, "forceChange": False}).json()["status"] == "OK"
    weak = put("set", {"value": "weak"})
    assert weak.status_code == 400
    assert weak.json()["details"][0]["innerError"]["unsatisfiedRequirements"] == ["length", "minCharacters"]
    assert put("reset", {"newPassword": "weak"}).json()["status"] == "MUST_CHANGE_PASSWORD"
    assert put("setValue", {}).json()["status"] == "NO_PASSWORD"
    assert put("unheard-of", {}).status_code == 415


def test_a_list_is_read_by_its_links(pingone):
    environment = pingone()
    for number in range(30):
        environment.user(f"user{number:02}", name={"family": "Even" if number % 2 == 0 else "Odd"})
    pages = list(environment.pages("/users", limit=4))
    names = [user["username"] for page in pages for user in page["_embedded"]["users"]]
    assert names == [f"user{number:02}" for number in range(30)]
    assert all(page["size"] == len(page["_embedded"]["users"]) for page in pages)
    assert any(page["size"] < 4 for page in pages[:-1]), "a short page need not be the last"

    query = 'name.family eq "even" and (username sw "user0" or username ew "28")'
    found = [user["username"] for page in environment.pages("/users", filter=query) for user in page["_embedded"]["users"]]
    assert found == ["user00", "user02", "user04", "user06", "user08", "user28"]
    refused = environment.send("GET", "/users", params={"filter": 'username ne "a"'})
    assert refused.status_code == 400
    assert refused.json()["details"][0]["code"] == "INVALID_FILTER"


def test_mistakes_are_told_in_the_words_of_pingone(pingone):
    environment = pingone()
    environment.user("ada")
    twice = environment.send("POST", "/users", {"username": "ada"}, media_type=IMPORT)
    assert twice.status_code == 400
    assert twice.json()["details"] == [
        {
            "code": "UNIQUENESS_VIOLATION",
            "target": "username",
            "message": "is unique but a non-unique value is provided",
        }
    ]
    assert twice.json()["id"] == twice.headers["correlation-id"]
    assert environment.send("POST", "/users", {"username": "x"}, media_type="text/plain").status_code == 415
    assert environment.send("PATCH", "/users", {}).status_code == 405


def test_a_limit_is_told_with_the_time_to_wait(pingone):
    environment = pingone("--rate-limit", "1")
    answers = [environment.send("POST", "/users", {"username": f"user{n}"}, media_type=IMPORT) for n in range(20)]
    throttled = [answer for answer in answers if answer.status_code == 429]
    assert throttled
    assert all(answer.json()["code"] == "REQUEST_LIMITED" for answer in throttled)
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in throttled)
