"""What people write, as text: which language it is, where its sentences end, how long it takes to say.

Plain functions on strings, used by the rooms that read a story (planning) and the rooms that write from it
(scripting). No film, no files, no model of a language: rules only, the same on every machine.
"""
