"""Addresses of the portal; portal.views lists what each one is given."""

from django.urls import URLPattern, URLResolver, path

from portal.views.home import home, preferences
from portal.views.jobs import job_cancel, job_retry, jobs, jobs_drawer, jobs_indicator

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("preferences/", preferences, name="preferences"),
    path("jobs/", jobs, name="jobs"),
    path("jobs/indicator/", jobs_indicator, name="jobs-indicator"),
    path("jobs/drawer/", jobs_drawer, name="jobs-drawer"),
    path("jobs/<uuid:job_id>/cancel/", job_cancel, name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", job_retry, name="job-retry"),
]
