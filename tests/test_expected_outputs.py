"""What the readers' notebooks are compared with, and that nbval does compare it."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.expected_outputs import with_outputs

INSTALL = 'if "google.colab" in sys.modules:\n    pass'


def printed(text):
    return [new_output("stream", text=text)]


def tagged(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)})


def derived():
    sources = ["import sys\n" + INSTALL, "print(1)", "print(2)", "print(1)"]
    cells = [new_code_cell(source) for source in sources]
    cells.insert(2, tagged("print('a question')", "answer"))
    cells.append(tagged("print('for a kernel')", "notebook-only"))
    return new_notebook(cells=cells)


def executed(*said):
    cells = [
        new_code_cell(f"print({what})", outputs=printed(f"{text}\n"))
        for what, text in zip((1, 2, 1), said, strict=True)
    ]
    cells.insert(1, tagged("assert True", "test"))
    return new_notebook(cells=cells)


def test_each_cell_gets_the_outputs_of_its_own_place():
    merged = with_outputs(derived(), executed("first", "second", "third")).cells
    said = [cell.outputs[0].text.strip() if cell.outputs else "" for cell in merged]
    assert said == ["", "first", "", "second", "third", ""]
    free = ["nbval-ignore-output" in cell.metadata.get("tags", []) for cell in merged]
    assert free == [False, False, True, False, False, True]


def test_a_cell_that_the_site_lacks_is_no_silent_gap():
    with pytest.raises(ValueError, match="not in list"):
        with_outputs(derived(), new_notebook())


@pytest.mark.slow
@pytest.mark.parametrize(("said", "failed"), [(("1", "2", "1"), 0), (("1", "2", "7"), 1)])
def test_nbval_compares_what_it_runs(tmp_path, said, failed):
    book = with_outputs(derived(), executed(*said))
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(book, tmp_path / "a.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider", tmp_path]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf8")
    assert done.returncode == failed, done.stdout
    assert f"{6 - failed} passed" in done.stdout
