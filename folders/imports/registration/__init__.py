"""Registrations: files that name cloud objects which are to become items, as JSON or CSV.

json_file.py, csv_file.py   the two forms, as a stream of raw entries
records.py                  a raw entry as a record for folders.services.imports
duplicates.py               which addresses are there already
importer.py                 check, write, undo
"""
