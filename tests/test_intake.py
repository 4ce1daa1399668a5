"""Any kind of submission becomes a notebook that can be graded, or its author is told why not."""

import io
import json
import os
import zipfile

import pytest
from submissions import answered, solutions

from gan_lessons.grading import gradebook, intake
from tools import assignments

LESSON = "lesson_01"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    assignments.build(folder, [LESSON])
    return folder


@pytest.fixture(scope="module")
def release(course):
    path = course / "release" / LESSON / f"{LESSON}.ipynb"
    return json.loads(path.read_text(encoding="utf8"))


def test_intake_keeps_the_students_own_cells_where_they_were(course, release, tmp_path):
    book = answered(release, "a = 1")
    at = book["cells"].index(solutions(book)[1])
    own = {"cell_type": "code", "metadata": {}, "source": ["own = ", "1"], "outputs": []}
    copied = json.loads(json.dumps(solutions(book)[0])) | {"source": "a = 2"}
    book["cells"][at:at] = [own, copied, {"cell_type": "markdown", "source": "text"}]
    path = tmp_path / "book.ipynb"
    path.write_text("\ufeff" + json.dumps(book), encoding="utf8")
    taken, notes = intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, path.name)
    assert not notes
    texts = [cell.source for cell in taken.cells]
    assert texts.index("a = 1") < texts.index("own = 1") < texts.index("a = 2")
    assert texts.index("a = 2") < len(texts) - 1 - texts[::-1].index("")
    assert len(texts) == len(release["cells"]) + 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_intake_reads_what_editors_write(course, release, tmp_path, encoding):
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps(answered(release, "a = 'µ'"), ensure_ascii=False), encoding)
    taken, _ = intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, path.name)
    assert "a = 'µ'" in [cell.source for cell in taken.cells]


def test_intake_takes_no_half_characters(course, release, tmp_path):
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps(answered(release, "a = '\ud800'")), encoding="utf8")
    taken, _ = intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, path.name)
    assert "a = '?'" in [cell.source for cell in taken.cells]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([{"cell_type": "code", "source": str(i)} for i in range(101)], "more than 100 code"),
        ([{"cell_type": "raw", "source": "x" * 20_000_000}], "larger than 20 MB"),
    ],
)
def test_intake_refuses_too_much(course, release, tmp_path, more, words):
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps({"cells": release["cells"] + more}), encoding="utf8")
    with pytest.raises(intake.NoNotebook, match=words):
        intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, path.name)


def test_a_cell_that_is_too_long_is_left_out_and_named(course, release, tmp_path):
    path = tmp_path / "book.ipynb"
    long = [{"cell_type": "code", "source": f"{n} # {'x' * intake.MAX_CELL}"} for n in range(2)]
    path.write_text(json.dumps({"cells": [*long, *release["cells"]]}), encoding="utf8")
    taken, (note,) = intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, path.name)
    assert "100000 characters was left out" in note
    assert len(taken.cells) == len(release["cells"])


def test_cells_of_ones_own_alone_run_before_the_marks(course, tmp_path):
    path = tmp_path / "own.ipynb"
    path.write_text(BOOK, encoding="utf8")
    taken, _ = intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, path.name)
    places = {cell.source: at for at, cell in enumerate(taken.cells)}
    marks = [at for at, cell in enumerate(taken.cells) if intake.kind_of(cell) == "grade"]
    given = [at for at, cell in enumerate(taken.cells) if intake.kind_of(cell) == "given"]
    assert given[0] < places["own = 1"] < marks[0]


def test_a_name_that_is_not_utf8_is_shown_and_breaks_nobody(course, tmp_path):
    (tmp_path / os.fsdecode(b"work \xff\x1b[2J.ipynb")).write_text(BOOK, encoding="utf8")
    release = gradebook.read(course, "release", LESSON)
    said = "work \\udcff\\x1b[2J.ipynb was taken."
    assert said in intake.take_in(release, tmp_path, f"{LESSON}.ipynb")[1]
    (file,) = tmp_path.iterdir()
    file.write_text("{", encoding="utf8")
    with pytest.raises(intake.NoNotebook, match=r"work \\udcff\\x1b\[2J.ipynb is no notebook"):
        intake.take_in(release, tmp_path, f"{LESSON}.ipynb")


def test_intake_reads_the_old_format(course, tmp_path):
    cells = [{"cell_type": "code", "input": ["own = 1"]}]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}), encoding="utf8")
    taken, _ = intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, path.name)
    assert "own = 1" in [cell.source for cell in taken.cells]


