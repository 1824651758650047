"""A throwaway Postgres server for tests, where Postgres is installed: its own folder, no port, gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

_INSTALLED = "/usr/lib/postgresql"
_FAST = "fsync=off", "full_page_writes=off", "max_connections=300", "listen_addresses="
"""Nobody needs the data after the tests."""


class Server:
    """A running server."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._numbers = itertools.count(1)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://studio@/{database}?host={self.socket}"

    def run(self, statement: sql.Composable | str, database: str = "postgres") -> list[tuple]:
        """Run one statement as somebody else, and return its rows."""
        address = f"host={self.socket} user=studio dbname={database}"
        with psycopg.connect(address, autocommit=True) as connection:
            told = connection.execute(statement)  # type: ignore[arg-type]
            return told.fetchall() if told.description else []

    def empty_database(self) -> str:
        """The address of a database with nothing in it (a schema of its own, which is quicker)."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.run(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        return f"{self.url()}&options=-csearch_path%3D{name}"


def programs() -> Path | None:
    """The folder of ``initdb`` and its fellows; ``None`` where Postgres is not installed."""
    on_path = shutil.which("initdb")
    installed = [Path(on_path).resolve()] if on_path else sorted(Path(_INSTALLED).glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


@contextmanager
def running(bin_dir: Path) -> Iterator[Server]:
    """A server that runs as long as the block; as another user when this one is root, whom Postgres refuses."""
    root = Path(tempfile.mkdtemp(prefix="studio-pg-"))  # short: the path of a socket has at most 107 bytes
    who: dict[str, object] = {"cwd": root}
    if os.geteuid() == 0:
        user = next(entry for entry in pwd.getpwall() if entry.pw_name in ("postgres", "nobody"))
        os.chown(root, user.pw_uid, user.pw_gid)
        who |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    data = root / "data"

    def tell(program: str, *arguments: str) -> None:
        said = subprocess.run(
            [bin_dir / program, "-D", data, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **who,  # type: ignore[call-overload]
        )
        if said.returncode:
            raise RuntimeError(f"{program}: {said.stdout}")

    try:
        tell("initdb", "--no-sync", "--username=studio", "--auth=trust", "--encoding=UTF8", "--locale=C")
        options = " ".join(f"-c {setting}" for setting in (*_FAST, f"unix_socket_directories={root}"))
        tell("pg_ctl", "start", "--wait", "--silent", f"--log={root / 'log'}", f"--options={options}")
        try:
            yield Server(root)
        finally:
            tell("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")
    finally:
        shutil.rmtree(root, ignore_errors=True)
