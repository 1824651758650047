"""Everything that makes media or text for the studio: one port a kind, beside its adapters, one file a vendor.

Adapters know their vendor and nothing of budgets, takes or Dagster. Nobody calls an adapter but
``metering.Metered``, which puts every call behind the ledger.
"""
