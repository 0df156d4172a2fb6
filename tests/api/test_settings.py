"""The book's configuration over HTTP, and the service's own settings."""

from pathlib import Path

import pytest

from api.settings import Settings, SettingsError, listed, load
from tests.api.conftest import Office
from tests.api.facts import a_sale, codes

TODAY_OR_LATER = {"from": "2020-01-01"}


def test_what_a_new_book_knows(office: Office) -> None:
    book = office.read("/v1/settings/book", "pos")
    assert (book["id"], book["region"], book["timezone"]) == (
        office.book.id,
        "QC",
        "America/Toronto",
    )
    assert book["rules"]["forfeits"] == "each"
    assert book["rules"]["may_expire"]["gift_cards"] is False
    assert book["rules"]["cash_out_limit"] == "5.00"
    assert book["rules"]["sources"]
    taxes = office.read("/v1/settings/tax-codes", "pos")["data"]
    assert [(tax["tax"], tax["rate"]) for tax in taxes] == [("GST", "5"), ("QST", "9.975")]
    methods = {method["method"] for method in office.read("/v1/settings/methods", "pos")["data"]}
    assert methods >= {"cash", "card", "cheque", "transfer", "other", "exchange"}
    accounts = office.read("/v1/settings/accounts", "auditor")["data"]
    assert {"code": "1000", "role": "cash", "serves": True}.items() <= accounts[0].items()
    assert office.read("/v1/settings/items", "pos")["data"] == []
    policies = {p["policy"]: p for p in office.read("/v1/settings/policies")["data"]}
    assert (policies["posting"]["value"], policies["posting"]["is_default"]) == (
        "per_transaction",
        True,
    )
    assert policies["day_grace"]["value"] == "2h"
    assert policies["history_from"]["value"] is None


@pytest.mark.parametrize(
    ("path", "body", "listed_as"),
    [
        ("items/HAT", {"name": "Hat", "category": "Hats"}, {"item": "HAT", "category": "Hats"}),
        ("methods/twint", {"name": "TWINT", "kind": "other"}, {"method": "twint", "name": "TWINT"}),
        (
            "tax-codes/ECO",
            {"name": "Écofrais", "rate": "0.45", "agency": "RECYC-QUÉBEC"},
            {"tax": "ECO", "rate": "0.45"},
        ),
        (
            "accounts/4050",
            {
                "name": {"en": "Workshop", "fr": "Atelier"},
                "role": "sales",
                "account_type": "income",
            },
            {"code": "4050", "serves": True},
        ),
        ("policies/posting", {"value": "per_day"}, {"policy": "posting", "value": "per_day"}),
        (
            "policies/day_grace",
            {"value": "90m", "channel": "web"},
            {"policy": "day_grace", "value": "90m", "channel": "web", "is_default": False},
        ),
        ("policies/history_from", {"value": "2026-01-01"}, {"value": "2026-01-01"}),
    ],
)
def test_stating_what_holds_from_a_day_on(
    office: Office, path: str, body: dict[str, object], listed_as: dict[str, object]
) -> None:
    answer = office.call("PUT", f"/v1/settings/{path}", "bookkeeper", json=body | TODAY_OR_LATER)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["seq"], answer.json()["entry"]) == (1, [])
    kind = path.partition("/")[0]
    rows = office.read(f"/v1/settings/{kind}")["data"]
    assert any(listed_as.items() <= row.items() for row in rows)
    before = office.read(f"/v1/settings/{kind}", day="2019-12-31")["data"]
    assert not any(listed_as.items() <= row.items() for row in before)


def test_a_till_configures_nothing(office: Office) -> None:
    body = {"name": "Hat", "category": "Hats"}
    assert office.call("PUT", "/v1/settings/items/HAT", "pos", json=body).status_code == 403


def test_every_fault_of_a_setting_is_named(office: Office) -> None:
    body = {"name": "", "rate": 5, "agency": "x", "colour": "red"}
    answer = office.call("PUT", "/v1/settings/tax-codes/ECO", "bookkeeper", json=body)
    assert answer.status_code == 422
    assert codes(answer.json()) == {
        "/name": "text-too-short",
        "/rate": "not-a-rate",
        "/colour": "unknown-field",
    }
    assert office.head()["seq"] == 0


