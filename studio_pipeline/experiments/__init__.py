"""Experiments: what each variant brought, in SQL, and whether a difference means anything.

What lives here: the metrics, the records beside the ledger, the statistics, and from records to a comparison. What does
not: the variants themselves (``prompting/variants.py``), and gathering how a production turned out
(``orchestration/outcomes.py``).
"""
