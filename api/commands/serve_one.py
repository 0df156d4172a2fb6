"""One of the processes of `daybook serve --processes`; it is not called by hand."""

import socket
from pathlib import Path

import rich_click as click

from api.board import Board
from api.commands.ground import database, settings
from api.commands.logs import log_to_stderr
from api.commands.serve import serve_alone, with_parent
from api.lifeline import tie_to


@click.command("serve-one")
@click.option("--socket", "bound", type=int, required=True)
@click.option("--board", type=click.Path(path_type=Path), required=True)
@click.option("--place", type=int, required=True)
@with_parent
def command(*, bound: int, board: Path, place: int, with_parent: int | None) -> None:
    """Serve on a socket that listens already, until the parent ends."""
    if with_parent:
        tie_to(with_parent)
    stated = settings()
    log_to_stderr()
    with database(stated) as engine:
        serve_alone(stated, engine, Board(board, place), socket.socket(fileno=bound))


if __name__ == "__main__":
    command()
