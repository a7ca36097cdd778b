"""What a start will run: which servers are ours, and the environment of every process."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import psutil

from stack.constants import ROOT, STACK_MARK
from stack.datafolder import DataFolder
from stack.options import UpOptions
from stack.postgres import EmbeddedPostgres
from stack.valkey import EmbeddedValkey

# Not for the environment file: they concern one start only, or are secrets of a person.
_NOT_KEPT = ("KINDRED_ADMIN_EMAIL", "KINDRED_ADMIN_PASSWORD", STACK_MARK)
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


@dataclass(frozen=True, slots=True)
class Plan:
    """The servers to start (None where the environment names a running one) and the environment."""

    options: UpOptions
    folder: DataFolder
    postgres: EmbeddedPostgres | None
    valkey: EmbeddedValkey | None
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        """Where a browser finds the platform."""
        host = "127.0.0.1" if self.options.host in _WILDCARDS else self.options.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.options.port}/"

    def kept_environment(self) -> dict[str, str]:
        """The variables that commands beside the stack need."""
        given = {name: value for name, value in os.environ.items() if name.startswith("KINDRED_")}
        kept = given | dict(self.environment)
        return {name: value for name, value in kept.items() if name not in _NOT_KEPT}


@cache
def plan_for(options: UpOptions) -> Plan:
    """Make the data folder and its secrets, choose ports; nothing is started.

    The same options give the same plan: the settings are loaded from it before the command runs.
    """
    folder = DataFolder(options.data)
    folder.prepare()
    postgres = valkey = None
    if not os.environ.get("DATABASE_URL"):
        postgres = EmbeddedPostgres(folder.path / "postgres")
    if not os.environ.get("REDIS_URL"):
        valkey = EmbeddedValkey(folder.path / "redis")
    defaults = {
        "KINDRED_HTTPS": "0",
        "KINDRED_ALLOWED_HOSTS": ",".join(_allowed_hosts(options.host)),
        # Whoever tries things out has his object store on the same machine.
        "KINDRED_FETCH_ALLOW": "127.0.0.0/8,::1",
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
    }
    environment = {name: os.environ.get(name, value) for name, value in defaults.items()}
    environment |= {
        "KINDRED_DATA": str(folder.path),
        "KINDRED_SECRET_KEY": os.environ.get("KINDRED_SECRET_KEY") or folder.secret_key(),
        "DATABASE_URL": postgres.url if postgres else os.environ["DATABASE_URL"],
        "REDIS_URL": valkey.url if valkey else os.environ["REDIS_URL"],
        "PYTHONPATH": str(ROOT / "platform"),
    }
    return Plan(options, folder, postgres, valkey, environment)


def _allowed_hosts(host: str) -> list[str]:
    """Return the names under which a browser may ask: more than loopback only when it listens."""
    hosts = [*_LOOPBACK_HOSTS]
    if host in _WILDCARDS:
        hosts += [socket.gethostname(), socket.getfqdn()]
        for addresses in psutil.net_if_addrs().values():
            hosts += [a.address for a in addresses if a.family == socket.AF_INET]
    else:
        hosts.append(f"[{host}]" if ":" in host else host)
    return list(dict.fromkeys(hosts))
