"""A directory of pictures and videos on this machine that becomes a folder.

walk.py       which of its files are media, which are sidecars
reading.py    measures and thumbnails, many small images at a time
placing.py    originals and thumbnails, put into the storage
ingest.py     the rows, batch by batch; what is there already is passed over
"""
