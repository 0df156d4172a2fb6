"""What the programs write down of themselves: on standard error, without what is confidential."""

import logging

from api.envelope import ACCESS

_TELL_TOO_MUCH = ("alembic", "httpx")
"""The one tells of every look at the schema, the other every address, and names stand in those."""


def log_to_stderr() -> None:
    """Log to standard error: a JSON line for each call of the API, sentences for the rest."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for name in _TELL_TOO_MUCH:
        logging.getLogger(name).setLevel(logging.WARNING)
    calls = logging.StreamHandler()
    calls.setFormatter(logging.Formatter("%(message)s"))
    ACCESS.addHandler(calls)
    ACCESS.setLevel(logging.INFO)
    ACCESS.propagate = False
