"""What the programs write down of themselves: on standard error, without what is confidential."""

import logging

from api.envelope import ACCESS

_TELL_ONLY = {"alembic": logging.WARNING, "httpx": logging.WARNING, "psycopg": logging.ERROR}
"""The first tells of every look at the schema, the second every address, and names stand in those,
the third what a batch met that is recorded again, heads held first."""


def log_to_stderr() -> None:
    """Log to standard error: a JSON line for each call of the API, sentences for the rest."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for name, level in _TELL_ONLY.items():
        logging.getLogger(name).setLevel(level)
    calls = logging.StreamHandler()
    calls.setFormatter(logging.Formatter("%(message)s"))
    ACCESS.addHandler(calls)
    ACCESS.setLevel(logging.INFO)
    ACCESS.propagate = False
