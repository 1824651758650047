"""The vocabulary of a film: frozen models of brief, pilot, scene, shot, take, rating, verdict and cut.

Data only. No files, no money moved, no Dagster, no vendor. Everything above may import from here; nothing here
imports from the rest of the project but ``errors``.
"""
