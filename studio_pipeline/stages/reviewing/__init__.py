"""The reviewing room: the inspector measures what was shot, the critic decides about pilots.

``inspector`` turns measures of real files (``media/looking/measure.py``) into ratings by the penalties of
``penalties``; ``critic`` turns ratings into verdicts. Both are plain functions. Neither makes or buys anything, and how
much money a verdict moves is ``budget/allocation.py``'s rule.
"""
