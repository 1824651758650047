"""Vendors that are not there: real HTTP on this machine, real files, faults on demand, and books of their own.

What lives here: an engine that takes orders, lets them ripen and keeps its own meter of what it would bill; one file a
vendor's *shape* (``shapes/``) that speaks that vendor's words; and the server in front of them. What does not: anything
that the studio itself uses to buy. No import of ``providers`` or ``budget`` and prices written down a second time: only
so does *meter = ledger* prove something.
"""