def test_a_body_that_contradicts_its_address(office: Office) -> None:
    body = {"item": "CAP", "name": "Hat", "category": "Hats"}
    answer = office.call("PUT", "/v1/settings/items/HAT", "bookkeeper", json=body)
    assert codes(answer.json()) == {"/item": "differs-from-path"}
    body = {"type": "tax_defined", "name": "Hat", "category": "Hats"}
    answer = office.call("PUT", "/v1/settings/items/HAT", "bookkeeper", json=body)
    assert codes(answer.json()) == {"/type": "differs-from-path"}


def test_an_item_whose_code_has_a_slash(office: Office) -> None:
    stated = {"name": "Hat, size M", "category": "Hats"}
    written = office.call("PUT", "/v1/settings/items/HAT~1M", "bookkeeper", json=stated)
    assert written.status_code == 200
    assert [item["item"] for item in office.read("/v1/settings/items")["data"]] == ["HAT/M"]


def test_a_code_that_stands_for_something_else(office: Office) -> None:
    body = {"name": {"en": "x", "fr": "x"}, "role": "sales", "account_type": "income"}
    answer = office.call("PUT", "/v1/settings/accounts/1000", "bookkeeper", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "code-taken")


def test_a_setting_with_an_id_of_its_own_is_recorded_once(office: Office) -> None:
    body = {
        "id": "set-1",
        "occurred_at": "2026-03-14T10:00:00-04:00",
        "name": "Hat",
        "category": "Hats",
    }
    first = office.call("PUT", "/v1/settings/items/HAT", "bookkeeper", json=body)
    again = office.call("PUT", "/v1/settings/items/HAT", "bookkeeper", json=body)
    assert first.json() == again.json()
    assert office.head()["seq"] == 1


def test_a_method_that_is_defined_is_no_exception_any_more(office: Office) -> None:
    body = {"name": "TWINT", "kind": "other"} | TODAY_OR_LATER
    office.call("PUT", "/v1/settings/methods/twint", "bookkeeper", json=body)
    tender = {"kind": "other", "method": "twint", "amount": "41.39"}
    assert office.record(a_sale(tenders=[tender])).json()["exceptions"] == []


def test_settings_come_from_variables_and_their_secrets_stay_hidden() -> None:
    settings = load(
        {
            "DAYBOOK_PORT": "9000",
            "DAYBOOK_ACCESS_LOG": "false",
            "DAYBOOK_DATABASE_URL": "postgresql://daybook:hunter2@db/daybook",
            "DAYBOOK_QBO_CLIENT_SECRET": "hunter3",
            "DAYBOOK_WORKER_POLL": "0.5",
            "DAYBOOK_TEST_ANYTHING": "not a setting",
            "PATH": "/usr/bin",
        }
    )
    assert (settings.port, settings.access_log, settings.worker.poll) == (9000, False, 0.5)
    assert settings.address == "http://127.0.0.1:9000"
    assert "hunter" not in repr(settings)
    shown = dict(listed(settings))
    assert shown["DAYBOOK_QBO_CLIENT_SECRET"] == "(set)"
    assert shown["DAYBOOK_SECRET_KEY"] == "(not set)"


def test_settings_come_from_a_file_and_variables_win(tmp_path: Path) -> None:
    file = tmp_path / "daybook.toml"
    file.write_text('port = 9000\nhost = "192.0.2.1"\n[worker]\npoll = 1.5\n')
    settings = load({"DAYBOOK_CONFIG": str(file), "DAYBOOK_PORT": "9001"})
    assert (settings.port, settings.host, settings.worker.poll) == (9001, "192.0.2.1", 1.5)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"DAYBOOK_PORT": "many"}, "port"),
        ({"DAYBOOK_COLOUR": "red"}, "colour"),
        ({"DAYBOOK_CONFIG": "/nowhere/daybook.toml"}, "nowhere"),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load(environ)


def test_the_pepper_is_made_once(tmp_path: Path) -> None:
    settings = Settings(secret_key_file=str(tmp_path / "var" / "secret.key"))
    assert settings.pepper() == settings.pepper()
    assert len(settings.pepper()) == 32
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o077 == 0
    with pytest.raises(SettingsError):
        Settings(secret_key="short").pepper()