def test_intake_finds_the_notebook(course, tmp_path):
    release = gradebook.read(course, "release", LESSON)
    for name in ("a.ipynb", "b.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(BOOK, encoding="utf8")
    (tmp_path / "c.ipynb").symlink_to(tmp_path / "b.ipynb")
    os.mkfifo(tmp_path / "d.ipynb")
    (tmp_path / "e.ipynb").mkdir()
    for name, said in (("a", "a.ipynb was taken and not b"), ("z", "b.ipynb was taken and not a")):
        _, notes = intake.take_in(release, tmp_path, f"{name}.ipynb")
        assert notes[-1] == f"{said}.ipynb."


BOOK = json.dumps({"cells": [{"cell_type": "code", "source": "own = 1"}]})


def packed(*names, text=BOOK, compression=zipfile.ZIP_STORED):
    """A zip without today's date: what pytest collects must be the same in both processes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            data = text if name[0] != "_" else ""
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (f"{LESSON}.ipynb", BOOK),
        (f"{LESSON}.ipynb.json", BOOK),
        (f"{LESSON}.ipynb.txt", f"\ufeff{BOOK}"),
        (f"{LESSON}.json", BOOK),
        (LESSON, BOOK),
        (f"{LESSON} (1).ipynb", BOOK),
        (f"{LESSON}.IPYNB", BOOK),
        (f"{LESSON}.ipynb.download", BOOK),
        (f"{LESSON}.ipynb.crdownload", BOOK),
        (f"{LESSON}.ipynb/{LESSON}.ipynb", BOOK),
        (f"{LESSON}.ipynb/other.txt", BOOK),
        (f"{LESSON}.ipynb.zip", packed(f"{LESSON}.ipynb")),
        (f"{LESSON}.ipynb", packed(f"{LESSON}.ipynb", compression=zipfile.ZIP_DEFLATED)),
        ("all.zip", packed(f"a/{LESSON}.txt", f"__MACOSX/a/._{LESSON}.ipynb", "a/")),
    ],
)
@pytest.mark.parametrize("beside", [(), ("notes.txt", "timestamp.txt", "._x.ipynb", "old.ipynb")])
def test_intake_takes_what_holds_a_notebook(course, tmp_path, name, data, beside):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    for other in beside:
        (tmp_path / other).write_text("{}", encoding="utf8")
    release = gradebook.read(course, "release", LESSON)
    taken, notes = intake.take_in(release, tmp_path, f"{LESSON}.ipynb")
    assert "own = 1" in [cell.source for cell in taken.cells]
    said = " ".join(note for note in notes if "was taken" in note)
    assert bool(said) == (path.name != f"{LESSON}.ipynb" or bool(beside))
    assert said.startswith(f"{name} was taken" if said else "")
    assert ("and not old.ipynb" in said) == bool(beside)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (f"{LESSON}.ipynb.html", b"\xef\xbb\xbf\n<!DOCTYPE html><html>{}", "is a web page"),
        (f"{LESSON}.html", b"<html><body>", "is a web page"),
        (f"{LESSON}.ipynb.crdownload", BOOK[:30].encode(), "no notebook that can be read"),
        (f"{LESSON}.ipynb", b"", "no notebook that can be read"),
        (f"{LESSON}.json", b'{"a": 1}', "no notebook that can be read"),
        (f"{LESSON}.ipynb", b'{"cells": "none"}', "no notebook that can be read"),
        (f"{LESSON}.pdf", b"%PDF-1.5", "no notebook that can be read"),
        ("none.zip", packed("a.txt", text="a"), "no notebook that can be read"),
        ("torn.zip", packed("a.ipynb")[:60], "no notebook that can be read"),
        ("odd.zip", packed("a.ipynb").replace(b"own", b"odd"), "no notebook that can be read"),
        ("bomb.zip", packed("a.ipynb", text="0" * 20_000_001, compression=8), "no notebook that"),
        ("timestamp.txt", b"2030-01-01", "No notebook was found"),
        (".DS_Store", b"", "No notebook was found"),
    ],
)
def test_intake_says_what_is_no_notebook(course, tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(intake.NoNotebook, match=words):
        intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, "a.ipynb")


def test_intake_takes_the_lessons_notebook_from_many(course, tmp_path):
    many = tmp_path / "all.zip"
    own = BOOK.replace("own", "wanted")
    many.write_bytes(packed("b.ipynb", "z.ipynb"))
    with zipfile.ZipFile(many, "a") as archive:
        archive.writestr(f"c/{LESSON}.ipynb", own)
    release = gradebook.read(course, "release", LESSON)
    taken, _ = intake.take_in(release, tmp_path, f"{LESSON}.ipynb")
    assert "wanted = 1" in [cell.source for cell in taken.cells]


def test_intake_follows_no_link_to_another_students_folder(course, tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "a.ipynb").write_text(BOOK, encoding="utf8")
    (tmp_path / "bob").symlink_to(tmp_path / "ada")
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / "more").symlink_to(tmp_path / "ada")
    release = gradebook.read(course, "release", LESSON)
    intake.take_in(release, tmp_path / "ada", "a.ipynb")
    for student in ("bob", "eve", "nobody"):
        with pytest.raises(intake.NoNotebook, match="No notebook was found"):
            intake.take_in(release, tmp_path / student, "a.ipynb")
