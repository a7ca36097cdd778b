"""What ends a run from outside.

JobStopped            handlers let it pass; `except Exception` does not catch it by accident
├── JobCancelled      a person asked for the end
└── JobLost           another run owns the row, or the row is gone
"""


class JobStopped(BaseException):
    """The run is over; nothing that it does from here on counts."""


class JobCancelled(JobStopped):
    """Somebody cancelled the job."""


class JobLost(JobStopped):
    """The row belongs to another run, or is gone: this run must not write any more."""
