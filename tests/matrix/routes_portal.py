"""Routes of the web shell."""

from tests.matrix.table import Call, Level, Route, Table

PORTAL: Table = {
    "home": Route([Call("GET", Level.MEMBER)]),
    # Theme and navigation are cookies: the sign-in page has a theme, too.
    "preferences": Route([Call("POST", Level.ANYBODY, body={"theme": "dark"}, form=True)]),
    "jobs": Route([Call("GET", Level.MEMBER)]),
    "jobs-indicator": Route([Call("GET", Level.MEMBER)]),
    "jobs-drawer": Route([Call("GET", Level.MEMBER)]),
    "job-cancel": Route([Call("POST", Level.ADMIN)], args={"job_id": "job"}),
    "job-retry": Route([Call("POST", Level.ADMIN)], args={"job_id": "failed_job"}),
}
