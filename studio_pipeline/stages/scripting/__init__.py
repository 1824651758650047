"""Scripting: the screenwriter turns a brief, its story and a pilot into scenes with narration, direction and a bible."""
