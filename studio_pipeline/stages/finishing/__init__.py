"""Finishing: a chosen cut becomes a folder with film, captions, editable timelines, contact sheet and report.

``finisher`` calls the tools of ``media`` and ``editorial`` in order; nothing here decides what is in the film.
"""
