"""The matrix: every address of the platform × everybody who might ask for it.

`test_matrix.py` walks Django's URL resolver, so a new route is tested from the day it exists: one
that no table lists fails, and so does a line of a table whose route is gone. To add a route, write
one line into `routes_<app>.py`:

    "folder": Route(args={"folder_id": "birds"}, calls=[Call("GET", Level.VIEWER)])

    args    parameter of the address -> name of the thing in the World whose id it takes
    fixed   parameters that are no ids, such as the size of a thumbnail
    calls   what may be done: the method, the weakest Level that may, what is sent along
    tokens  whether API tokens open it; by default what lies below /api/v1/ and nothing else

Things are made in `things.py`. From the line follow the answers that each of the nine must get:

    anonymous       pages lead to the sign-in page, the rest says 401
    other_org       administers another organisation: 404, just as for ids that do not exist
    member          belongs to the organisation, holds no grant: 404 for what lies in folders
    viewer … admin  success from the least level on; 403 below it, 404 where even the existence
                    is not theirs to know (`seen`)
    read_token      the administrator's, of scope read: as the administrator, but 403 for writes
    revoked_token   401

(at addresses of the SDK, where all come with tokens: 403 for 404, whose message the SDK would hide)
and that every method which no line lists is refused with 405. Each request runs in a transaction
that is rolled back, so all meet the same world.
"""
