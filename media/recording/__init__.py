"""Recordings: how they are written while a call runs, kept, finished, played and forgotten.

==========  ========================================================================================
`vault`     keys, and files that are sealed piece by piece
`sealed`    such files as PyAV reads and writes them
`webm`      the file that grows: WebM of the publishers' own packets, cluster by cluster
`scribe`    the thread of a worker that writes all of its files
`finish`    what grew becomes one file with a duration, an index and a sound of both voices
`book`      the rows: which recordings there are, their keys, and when they go
`copies`    anonymised copies: who asked for which, and how far they are
`copier`    makes them, by the pool of `media.anonymise`; `copying` is its process
`links`     addresses of a minute for whoever may see one
==========  ========================================================================================

The packets come from `media.relay.recorder`.
"""
