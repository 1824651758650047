"""Every vendor is whole: its data, its fake, its contract, its place in the documents. What is missing is said with
where it belongs; ``studio scaffold provider NAME`` writes all of it but the documents, which ``make docs`` does."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from functools import lru_cache

import pytest

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.fake_vendor.shapes import shapes
from studio_pipeline.film.pilot import Tier
from studio_pipeline.orchestration.tiers import load_tiers
from studio_pipeline.providers import factory
from studio_pipeline.settings import ASSETS_DIR, RULES, Kind
from studio_pipeline_tests.backlot.desk import ASKED
from studio_pipeline_tests.contract.hosted_case import Case

ROOT = ASSETS_DIR.parent
FOLDERS = sorted(path.name for path in (ASSETS_DIR / "vendors").iterdir() if path.is_dir())
HOSTED = [name for name, data in factory.vendors().items() if data.manifest.hosted]
CARDS = RateCards.load(ASSETS_DIR / "vendors")
UNITS: dict[Kind, set[str]] = {
    "image": {"picture"},
    "video": {"second", "call"},
    "voice": {"character"},
    "music": {"second", "call"},
    "language": {"million_tokens"},
}
"""What the prices of each kind are for."""
_ADDRESS = re.compile(r"https://[\w-]+(\.[\w-]+)+")
_DATE = re.compile(r"\b20\d\d-(0[1-9]|1[0-2])(-\d\d)?\b")


@lru_cache
def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def can_be_bought(vendor: str) -> bool:
    """Whether it makes anything for money, if only for simulated money; the agents' own rules are no purchase."""
    return any(factory.vendors()[vendor].manifest.kinds.values())


def priced(vendor: str) -> bool:
    """Whether its prices are on a card, and not said by the person who runs it."""
    return can_be_bought(vendor) and not factory.vendors()[vendor].manifest.price_variable


def module_of(vendor: str) -> str:
    return vendor.replace("-", "_")


def cases_of(vendor: str) -> list[Case]:
    name = f"studio_pipeline_tests.contract.cases.{module_of(vendor)}"
    return importlib.import_module(name).CASES if importlib.util.find_spec(name) else []


def models_of(tier: Tier) -> Iterator[tuple[Kind, str]]:
    yield from (("image", model) for model in tier.image_models)
    yield from (("video", model) for model in tier.video_models)


def test_there_are_vendors_to_look_at() -> None:
    assert len(HOSTED) >= 7
    assert len(FOLDERS) > len(HOSTED)


@pytest.mark.parametrize("vendor", FOLDERS)
def test_a_vendor_has_a_manifest_and_a_rate_card(vendor: str) -> None:
    card = ["rate_card.yaml"] if can_be_bought(vendor) else []
    needed = ["manifest.yaml", *card, *(["capabilities.yaml"] if vendor in HOSTED else [])]
    missing = [
        f"assets/vendors/{vendor}/{name}" for name in needed if not (ASSETS_DIR / "vendors" / vendor / name).is_file()
    ]
    assert missing == [], (
        "write these, like those of another vendor (studio scaffold provider writes them for a new one)"
    )


@pytest.mark.parametrize("vendor", factory.vendors())
def test_every_kind_that_a_vendor_makes_has_its_module(vendor: str) -> None:
    for kind, module in factory.vendors()[vendor].manifest.kinds.items():
        if not module:
            assert (vendor, kind) == (RULES, "language"), "only the agents' own rules need nothing to be built"
            continue
        assert importlib.util.find_spec(module), (
            f"the manifest of {vendor} makes {kind} by {module}, which is no module"
        )
        made = importlib.import_module(module)
        assert callable(getattr(made, "build", None)), f"add build(kind, setup) to {module}"


