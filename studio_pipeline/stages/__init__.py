"""The pipeline in order, one room a stage: planning, scripting, shooting, reviewing, editing, finishing.

Each room holds ``assets.py`` (thin Dagster shells) and the plain functions of its agents. Rooms never import each
other; what one hands to the next is an artifact of the vocabulary in ``film/`` and ``editorial/``.
"""
