"""An AI film studio as a Dagster asset graph: brief in, film and editable timeline out.

Nothing lives here. Start at ``docs/architecture.md``, or at ``definitions.py`` for the code location and
``cli/`` for the commands.
"""

__version__ = "0.1.0"
