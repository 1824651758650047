"""What the documents say of vendors: the README's table, the page ``docs/vendors.md``, their part of ``.env.example``.

All of it follows from ``assets/vendors/``: manifests, capabilities and rate cards. Nothing here is written by hand for
one vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from studio_pipeline.budget.rate_cards import PriceLine, RateCards
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import Kind, Model
from studio_pipeline.providers.manifest import Manifest, VendorData

MAKES: dict[Kind, str] = {
    "video": "clips",
    "image": "stills",
    "voice": "voices",
    "music": "music",
    "language": "thoughts",
}
_SHOWN = 3
"""Names and sizes that stand for a longer list."""
_THOUSAND = 1000
_HEAD = """# Vendors

Written by `make docs` from `assets/vendors/`, where every vendor has a manifest, its models' capabilities and a dated
rate card: correct it there. A price past its date to look again is not believed: no call is made until somebody looked,
or accepted it with `--accept-stale-prices`. A new vendor begins with `studio scaffold provider NAME`.

A clip is asked for at the shortest of these lengths that has room for the shot, and cut to its frames; a shot that no
model in use can make is refused when it is planned. Thoughts are priced for a million tokens, in and out; what goes in
costs less where the vendor read it from its prompt cache, and more where it wrote it there.
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def readme_table() -> str:
    """One row a vendor: those that charge first."""
    rows = []
    for data in _in_order():
        manifest = data.manifest
        label = f"[{manifest.label}]({manifest.docs})" if manifest.docs else manifest.label
        name = f"{label}<br>`{manifest.vendor}`"
        makes = "<br>".join(_in_short(data, kind) for kind in MAKES if kind in manifest.kinds)
        rows.append((name, makes, _route(manifest), _keys(manifest)))
    return table(("vendor", "makes", "route, and what is not offered any more", "key"), rows)


def page() -> str:
    """``docs/vendors.md``."""
    return _HEAD + "".join(_section(data) for data in _in_order())


def env_lines() -> list[str]:
    """Keys and addresses of every vendor, for ``.env.example``."""
    lines = ["\n# Vendors: a key is needed for those in use only."]
    for data in _in_order():
        for name, what in data.manifest.variables.items():
            lines.append(f"\n# {data.manifest.label}: {what}\n# {name}=")
    return lines


def _section(data: VendorData) -> str:
    manifest = data.manifest
    facts = [f"Key: {_keys(manifest)}."]
    if manifest.base_url:
        variable = f", or what `{manifest.base_url_variable}` names" if manifest.base_url_variable else ""
        facts.append(f"API: `{manifest.base_url}`{variable}. At most {manifest.most_at_once} jobs at once.")
    if manifest.docs:
        facts.append(f"Its own pages: <{manifest.docs}>.")
    if manifest.extra:
        facts.append(f"Needs the extra `{manifest.extra}`.")
    parts = [f"\n## {manifest.label}\n\n`{manifest.vendor}`: {_route(manifest)}\n\n{' '.join(facts)}\n"]
    for kind in MAKES:
        if kind in manifest.kinds:
            parts.append(f"\n{_models(data, kind)}\n")
    return "".join(parts)


def _models(data: VendorData, kind: Kind) -> str:
    prices = ("price", "since", "look again", "source")
    if not data.manifest.kinds[kind]:
        return "It has no models and costs nothing."
    if not data.models:
        lines = _lines(data, kind)
        return table((MAKES[kind], *prices), ((f"`{name}`", *_price_cells(line)) for name, line in lines.items()))
    head: tuple[str, ...] = {
        "video": ("lengths", "sizes", "first frame", "last frame", "sound"),
        "image": ("sizes",),
        "voice": ("languages", "longest text"),
        "music": ("longest",),
        "language": ("question and answer", "longest answer", "pictures"),
    }[kind]
    rows = []
    for name, line in _lines(data, kind).items():
        model = data.models[name]
        cells: tuple[str, ...] = {
            "video": lambda m=model: (_lengths(m), _sizes(m), m.first_frame, "yes" if m.last_frame else "–", _sound(m)),
            "image": lambda m=model: (_sizes(m),),
            "voice": lambda m=model: (_languages(m), f"{m.prompt_limit:,} characters" if m.prompt_limit else "–"),
            "music": lambda m=model: (f"{m.longest_s:g} s" if m.longest_s else "–",),
            "language": lambda m=model: (_tokens(m.context_tokens), _tokens(m.output_tokens), "yes" if m.sees else "–"),
        }[kind]()
        rows.append((f"`{name}`", *cells, *_price_cells(line)))
    return table((MAKES[kind], *head, *prices), rows)


def _price_cells(line: PriceLine | None) -> tuple[str, ...]:
    if line is None:  # only the person who runs it knows
        return "yours to say", "–", "–", "–"
    if line.tokens is not None:
        return (_token_price(line), *_dates_and_source(line))
    most = f", at most {_usd(line.max_price_usd)}" if line.max_price_usd not in (None, line.price_usd) else ""
    return f"{_usd(line.price_usd)} a {line.unit}{most}{_simulated(line)}", *_dates_and_source(line)


def _dates_and_source(line: PriceLine) -> tuple[str, str, str]:
    again = "–" if line.simulated else line.review_after.isoformat()
    return line.valid_from.isoformat(), again, " ".join(line.source.split())


def _simulated(line: PriceLine) -> str:
    return " (simulated)" if line.simulated else ""


