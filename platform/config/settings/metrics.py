"""Figures for Prometheus: see core.metrics."""

from config.env import DATA_DIR, env

# What Prometheus sends as its bearer token; without one, /metrics does not exist.
METRICS_TOKEN = env.str("KINDRED_METRICS_TOKEN", default="")
# Where the processes of this host leave their figures.
METRICS_DIR = env.str("KINDRED_METRICS_DIR", default=str(DATA_DIR / "run" / "metrics"))
