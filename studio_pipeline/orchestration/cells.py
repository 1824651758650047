"""From one Dagster run to its cells: what every partitioned asset body does around its one plain function.

A run covers one partition or a range. Each cell is made on its own (several at once where that helps); phantoms get
an absent marker; metadata is attached cell by cell; an error of the studio ends the run with its words and nothing
but its words.

Asset bodies name no return type: Dagster would read ``MaterializeResult`` as "stores nothing", and anything else as
one value an output where the asset has checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import dagster as dg

from studio_pipeline.errors import BadInput, StudioError
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.artifacts import Absent, Artifact, Made
from studio_pipeline.orchestration.cut_off_runs import sign

Metadata = Mapping[str, Any]
Upstream = Mapping[str, Artifact[Any]]


def make_cells(
    context: dg.AssetExecutionContext,
    make: Callable[[Cell], tuple[Made[Any], Metadata]],
    *,
    workers: int = 1,
    check: Callable[[Mapping[Cell, Made[Any]]], Sequence[dg.AssetCheckResult]] | None = None,
) -> dg.MaterializeResult[dict[str, Made[Any]]]:
    """Make every cell of the run.

    Args:
        make: makes one cell, and says what the UI shows of it.
        workers: how many cells are made at once.
        check: the asset's checks over all that was made.
    """
    sign(context)
    cells = [Cell.parse(key) for key in sorted(context.partition_keys)]
    try:
        if workers > 1 and len(cells) > 1:
            with ThreadPoolExecutor(workers) as pool:
                outcomes = list(pool.map(make, cells))
        else:
            outcomes = [make(cell) for cell in cells]
    except StudioError as error:
        raise as_failure(error) from error
    made: dict[Cell, Made[Any]] = {}
    for cell, (cell_made, metadata) in zip(cells, outcomes, strict=True):
        made[cell] = cell_made
        if isinstance(cell_made.content, Absent):
            metadata = {"absent": cell_made.content.reason, **metadata}
        context.add_asset_metadata(metadata, partition_key=cell.key)
    return dg.MaterializeResult(
        value={cell.key: cell_made for cell, cell_made in made.items()},
        check_results=list(check(made)) if check else [],
    )


def as_failure(error: StudioError) -> dg.Failure:
    """The error in the form the UI shows: its words, its kind, and the exit code a command would end with."""
    return dg.Failure(
        description=str(error),
        metadata={
            "kind": type(error).__name__,
            "exit_code": error.exit_code,
            "what": error.what,
            "where": error.where,
            "todo": error.todo,
        },
        allow_retries=False,
    )


def phantom(reason: str) -> tuple[Made[Any], Metadata]:
    """The outcome for a cell that the script does not have."""
    return Made(Absent(kind="phantom", reason=reason)), {}


def upstream(mapping: dg.PartitionMapping | None = None) -> dg.AssetIn:
    """An input that arrives as ``{partition key: Artifact}``."""
    return dg.AssetIn(partition_mapping=mapping, dagster_type=dg.Any)  # type: ignore[arg-type]


def need(found: Upstream, asset: str, cell: Cell) -> Artifact[Any]:
    """The upstream artifact of ``cell``.

    Raises:
        BadInput: when it was never made, as after a launch by hand out of order.
    """
    artifact = found.get(cell.key)
    if artifact is None:
        raise BadInput(
            f"{asset} of {cell.key} is not there yet",
            todo=f"Materialise the partition {cell.key} of {asset} first, or let the sensors do it in order.",
        )
    return artifact