def test_no_adapter_no_fake_and_no_cases_are_there_without_a_vendor() -> None:
    named = {module for data in factory.vendors().values() for module in data.manifest.kinds.values()}
    for room in ("hosted", "language"):
        files = sorted((ROOT / "studio_pipeline/providers" / room).glob("*.py"))
        adapters = [path for path in files if "\ndef build(" in path.read_text(encoding="utf-8")]
        assert adapters, room
        lost = [path.name for path in adapters if f"studio_pipeline.providers.{room}.{path.stem}" not in named]
        assert lost == [], "name these under `kinds` of assets/vendors/<vendor>/manifest.yaml"
    assert sorted(shapes().keys() - set(HOSTED)) == [], "fakes of vendors without a manifest"
    cases = {path.stem for path in (ROOT / "studio_pipeline_tests/contract/cases").glob("*.py")}
    assert sorted(cases - {module_of(name) for name in HOSTED}) == [], "cases of vendors without a manifest"


@pytest.mark.parametrize("vendor", HOSTED)
def test_a_hosted_vendor_has_models_of_every_kind_and_cases_in_the_contract(vendor: str) -> None:
    data = factory.vendors()[vendor]
    kinds = set(data.manifest.kinds)
    told = f"kinds of assets/vendors/{vendor}/manifest.yaml and of capabilities.yaml beside it"
    assert {model.kind for model in data.models.values()} == kinds, told
    cases = f"studio_pipeline_tests/contract/cases/{module_of(vendor)}.py"
    if "language" in kinds:
        asked = "ASKED of studio_pipeline_tests/backlot/desk.py, which contract/test_language.py tries"
        assert ASKED.get(vendor) in data.models, f"add a model of {vendor} to {asked}"
    assert {case.kind for case in cases_of(vendor)} == kinds - {"language"}, f"add a case for each kind to {cases}"
    assert {case.model for case in cases_of(vendor)} <= set(data.models), f"{cases} names models that there are not"


@pytest.mark.parametrize("vendor", HOSTED)
def test_a_hosted_vendor_has_a_fake_that_reads_the_same_variables(vendor: str) -> None:
    place = f"studio_pipeline/fake_vendor/shapes/{module_of(vendor)}.py"
    assert vendor in shapes(), f"add {place} with NAME, KEYS, BASE_URL_VARIABLE and answer()"
    manifest, shape = factory.vendors()[vendor].manifest, shapes()[vendor]
    assert manifest.base_url_variable == shape.BASE_URL_VARIABLE, place
    said = {*manifest.settings, manifest.price_variable} & set(shape.KEYS)
    keys = {*manifest.keys, *manifest.optional_keys}
    assert set(shape.KEYS) - said == keys, f"KEYS of {place} and keys of the manifest"


@pytest.mark.parametrize("vendor", HOSTED)
def test_a_hosted_vendor_says_how_it_is_reached(vendor: str) -> None:
    manifest = factory.vendors()[vendor].manifest
    place = f"assets/vendors/{vendor}/manifest.yaml"
    assert manifest.route, f"add `route` to {place}: how it is reached, and what it does not offer any more"
    assert _ADDRESS.match(manifest.docs), f"add `docs` to {place}: the https address of its API's pages"
    assert manifest.base_url_variable, f"add `base_url_variable` to {place}: it is how the fake vendor takes its place"


@pytest.mark.parametrize("vendor", HOSTED)
def test_every_model_has_a_price_and_every_price_a_model(vendor: str) -> None:
    data = factory.vendors()[vendor]
    on_card, able = set(CARDS.models(vendor)), set(data.models)
    if not priced(vendor):
        assert on_card == set(), f"what {vendor} costs is said by {data.manifest.price_variable}, not by a card"
        return
    assert sorted(able - on_card) == [], f"add their prices to assets/vendors/{vendor}/rate_card.yaml"
    assert sorted(on_card - able) == [], f"add what they can do to assets/vendors/{vendor}/capabilities.yaml"
    assert [name for name in able if not name.startswith(f"{vendor}/")] == [], "a model is called vendor/model"
    wrong = [name for name, model in data.models.items() if CARDS.line(vendor, name).unit not in UNITS[model.kind]]
    assert wrong == [], f"their unit in the rate card is not what {UNITS} are counted in"


