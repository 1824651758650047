"""Experiments: what each variant brought, in SQL, and whether a difference means anything."""
