"""One line per event on standard error; the supervisor also writes it to a file per process."""

import logging

from config.env import env


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out that /readyz answered 503: it is asked every moment while a stack starts."""
    return getattr(getattr(record, "request", None), "path", "") != "/readyz"


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s%(about)s %(message)s"},
        "json": {"()": "core.logs.JSONFormatter"},
    },
    "filters": {
        "news": {"()": "django.utils.log.CallbackFilter", "callback": _is_news},
        "context": {"()": "core.logs.ContextFilter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": env.str("KINDRED_LOG_FORMAT", default="line"),
            "filters": ["news", "context"],
        },
        "job": {"class": "core.logs.JobLogHandler"},
    },
    # Beat sends small tasks every few seconds; of Celery only what goes wrong is worth a line.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("celery.beat", "celery.app.trace", "celery.worker.strategy")
    },
    "root": {"handlers": ["stderr", "job"], "level": env.str("KINDRED_LOG_LEVEL", default="INFO")},
}
