"""Bulk ways in: a file is checked as a whole by a job, shown, and then written by a job.

    registry.py   kinds of files, each an Importer
    run.py        what an importer holds while it works
    report.py     what was found and written
    errors.py     what is wrong, entry by entry

folders.services.data_imports starts, carries out and cancels imports.
"""
