"""Stories in documents: PDF, Word and EPUB, turned into plain text with Markdown headings, one small file a format.

A document is a program for its reader, and a stranger wrote it. So each is read in a process of its own
(``reading.py`` starts it, ``__main__.py`` is what runs in it) with little memory and little time, whatever the library
does. What a story file may be besides, and which it is, is in ``story_file.py``.
"""
