"""Celery: broker, queues and the periodic tasks that keep jobs going."""

from config.env import env

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None  # the job row is the result
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request must not hang because the broker is away: give up quickly, beat sends the job later.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "visibility_timeout": 12 * 3600,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "dispatch-waiting-jobs": {"task": "core.dispatch_waiting_jobs", "schedule": 5.0},
    "reap-lost-jobs": {"task": "core.reap_lost_jobs", "schedule": 15.0},
    "send-waiting-mails": {"task": "core.send_waiting_mails", "schedule": 30.0},
    "prune-answers": {"task": "core.prune_answers", "schedule": 600.0},
    "drop-old-job-logs": {"task": "core.drop_old_job_logs", "schedule": 86_400.0},
    "prune-history": {"task": "embeddings.prune_history", "schedule": 86_400.0},
    "tend-indexes": {"task": "embeddings.tend_indexes", "schedule": 600.0},
    "resume-tree-work": {"task": "folders.resume_tree_work", "schedule": 60.0},
    "remove-expired-exports": {
        "task": "collections.remove_expired_exports",
        "schedule": 600.0,
    },
    "tend-uploads": {"task": "folders.tend_uploads", "schedule": 600.0},
}
QUEUES = ("default", "media", "reductions")

# A job whose heartbeat is older than this is given to another worker.
JOB_HEARTBEAT_TIMEOUT_SECONDS = env.int("KINDRED_JOB_HEARTBEAT_TIMEOUT", default=30)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "kindred",
        "OPTIONS": {"pool_class": "core.cache_pool.SharedPool"},
    }
}
