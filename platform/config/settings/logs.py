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
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": _is_news}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["news"]}
    },
    # Beat sends small tasks every few seconds; of Celery only what goes wrong is worth a line.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("celery.beat", "celery.app.trace", "celery.worker.strategy")
    },
    "root": {"handlers": ["stderr"], "level": env.str("KINDRED_LOG_LEVEL", default="INFO")},
}
