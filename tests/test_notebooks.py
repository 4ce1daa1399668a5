"""The derived notebooks: fresh, plain, without outputs, and the same on every machine."""

import json
import re
import shutil

import nbformat
import pytest
from lesson_header import HEADER

from tools.derive_notebooks import ConversionError, derived_text, stale
from tools.paths import NOTEBOOKS, ROOT
from tools.paths import lessons as lesson_paths

LESSON = f"""{HEADER}# A title

Prose.

```{{code-cell}} ipython3
x = 1
```

```{{code-cell}} ipython3
:tags: [remove-cell, test]
assert x == 1
```

```{{code-cell}} ipython3
:tags: [notebook-only, remove-cell, skip-execution]
x = 2
```

```{{code-cell}} ipython3
:tags: [hide-input]
x = 1
```

```{{code-cell}} ipython3
x = 1
```
"""
MYST = re.compile(r":::|`{3}\{|\{[a-zA-Z][\w:+.-]*\}`|^\([\w:.-]+\)=", re.MULTILINE)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "book").mkdir()
    (tmp_path / "notebooks" / "01_a.md").write_text(LESSON, encoding="utf8")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def derive(root):
    return nbformat.reads(derived_text(root / "notebooks" / "01_a.md"), as_version=4)


def test_cells_that_readers_get(root):
    cells = derive(root).cells
    assert [cell.cell_type for cell in cells] == ["markdown", "code", "markdown", *["code"] * 4]
    title, install, prose, *code = cells
    assert title.source == "# A title"
    assert "--no-deps" in install.source
    assert 'os.environ.setdefault("OMP_NUM_THREADS", "1")' in install.source
    assert "torch" not in install.source
    assert prose.source == "Prose."
    assert [cell.source for cell in code] == ["x = 1", "x = 2", "x = 1", "x = 1"]
    assert [cell.metadata.get("tags") for cell in code] == [
        None,
        ["notebook-only"],
        ["hide-input"],
        None,
    ]


def test_ids_come_from_the_content(root):
    before = [cell.id for cell in derive(root).cells]
    assert len(set(before)) == len(before)
    assert [cell.id for cell in derive(root).cells] == before
    lesson = root / "notebooks" / "01_a.md"
    lesson.write_text(LESSON.replace("x = 2", "x = 3"), encoding="utf8")
    after = [cell.id for cell in derive(root).cells]
    changed = [new != old for new, old in zip(after, before, strict=True)]
    assert changed.count(True) == 1


def test_stale_is_found(root):
    lesson = root / "notebooks" / "01_a.md"
    assert stale(root) == ["01_a.ipynb"]  # missing
    lesson.with_suffix(".ipynb").write_text(derived_text(lesson), encoding="utf8")
    assert stale(root) == []
    lesson.write_text(LESSON.replace("Prose", "Other prose"), encoding="utf8")
    assert stale(root) == ["01_a.ipynb"]
    lesson.unlink()
    assert stale(root) == ["01_a.ipynb"]  # its source is gone


def test_an_error_names_the_line_of_the_source(root):
    lesson = root / "notebooks" / "01_a.md"
    lesson.write_text(f"{LESSON}\n\nProse.\n{{mystery}}`x`\n", encoding="utf8")
    line = lesson.read_text(encoding="utf8").splitlines().index("{mystery}`x`") + 1
    with pytest.raises(ConversionError, match=f"notebooks/01_a.md:{line}: "):
        derived_text(lesson)


def test_there_are_ten_lessons():
    assert [path.stem[:2] for path in lesson_paths()] == [
        f"{number:02}" for number in range(1, 11)
    ]


def test_derived_notebooks_are_fresh():
    assert stale(ROOT) == [], "run `make notebooks`"


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_derived_notebook_is_plain(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", cell.source, flags=re.DOTALL | re.MULTILINE)
            assert not MYST.search(re.sub(r"``.+?``", "", text)), cell.source
        else:
            assert not cell.outputs
            assert cell.execution_count is None
            assert "test" not in cell.metadata.get("tags", [])
    assert "google.colab" in notebook.cells[1].source
    assert (
        json.loads(path.read_text(encoding="utf8"))["metadata"]["kernelspec"]["name"] == "python3"
    )
