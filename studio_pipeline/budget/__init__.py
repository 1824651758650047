"""Money: rate cards, the ledger, allocation between pilots, the cost report.

What lives here: what a call costs (dated data), who may spend how much (envelopes with caps), every purchase from
reservation to settlement, and the pure rules that move money between pilots. What does not: calling a vendor
(``providers/metering.py`` is the one path), and deciding what is good (``stages/reviewing``).

Money is ``Decimal`` in every signature and whole micro-dollars in the database; a float never touches it.
"""
