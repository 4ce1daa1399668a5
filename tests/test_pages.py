"""The pages that are only read say what is true of the code and of the lessons."""

import importlib
import pkgutil
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import gan_lessons
from book._ext.repository_links import citation, clone
from tools.paths import BOOK, ROOT, lessons
from tools.repository import Address, declared_address

PAGES = [*sorted(BOOK.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
REFERENCE = BOOK / "reference.md"
MODULES = [f"gan_lessons.{module.name}" for module in pkgutil.iter_modules(gan_lessons.__path__)]

# Every function and class that the notebook and the guide define; some of them, three times.
ORIGINALS = """
    compute_ground_truth compute_generator_pdf compute_discriminator_prob simulate_training
    create_animation save_animation true_distribution build_generator build_discriminator
    train_generator train_discriminator update generator discriminator initialize_weights
    initialize_discriminator_weights get_density Generator Discriminator __init__ forward
    get_real_samples get_noise
"""
THREE_TIMES = {"create_animation", "train_generator", "update"}


def read(page: Path) -> str:
    return page.read_text(encoding="utf8")


def rows(text: str) -> list[list[str]]:
    """The rows of all tables in a page, as lists of cells."""
    lines = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def section(label: str) -> str:
    """The part of the reference between this label and the next one."""
    below = read(REFERENCE).split(f"({label})=\n")[1]
    return re.split(r"^\([\w-]+\)=$", below, flags=re.M)[0]


def public_names(module_name: str) -> set[str]:
    """The functions and classes that a module defines for others."""
    module = importlib.import_module(module_name)
    return {
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", "") == module_name
        and hasattr(value, "__name__")
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_of_the_package_exists(page):
    for name in re.findall(r"\bgan_lessons(?:\.\w+)+", read(page)):
        _, module, *attributes = name.split(".")
        found = importlib.import_module(f"gan_lessons.{module}")
        for attribute in attributes:
            assert hasattr(found, attribute), f"{page.name} names {name}"
            found = getattr(found, attribute)


@pytest.mark.parametrize("name", ORIGINALS.split())
def test_every_function_of_the_originals_is_mapped(name):
    table = [row for row in rows(section("where-the-functions-live")) if f"`{name}`" in row[0]]
    assert len(table) == (3 if name in THREE_TIMES else 1)
    for row in table:
        places = re.findall(r"`(\w+)\.(\w+)`", row[1])
        assert places
        for module, place in places:
            assert hasattr(importlib.import_module(f"gan_lessons.{module}"), place)


@pytest.mark.parametrize("module", MODULES)
def test_the_overview_names_all_that_a_module_offers(module):
    (row,) = [row for row in rows(section("modules")) if row[0] == f"`{module}`"]
    assert set(re.findall(r"`(\w+)`", row[2])) == public_names(module)


def test_the_map_of_lessons_says_what_the_lessons_say():
    found = []
    for lesson in lessons():
        text = read(lesson)
        title = re.search(r"^# (.+)$", text, re.M)[1]
        question = re.search(r"^\*([^*].+)\*$", text, re.M)[1]
        found.append([f"[{title}](../notebooks/{lesson.name})", question])
    shown = [row for row in rows(read(BOOK / "index.md")) if "notebooks/" in row[0]]
    assert [[re.sub(r"^\d+ ", "", row[0]), row[1]] for row in shown] == found


def test_the_film_of_the_first_page_is_made_by_a_lesson():
    names = set(re.findall(r"notebooks/animations/([\w-]+)\.", read(BOOK / "index.md")))
    made = "".join(map(read, lessons()))
    assert len(names) == 1
    assert f'"{names.pop()}"' in made


def test_links_of_the_pages_that_sphinx_does_not_read():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^):]+)\)", read(page)):
            assert (ROOT / target.split("#")[0]).exists(), f"{page.name} links to {target}"


def test_commands_that_pages_name_exist():
    verbs = set(re.findall(r"^([a-z-]+):.*## ", read(ROOT / "Makefile"), re.M))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z-]+)", read(page))) <= verbs, page.name


def test_the_address_feeds_clone_and_citation():
    address = Address("github.com", "course", "home")
    config = SimpleNamespace(html_title="GANs", author="Ann and Bob", copyright="2026")
    assert "git clone https://github.com/course/home\ncd home\n" in clone(address)
    entry = citation(config, address)
    assert "  url = {https://github.com/course/home},\n" in entry
    assert "  author = {{Ann and Bob}},\n" in entry
    assert "url" not in citation(config, None)


def test_the_address_stands_in_one_place():
    address = declared_address()
    assert address is not None
    tops = [*PAGES, *lessons(), *BOOK.glob("_ext/*.py"), *Path(ROOT / "tools").glob("*.py")]
    assert [page.name for page in tops if address.url in read(page)] == []
