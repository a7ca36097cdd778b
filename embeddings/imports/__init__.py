"""The kind "vectors" of bulk imports: files of vectors for items that are there.

options.py    what an import is told
source.py     the file of a run
checking.py   the check, which says all that is wrong and what would be written
writing.py    the write: one transaction, all or nothing
importer.py   hangs them into folders.imports
"""
