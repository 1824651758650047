"""What is remembered of experiments: which variant a production has, what came of it, what a person said of it.

What lives here: reading and writing the three tables (``schema.py``), one transaction each, safe from several threads
and processes. What does not: the draw itself (``prompting/variants.py``), and what numbers tell (``comparison.py``).

A draw is written down when it is first needed, and stands: weights may change and variants may be added, a production
that has begun keeps what it has. Only when its variant is taken out of the file is another one drawn; such a production
was made by two variants, says nothing about either, and is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from studio_pipeline.budget.database import Database
from studio_pipeline.budget.rows import utc_now
from studio_pipeline.errors import BadInput
from studio_pipeline.experiments import schema
from studio_pipeline.experiments.metrics import SATISFACTION, Observation, Outcome, values_of
from studio_pipeline.experiments.schema import assignments, observations, satisfaction
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.prompting.variants import Function, Variant


class Assignment(Frozen):
    """The variant that a production has of a function."""

    production: str
    function: str
    variant: str
    first_drawn: str
    """UTC, ISO 8601."""
    draws: int
    """More than 1 where an earlier variant was taken out of the file: the production is not counted then."""


class Records:
    """The records of experiments, beside the ledger. May be used from several threads."""

    def __init__(self, database: Database) -> None:
        """Use the ledger's ``database``; makes the tables where they are missing, and touches no other."""
        self._database = database
        with database.read() as connection:
            made = schema.are_made(connection)
        if not made:
            database.write(schema.make)

    def variant_of(self, production: str, function: Function) -> Variant:
        """The variant that a production has of ``function``: the one written down, else the one drawn now."""
        there = {variant.name: variant for variant in function.variants}
        with self._database.read() as connection:
            kept = connection.execute(_one(production, function.name)).scalar()
        if kept not in there:
            drawn = function.variant_of(production).name
            kept = self._database.write(_assign, production, function.name, drawn, frozenset(there))
        return there[kept]

    def assignments(self, function: str | None = None) -> tuple[Assignment, ...]:
        """Every draw that was written down, or those of one function."""
        query = sa.select(assignments).order_by(assignments.c.production, assignments.c.function)
        with self._database.read() as connection:
            rows = connection.execute(query if function is None else query.where(assignments.c.function == function))
            return tuple(Assignment.model_validate(dict(row._mapping)) for row in rows)

    def record(self, outcome: Outcome) -> int:
        """Write down how a production turned out, in the place of what was written of it before.

        The same outcome again changes nothing, not even a date.

        Returns:
            For how many functions it counts; 0 for a production that was made by rules only.
        """
        return self._database.write(_record, outcome)

    def rate(self, production: str, stars: int) -> int:
        """Write down what a person said of a production, in the place of what was said before.

        Returns:
            For how many functions it counts.

        Raises:
            BadInput: for anything but a whole number from 1 to 5.
        """
        if isinstance(stars, bool) or stars not in range(1, 6):
            raise BadInput(f"{stars} is no number of stars", where=production, todo="Give 1, 2, 3, 4 or 5.")
        return self._database.write(_rate, production, stars)

    def stars(self) -> dict[str, int]:
        """What people said, by production."""
        with self._database.read() as connection:
            return {row.production: row.stars for row in connection.execute(sa.select(satisfaction))}

    def observations(self, function: str | None = None) -> tuple[Observation, ...]:
        """Everything that was recorded, or what says something about one function."""
        query = sa.select(observations).order_by(*observations.primary_key)
        with self._database.read() as connection:
            rows = connection.execute(query if function is None else query.where(observations.c.function == function))
            return tuple(_observation(row) for row in rows)


def _observation(row: sa.Row[Any]) -> Observation:
    return Observation(
        production=row.production,
        function=row.function,
        variant=row.variant,
        metric=row.metric,
        value=Decimal(row.value_millionths).scaleb(-6),
        unit=row.unit,
        recorded_at=row.recorded_at,
    )


def _one(production: str, function: str) -> sa.Select[tuple[str]]:
    return sa.select(assignments.c.variant).filter_by(production=production, function=function)


def _assign(connection: sa.Connection, production: str, function: str, drawn: str, there: frozenset[str]) -> str:
    """Write a draw down unless another process was first; the variant that stands now."""
    row = {"production": production, "function": function, "variant": drawn, "first_drawn": utc_now(), "draws": 1}
    connection.execute(_insert(connection, assignments).values(row).on_conflict_do_nothing())
    kept = connection.execute(_one(production, function).with_for_update()).scalar_one()
    if kept in there:
        return kept
    connection.execute(
        sa.update(assignments)
        .filter_by(production=production, function=function)
        .values(variant=drawn, first_drawn=utc_now(), draws=assignments.c.draws + 1)
    )
    return drawn


def _record(connection: sa.Connection, outcome: Outcome) -> int:
    stars = connection.execute(sa.select(satisfaction.c.stars).filter_by(production=outcome.production)).scalar()
    return _write(connection, outcome.production, values_of(outcome, stars))


def _rate(connection: sa.Connection, production: str, stars: int) -> int:
    said = _insert(connection, satisfaction).values(production=production, stars=stars, rated_at=utc_now())
    connection.execute(
        said.on_conflict_do_update(
            index_elements=list(satisfaction.primary_key),
            set_={"stars": said.excluded.stars, "rated_at": said.excluded.rated_at},
            where=satisfaction.c.stars != said.excluded.stars,
        )
    )
    known = values_of(Outcome(production=production), stars)
    return _write(connection, production, known, only=SATISFACTION.name)


def _write(
    connection: sa.Connection, production: str, known: Mapping[str, tuple[Decimal, str]], *, only: str | None = None
) -> int:
    """Make the observations of a production those that are ``known``; with ``only``, as far as that metric goes."""
    counted = connection.execute(
        sa.select(assignments.c.function, assignments.c.variant)
        .filter_by(production=production, draws=1)
        .order_by(assignments.c.function)  # the same order in every process, so that none waits for another in a circle
    ).all()
    now = utc_now()
    rows = [
        {
            "production": production,
            "function": function,
            "variant": variant,
            "metric": metric,
            "value_millionths": int(value.scaleb(6)),
            "unit": unit,
            "recorded_at": now,
        }
        for function, variant in counted
        for metric, (value, unit) in known.items()
    ]
    keys = {(row["function"], row["variant"], row["metric"]) for row in rows}
    there = connection.execute(sa.select(observations).filter_by(production=production)).all()
    for row in there:
        if (row.function, row.variant, row.metric) not in keys and only in (None, row.metric):
            connection.execute(sa.delete(observations).where(*_is(row)))
    for row in rows:
        put = _insert(connection, observations).values(row)
        connection.execute(
            put.on_conflict_do_update(
                index_elements=list(observations.primary_key),
                set_={name: put.excluded[name] for name in ("value_millionths", "unit", "recorded_at")},
                where=sa.or_(
                    observations.c.value_millionths != put.excluded.value_millionths,
                    observations.c.unit != put.excluded.unit,
                ),
            )
        )
    return len(counted)


def _is(row: sa.Row[Any]) -> list[sa.ColumnElement[bool]]:
    return [column == getattr(row, column.name) for column in observations.primary_key]


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    """Both databases write an upsert alike; SQLAlchemy has it once for each."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
