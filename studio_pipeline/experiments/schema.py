"""The tables of experiments, in the ledger's database and apart from the ledger's own.

What lives here: tables, and making those that are missing. What does not: what is written into them (``records.py``).

Values are whole millionths of their unit, as money is in the ledger, so that both databases sum them exactly. By hand::

    SELECT function, variant, count(*), avg(value_millionths) / 1e6
    FROM experiment_observations WHERE metric = 'video_quality_score' GROUP BY function, variant
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

assignments = sa.Table(
    "experiment_assignments",
    metadata,
    sa.Column("production", sa.Text, primary_key=True),
    sa.Column("function", sa.Text, primary_key=True),
    sa.Column("variant", sa.Text, nullable=False),
    sa.Column("first_drawn", sa.Text, nullable=False),
    sa.Column("draws", sa.Integer, nullable=False),
)
"""Which variant of a function a production has. ``draws`` above 1: an earlier one was taken out of the file since."""

satisfaction = sa.Table(
    "experiment_satisfaction",
    metadata,
    sa.Column("production", sa.Text, primary_key=True),
    sa.Column("stars", sa.Integer, sa.CheckConstraint("stars BETWEEN 1 AND 5"), nullable=False),
    sa.Column("rated_at", sa.Text, nullable=False),
)
"""What a person said of a production, whoever made it."""

observations = sa.Table(
    "experiment_observations",
    metadata,
    sa.Column("production", sa.Text, primary_key=True),
    sa.Column("function", sa.Text, primary_key=True),
    sa.Column("variant", sa.Text, primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True),
    sa.Column("value_millionths", sa.BigInteger, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Text, nullable=False),
)

_MAKING = 0x5EED
"""The name of the Postgres lock that lets one process at a time make these tables."""


def are_made(connection: sa.Connection) -> bool:
    return set(metadata.tables) <= set(sa.inspect(connection).get_table_names())


def make(connection: sa.Connection) -> None:
    """Make the tables that are missing, in a writing transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
    metadata.create_all(connection)
