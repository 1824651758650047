"""Reading what comes back from other editors: files of theirs in, one neutral edit out, and that as a timeline of ours.

``read_edit`` (``files.py``) opens a file, one reader a format makes an ``Edit`` of it (``edit.py``), ``material.py``
knows what footage it may mean, ``recut.py`` makes the timeline. Nothing is dropped without a word: what is not taken
over is written in the ``Margin``. The files are strangers': nothing in them becomes a path, a name or a number that was
not looked at.
"""
