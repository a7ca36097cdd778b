"""HTML views of the portal.

home            GET  /                        redirects to Files, or to sign-in
preferences     POST /preferences/            theme and/or nav; sets cookies, goes back to next
jobs            GET  /jobs/                   portal/jobs.html, with HX-Request portal/job_list.html
    jobs: list[Job], has_active: bool, older: str (cursor of the next page, or "")
jobs-indicator  GET  /jobs/indicator/         portal/jobs_indicator.html: summary
jobs-drawer     GET  /jobs/drawer/            portal/jobs_drawer.html: jobs, has_active
job-cancel      POST /jobs/<uuid>/cancel/     with HX-Request partials/progress_row.html: job, well
job-retry       POST /jobs/<uuid>/retry/      likewise
"""
