"""HNSW indexes of vector sets: candidates for searches in sets that exceed the memory.

An index stands on a copy of its set, unit ids and vectors in half precision, in a table of its own:

- The vectors' table keeps no index, so that writing vectors costs what it costs without one
  (COPY into an indexed table measured 278 rows a second).
- The index of a partition would span all roots of a key, and lose most of what it finds to them.
- CREATE INDEX CONCURRENTLY is not to be had on partitioned tables, waits for every open
  transaction, and leaves an invalid index behind when it is interrupted. Nobody else looks at the
  copy while it is made, so that a plain CREATE INDEX blocks nobody.

What has changed since is a candidate as well (the change table says it), distances are always
measured on the vectors themselves, and where candidates do not suffice PostgreSQL answers exactly.
"""
