"""Reading objects over HTTP: guarded connections, bounded answers, files that read by range.

    files, inspection   objects as files, and what is known of them
        answers         one request, its redirects, its errors
            client      connections that are kept
                network the guard on each new connection

The HTTP libraries take a fifth of a second to load, which every process would pay: whoever is
loaded at the start imports these modules within functions, `objects` apart.
"""
