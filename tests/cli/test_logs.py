"""What the programs write down of themselves."""

import logging
from collections.abc import Iterator

import pytest

from api.commands.logs import log_to_stderr


@pytest.fixture
def loggers() -> Iterator[None]:
    """Put the levels and handlers back that a test changes."""
    named = [logging.getLogger(name) for name in ("alembic", "httpx", "daybook.access")]
    before = [(logger, logger.level, logger.handlers[:], logger.propagate) for logger in named]
    yield
    for logger, level, handlers, propagate in before:
        logger.setLevel(level)
        logger.handlers, logger.propagate = handlers, propagate


@pytest.mark.usefixtures("loggers")
def test_addresses_that_hold_names_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    log_to_stderr()
    with caplog.at_level(logging.INFO, "root"):
        logging.getLogger("httpx").info("HTTP Request: GET /query?query=... 'Léa Tremblay'")
        logging.getLogger("alembic.runtime.migration").info("Context impl PostgresqlImpl.")
    assert caplog.records == []


@pytest.mark.usefixtures("loggers")
def test_a_call_is_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    logging.getLogger("daybook.access").info('{"route":"/v1/me"}')
    assert capsys.readouterr().err == '{"route":"/v1/me"}\n'
