"""Consent, codes, rotation, and how tokens die."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.emulator.books import Books, Json, Make, Office, basic

CALLBACK = "https://shop.example/callback"


def consent(office: Office, **more: str) -> dict[str, list[str]]:
    params = {
        "client_id": "emulator-client",
        "response_type": "code",
        "scope": "com.intuit.quickbooks.accounting",
        "redirect_uri": CALLBACK,
        "state": "s1",
        **more,
    }
    answer = office.send("GET", "/connect/oauth2", params=params)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["location"]).query)


def ask(office: Office, headers: Json | None = None, **form: str) -> tuple[int, Json]:
    answer = office.send(
        "POST", "/oauth2/v1/tokens/bearer", form=form, headers={**basic(), **(headers or {})}
    )
    return answer.status_code, answer.json()


def redeem(office: Office, code: str, **headers: str) -> tuple[int, Json]:
    return ask(office, headers, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)


def refresh(office: Office, token: str) -> tuple[int, Json]:
    return ask(office, grant_type="refresh_token", refresh_token=token)


def test_discovery_names_the_endpoints_under_the_public_address(make_office: Make) -> None:
    office = make_office(public_url="http://books.test")
    document = office.send("GET", "/.well-known/openid_configuration").json()
    assert document["authorization_endpoint"] == "http://books.test/connect/oauth2"
    assert document["token_endpoint"] == "http://books.test/oauth2/v1/tokens/bearer"
    assert document["revocation_endpoint"] == "http://books.test/v2/oauth2/tokens/revoke"


def test_consent_gives_code_state_and_realm_and_the_code_opens_the_company(
    office: Office, quebec: Books
) -> None:
    callback = consent(office)
    assert callback["state"] == ["s1"]
    assert callback["realmId"] == [quebec.realm]
    status, tokens = redeem(office, callback["code"][0])
    assert status == 200
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["x_refresh_token_expires_in"] == 8_726_400
    quebec.headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert quebec.query("select count(*) from TaxCode")["totalCount"] > 5


@pytest.mark.usefixtures("quebec")
def test_a_refused_consent_comes_back_as_access_denied(office: Office) -> None:
    assert consent(office, deny="1")["error"] == ["access_denied"]


@pytest.mark.usefixtures("quebec")
def test_two_companies_must_be_told_apart(office: Office, states: Books) -> None:
    params = {"client_id": "emulator-client", "response_type": "code", "redirect_uri": CALLBACK}
    assert office.send("GET", "/connect/oauth2", params=params).status_code == 400
    assert consent(office, realm=states.realm)["realmId"] == [states.realm]


@pytest.mark.usefixtures("quebec")
def test_a_code_used_twice_kills_what_it_gave(office: Office) -> None:
    code = consent(office)["code"][0]
    _, tokens = redeem(office, code)
    assert redeem(office, code) == (400, {"error": "invalid_grant"})
    assert refresh(office, tokens["refresh_token"])[0] == 400


@pytest.mark.parametrize("redirect", ["https://other.example/callback", ""])
@pytest.mark.usefixtures("quebec")
def test_the_redirect_address_must_be_the_same(office: Office, redirect: str) -> None:
    code = consent(office)["code"][0]
    status, body = ask(office, grant_type="authorization_code", code=code, redirect_uri=redirect)
    assert (status, body["error"]) == (400, "invalid_grant")


@pytest.mark.usefixtures("quebec")
def test_a_wrong_secret_is_an_invalid_client(office: Office) -> None:
    code = consent(office)["code"][0]
    status, body = ask(
        office, basic("emulator-client:no"), grant_type="authorization_code", code=code
    )
    assert (status, body) == (401, {"error": "invalid_client"})


@pytest.mark.usefixtures("quebec")
def test_the_refresh_token_keeps_its_value_for_a_day_then_changes(office: Office) -> None:
    _, first = redeem(office, consent(office)["code"][0])
    _, same = refresh(office, first["refresh_token"])
    assert same["refresh_token"] == first["refresh_token"]
    assert same["access_token"] != first["access_token"]
    office.time.now += 86_400
    _, rotated = refresh(office, first["refresh_token"])
    assert rotated["refresh_token"] != first["refresh_token"]


def test_a_rotated_token_used_again_revokes_the_whole_family(make_office: Make) -> None:
    office = make_office(rotate_after_seconds=0)
    books = office.company(country="CA")
    _, first = redeem(office, consent(office)["code"][0])
    _, second = refresh(office, first["refresh_token"])
    status, body = refresh(office, first["refresh_token"])
    assert (status, body["error"]) == (400, "invalid_grant")
    assert refresh(office, second["refresh_token"])[0] == 400
    books.headers = {"authorization": f"Bearer {second['access_token']}"}
    assert books.send("GET", "companyinfo/1").status_code == 401


@pytest.mark.usefixtures("quebec")
def test_the_hard_expiry_is_told_to_those_who_ask(office: Office) -> None:
    header = {"x-include-refresh-token-hard-expires-in": "true"}
    _, tokens = redeem(office, consent(office)["code"][0], **header)
    assert tokens["x_refresh_token_hard_expires_in"] == 5 * 365 * 86_400


def test_an_access_token_dies_after_an_hour_with_a_lower_case_fault(
    office: Office, quebec: Books
) -> None:
    office.time.now += 3600
    answer = quebec.send("GET", "companyinfo/1")
    assert answer.status_code == 401
    body = answer.json()
    assert body["fault"]["type"] == "AUTHENTICATION"
    assert body["fault"]["error"][0]["code"] == "3200"
    assert isinstance(body["time"], int)
    assert "Fault" not in body


def test_the_gateway_can_answer_in_xml(make_office: Make) -> None:
    books = make_office(xml_faults=True).company(country="CA")
    books.headers = {}
    answer = books.send("GET", "companyinfo/1")
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/xml")
    assert '<Error code="3200">' in answer.text


def test_a_token_opens_only_its_own_company(quebec: Books, states: Books) -> None:
    quebec.headers = states.headers
    answer = quebec.send("GET", "companyinfo/1")
    assert answer.status_code == 403
    assert answer.json()["fault"]["error"][0]["code"] == "3100"


def test_revoking_kills_access_and_refresh(office: Office, quebec: Books) -> None:
    _, tokens = redeem(office, consent(office)["code"][0])
    answer = office.send(
        "POST",
        "/v2/oauth2/tokens/revoke",
        json={"token": tokens["refresh_token"]},
        headers=basic(),
    )
    assert answer.status_code == 200
    assert refresh(office, tokens["refresh_token"])[0] == 400
    quebec.headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert quebec.send("GET", "companyinfo/1").status_code == 401
