"""Scripting: the screenwriter turns a brief, its story and a pilot into scenes, and a bible of who is in them."""
