"""The shooting room: the cinematographer breaks scenes into shots and directs every take of them.

``grammar`` knows film grammar, ``notes`` understands what a person wants different in a retake, and
``cinematographer`` uses both to write shot plans and vendor requests. ``sound`` and ``composing`` have narration spoken
and music made, ``dubbing`` says the narration in further languages. Buying and making happens in ``providers``; nothing
here opens a file.
"""
