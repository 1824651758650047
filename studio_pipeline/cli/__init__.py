"""The command line ``studio``: one small file a command.

What lives here: reading arguments, calling the pipeline, and putting what happened into words, tables and JSON. What
does not: deciding anything about a film. Only click is imported before a command really runs; ``studio --help`` must
answer at once.
"""

from studio_pipeline.cli.app import main

__all__ = ["main"]
