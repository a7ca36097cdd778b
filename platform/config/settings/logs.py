"""One line per event on standard error; the supervisor also writes it to a file per process."""

from config.env import env

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Beat sends small tasks every few seconds; of Celery only what goes wrong is worth a line.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("celery.beat", "celery.app.trace", "celery.worker.strategy")
    },
    "root": {"handlers": ["stderr"], "level": env.str("KINDRED_LOG_LEVEL", default="INFO")},
}
