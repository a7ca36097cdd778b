"""Routes of the kernel: signs of life, jobs, the audit record, the API's description."""

from tests.matrix.table import Call, Level, Route, Table

CORE: Table = {
    "healthz": Route([Call("GET", Level.ANYBODY)]),
    # 503 where no worker runs: the matrix has none.
    # Only who has the token of the configuration may; tests have none.
    "metrics": Route([Call("GET", Level.ANYBODY, ok=(404,))]),
    "readyz": Route([Call("GET", Level.ANYBODY, ok=(200, 503))]),
    "api-docs": Route([Call("GET", Level.ANYBODY)]),
    "api-schema": Route([Call("GET", Level.ANYBODY)]),
    "api-jobs": Route([Call("GET", Level.MEMBER)]),
    "api-job": Route([Call("GET", Level.VIEWER)], args={"job_id": "job"}),
    # Whoever sees the folder sees its jobs; the person who started one, and administrators, end it.
    "api-job-cancel": Route([Call("POST", Level.ADMIN)], args={"job_id": "job"}),
    "api-job-retry": Route([Call("POST", Level.ADMIN)], args={"job_id": "failed_job"}),
    "api-job-retries": Route([Call("GET", Level.VIEWER)], args={"job_id": "failed_job"}),
    "api-audit-events": Route([Call("GET", Level.ADMIN)]),
}
