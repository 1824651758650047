"""How many tokens a question has, before anybody counts them: an estimate on the safe side, for context budgets.

Money is never reserved by this (an adapter counts or bounds the tokens of its own request).
"""

from __future__ import annotations

MOST_IMAGE_TOKENS = 5000
"""No picture counts for more at Claude: 28×28 pixels a token, at most 4,784 of them
(https://platform.claude.com/docs/en/build-with-claude/vision, 2026; the largest measured on a 5.5 model was 4,005:
https://huggingface.co/datasets/JOHNISKING/image-token-cost, read 2026-11)."""


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many: three ASCII characters or one other character each."""
    ascii_only = sum(char < "\x80" for char in text)
    return ascii_only // 3 + (len(text) - ascii_only) + 1