def _token_price(line: PriceLine) -> str:
    """``$2.00 in, $10.00 out (cache: $0.10 read, $2.50 written; in a batch 50% of it)``."""
    read, write = line.cache_read_price_usd, line.cache_write_price_usd
    more = [f"cache: {_usd(read)} read, {_usd(write)} written"] if read is not None and write is not None else []
    if line.batch_share is not None:
        more.append(f"in a batch {line.batch_share:.0%} of it")
    if line.long_above_tokens is not None and line.long_share is not None:
        more.append(f"{line.long_share} times that above {line.long_above_tokens:,} tokens")
    each = f"{_usd(line.price_usd)} in, {_usd(line.output_price_usd or Decimal(0))} out"
    told = f" ({'; '.join(more)})" if more else ""
    return f"{each}{told}{_simulated(line)}"


def _in_short(data: VendorData, kind: Kind) -> str:
    """``clips: 24 models (`pika-2.2`, `kling-3-turbo-pro` …), $0.04–0.40 a second``."""
    if not data.manifest.kinds[kind]:
        return f"{MAKES[kind]}, for nothing"
    lines = _lines(data, kind)
    one_each = {data.models[name].api_model if data.models else name: name for name in reversed(lines)}
    shown = sorted(one_each.values(), key=list(lines).index)[:_SHOWN]
    names = ", ".join(f"`{name.partition('/')[2]}`" for name in shown)
    more = " …" if len(lines) > len(shown) else ""
    count = f"{len(lines)} model{'s' if len(lines) > 1 else ''}"
    known = {name: line for name, line in lines.items() if line is not None}
    if not known:
        return f"{MAKES[kind]}: {count} ({names}{more}), at what you say it costs"
    simulated = ", simulated" if all(line.simulated for line in known.values()) else ""
    return f"{MAKES[kind]}: {count} ({names}{more}), {_range(data, kind, known)}{simulated}"


def _range(data: VendorData, kind: Kind, lines: dict[str, PriceLine]) -> str:
    if kind == "language":
        put_in = _span([line.price_usd for line in lines.values()])
        out = _span([line.output_price_usd or Decimal(0) for line in lines.values()])
        return f"{put_in} in and {out} out for a million tokens"
    found: list[Decimal] = []
    for name, line in lines.items():
        found += _each(line, data.models.get(name))
    what = {"video": "second", "image": "still", "voice": "thousand characters", "music": "second"}[kind]
    return f"{_span(found)} a {what}"


def _span(prices: list[Decimal]) -> str:
    least, most = min(prices), max(prices)
    return f"{_usd(least)}{'' if least == most else f'–{_usd(most)[1:]}'}"


def _each(line: PriceLine, model: Model | None) -> list[Decimal]:
    """The price of what prices are compared by: a second of a clip that is sold whole, a thousand characters."""
    if line.unit == "character":
        return [line.price_usd * _THOUSAND]
    if line.unit == "call" and model and model.durations_s:
        return [line.price_usd / Decimal(str(length)) for length in model.durations_s]
    return [line.price_usd]


def _usd(price: Decimal) -> str:
    """At least cents, and no more than three digits that count."""
    digits = max(2, 2 - price.adjusted()) if price else 2
    exact = f"{price:.{digits}f}"
    while exact[-1] == "0" and len(exact.partition(".")[2]) > 2:
        exact = exact[:-1]
    return f"${exact}"


def _lengths(model: Model) -> str:
    lengths = model.durations_s
    if len(lengths) > 2 and all(longer - shorter == 1 for shorter, longer in pairwise(lengths)):
        return f"{lengths[0]:g}–{lengths[-1]:g} s"
    return f"{', '.join(f'{length:g}' for length in lengths)} s" if lengths else "any"


def _sizes(model: Model) -> str:
    if not model.sizes:
        return "the first frame's shape" if model.kind == "video" else "any"
    sizes = [f"{width}×{height}" for width, height in model.sizes]
    more = len(sizes) - _SHOWN
    return ", ".join(sizes) if more <= 1 else f"{', '.join(sizes[:_SHOWN])} and {more} more"


def _sound(model: Model) -> str:
    return "–" if model.audio == "none" else model.audio


def _tokens(count: int | None) -> str:
    return f"{count:,} tokens" if count else "as it says itself"


def _languages(model: Model) -> str:
    return f"{len(model.languages)}" if model.languages else "no list"


def _route(manifest: Manifest) -> str:
    return f"{_sentence(manifest.route.rstrip('.'))}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _keys(manifest: Manifest) -> str:
    needed = [f"`{name}`" for name in manifest.keys]
    optional = [f"`{name}` if it wants one" for name in manifest.optional_keys]
    return ", ".join(needed + optional) or "none"


def _lines(data: VendorData, kind: Kind) -> dict[str, PriceLine | None]:
    """The prices of what a vendor makes of a kind, by model; a vendor of this machine is known by its units. ``None``
    where the price is not on a card, because whoever runs the vendor says it."""
    vendor = data.manifest.vendor
    if data.models:
        said = data.manifest.price_variable
        names = [name for name, model in data.models.items() if model.kind == kind]
        return {name: None if said else _cards().line(vendor, name) for name in names}
    unit = {"image": "picture", "video": "second", "voice": "character", "music": "second"}[kind]
    priced = {name: _cards().line(vendor, name) for name in _cards().models(vendor)}
    return {name: line for name, line in priced.items() if line.unit == unit}


def _in_order() -> list[VendorData]:
    return sorted(factory.vendors().values(), key=lambda data: (not data.manifest.hosted, data.manifest.vendor))


@lru_cache(maxsize=1)
def _cards() -> RateCards:
    return RateCards.load(factory.VENDORS_DIR)
