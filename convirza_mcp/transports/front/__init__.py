"""Answer a client over stdio while the SDK is still being imported.

    main thread                                 second thread
    start   read the settings (bad: exit 2)
    build   import the SDK,                     wait for a line  <---------------------+
            build the server                        known: answer from the snapshot ---+
              |                                     unknown: keep it ------------------+
              +-> wake -----------------------> request read? end
    serve   the server reads the opening request, the kept lines, then on from stdin

`scripts/front_snapshot.py` writes `snapshot.jsonl` from the real server; with another SDK the front is silent. The real
server must know the request that opened the connection: it reads it too, and its second answer is dropped.
"""
