"""How many tokens a text has, before anybody counts them: an estimate on the safe side, for context budgets.

Money is never reserved by this (an adapter counts or bounds the tokens of its own request).
"""

from __future__ import annotations


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many: three ASCII characters or one other character each."""
    ascii_only = sum(char < "\x80" for char in text)
    return ascii_only // 3 + (len(text) - ascii_only) + 1