@pytest.mark.parametrize("vendor", [name for name in factory.vendors() if priced(name)])
def test_a_price_that_is_charged_says_where_and_when_it_was_read(vendor: str) -> None:
    place = f"assets/vendors/{vendor}/rate_card.yaml"
    assert CARDS.models(vendor), f"add a price to {place}"
    for model in CARDS.models(vendor):
        line = CARDS.line(vendor, model)
        assert line.simulated != (vendor in HOSTED), f"{model}: who is hosted charges, who is not does not; see {place}"
        if not line.simulated:
            told = f"{model}: `source` in {place} needs an https address and a date (2026-11) and says: {line.source}"
            assert _ADDRESS.search(line.source), told
            assert _DATE.search(line.source), told


@pytest.mark.parametrize("tier", load_tiers(ASSETS_DIR / "tiers.yaml"), ids=lambda tier: tier.name)
def test_a_tier_names_models_that_can_be_bought_for_it(tier: Tier) -> None:
    for kind, model in models_of(tier):
        vendor, told = model.partition("/")[0], f"assets/tiers.yaml, tier {tier.name}: {model}"
        assert vendor in factory.vendors(), f"{told} is of a vendor without assets/vendors/{vendor}/manifest.yaml"
        data = factory.vendors()[vendor]
        assert model in CARDS.models(vendor), f"{told} has no price in assets/vendors/{vendor}/rate_card.yaml"
        assert kind in data.manifest.kinds, f"{told} is named as {kind}, which {vendor} does not make"
        assert CARDS.line(vendor, model).unit in UNITS[kind], f"{told} is named as {kind} and priced as something else"
        if data.manifest.hosted:
            assert model in data.models, f"{told} is not in assets/vendors/{vendor}/capabilities.yaml"
            assert data.models[model].kind == kind, f"{told} is named as {kind} and makes {data.models[model].kind}"


@pytest.mark.parametrize("vendor", factory.vendors())
def test_the_documents_have_every_vendor_with_its_models(vendor: str) -> None:
    manifest = factory.vendors()[vendor].manifest
    readme, page = read("README.md"), read("docs/vendors.md")
    table = readme.partition("<!-- generated: vendors -->")[2].partition("<!-- end -->")[0]
    row = next((line for line in table.splitlines() if f"`{vendor}`" in line.split(" | ")[0]), "")
    assert row, f"{vendor} is not in the README's table of vendors: run `make docs`"
    assert [name for name in manifest.keys if f"`{name}`" not in row] == [], "run `make docs`"
    assert re.search(rf"^## {re.escape(manifest.label)}$", page, re.MULTILINE), f"{vendor}: run `make docs`"
    assert [name for name in CARDS.models(vendor) if f"\n| `{name}` |" not in page] == [], "run `make docs`"


@pytest.mark.parametrize("vendor", factory.vendors())
def test_the_example_environment_has_every_key_and_address(vendor: str) -> None:
    lines = read(".env.example").splitlines()
    variables = factory.vendors()[vendor].manifest.variables
    assert [name for name in variables if f"# {name}=" not in lines] == [], "not in .env.example: run `make docs`"


def test_the_readme_says_which_routes_live_and_what_is_not_offered_any_more() -> None:
    table = read("README.md").partition("<!-- generated: vendors -->")[2].partition("<!-- end -->")[0]
    rows = {name: line for line in table.splitlines() for name in factory.vendors() if f"`{name}` |" in line}
    for vendor, gone in {"fal": "Pika", "stability": "video", "openai-videos": "Sora"}.items():
        said = rows[vendor].split(" | ")[2]
        assert gone in said and "not offered any more" in said, f"`route` of assets/vendors/{vendor}/manifest.yaml"


@pytest.mark.parametrize("vendor", HOSTED)
def test_no_question_of_the_scaffold_is_left_open(vendor: str) -> None:
    folders = (
        "studio_pipeline/providers/hosted",
        "studio_pipeline/fake_vendor/shapes",
        "studio_pipeline_tests/contract/cases",
    )
    code = [ROOT / folder / f"{module_of(vendor)}.py" for folder in folders]
    written = [path for path in (*code, *(ASSETS_DIR / "vendors" / vendor).iterdir()) if path.is_file()]
    left = [path.relative_to(ROOT).as_posix() for path in written if "TODO" in path.read_text(encoding="utf-8")]
    assert left == [], f"answer every TODO in these from {vendor}'s own pages"
