"""The environment variables that configure Kindred; docs/operations.md describes each."""

from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
DATA_DIR = Path(env.str("KINDRED_DATA", default=str(ROOT / "var")))
