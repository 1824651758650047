"""Prompts as data: loading, rendering, digests, variants, tables for models, and counting tokens before a call.

What is in ``prompts/`` is words for models; what is here knows none of them. No vendor and no money here
(``providers/language/`` asks, the ledger pays).
"""
