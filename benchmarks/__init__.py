"""Benchmarks: what the studio takes in time and memory, measured on this machine.

``python -m benchmarks`` runs all of them and writes ``docs/benchmarks.md``; ``python -m benchmarks NAME`` runs one and
only prints. Each is one file with a ``run`` function that returns a ``Report``. Nothing here is imported by the studio.
"""
