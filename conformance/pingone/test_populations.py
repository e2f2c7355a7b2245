def test_populations_are_created_changed_filled_and_deleted(pingone):
    environment = pingone()
    default = environment.ok("GET", "/populations")["_embedded"]["populations"][0]
    assert default["default"]
    staff = environment.ok("POST", "/populations", {"name": "Staff", "description": "who works here"})
    assert list(staff)[:6] == ["_links", "id", "environment", "name", "description", "userCount"]
    taken = environment.send("POST", "/populations", {"name": "Staff"})
    assert (taken.status_code, taken.json()["details"][0]["target"]) == (400, "name")
    link = staff["_links"]["self"]["href"]
    renamed = environment.ok("PUT", link, {"name": "Employees"})
    assert renamed["name"] == "Employees" and "description" not in renamed

    ada = environment.user("ada")
    assert ada["population"]["id"] == default["id"]
    environment.ok("PUT", ada["_links"]["self"]["href"] + "/population", {"id": staff["id"]})
    assert environment.ok("GET", link)["userCount"] == 1
    full = environment.send("DELETE", link)
    assert (full.status_code, full.json()["details"][0]["code"]) == (400, "CONSTRAINT_VIOLATION")
    environment.send("DELETE", ada["_links"]["self"]["href"])
    assert environment.send("DELETE", link).status_code == 204
    assert environment.send("DELETE", default["_links"]["self"]["href"]).status_code == 400


def test_groups_have_members(pingone):
    environment = pingone()
    group = environment.ok("POST", "/groups", {"name": "Readers"})
    ada = environment.user("ada")
    groups = ada["_links"]["memberOfGroups"]["href"]
    member = environment.ok("POST", groups, {"id": group["id"]})
    assert (member["type"], member["name"]) == ("DIRECT", "Readers")
    query = f'memberOfGroups[id eq "{group["id"]}" and type eq "DIRECT"]'
    found = environment.ok("GET", "/users", params={"filter": query})["_embedded"]["users"]
    assert [user["username"] for user in found] == ["ada"]
    assert environment.send("DELETE", f"{groups}/{group['id']}").status_code == 204
    assert environment.ok("GET", groups)["size"] == 0


def test_the_schema_tells_which_attributes_there_are(pingone):
    environment = pingone()
    schema = environment.ok("GET", "/schemas")["_embedded"]["schemas"][0]
    assert schema["name"] == "User"
    attributes = environment.ok("GET", schema["_links"]["attributes"]["href"])["_embedded"]["attributes"]
    by_name = {attribute["name"]: attribute for attribute in attributes}
    assert by_name["username"]["required"] and by_name["username"]["unique"]
    assert "family" in [part["name"] for part in by_name["name"]["subAttributes"]]
