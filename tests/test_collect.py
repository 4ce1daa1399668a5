"""Archives of learning platforms go in, and marks by the platforms' own ids go out."""

import csv
import sys
import zipfile
from pathlib import Path

import pytest

from gan_lessons.grading import __main__ as program
from gan_lessons.grading import collect
from gan_lessons.grading.collect import CollectError
from gan_lessons.grading.gradebook import Row
from gan_lessons.grading.marks import Mark

LESSON = "lesson_01"
MOODLE = {
    "Ada Lovelace_1001_assignsubmission_file/lesson_01.ipynb": "ada",
    "Zoë O'Neil_1002_assignsubmission_file_/lesson_01 (1).ipynb": "zoë",
    "Bob_1003_assignsubmission_file_my work.ipynb": "bob",
    "Bob_1003_assignsubmission_onlinetext/onlinetext.html": "words",
}
CANVAS = {
    "lovelaceada_77_9001_lesson_01.ipynb": "ada",
    "bob_LATE_78_9002_lesson_01-2.ipynb": "bob",
}


def packed(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return path


def submitted(course):
    top = course / "submitted"
    found = [path for path in top.rglob("*") if path.is_file()]
    return {path.relative_to(top).as_posix(): path.read_text(encoding="utf8") for path in found}


def rows(*points):
    return [Row(student, [Mark("1.a", given, 10, "")], []) for student, given in points]


def read(path):
    with path.open(newline="", encoding="utf8") as file:
        return list(csv.DictReader(file))


def test_moodle(tmp_path):
    collect.collect(packed(tmp_path / "a.zip", MOODLE), tmp_path, LESSON)
    assert submitted(tmp_path) == {
        f"Ada Lovelace 1001/{LESSON}/lesson_01.ipynb": "ada",
        f"Zoë O'Neil 1002/{LESSON}/lesson_01 (1).ipynb": "zoë",
        f"Bob 1003/{LESSON}/my work.ipynb": "bob",
    }
    graded = rows(("Ada Lovelace 1001", 9.5), ("Bob 1003", None), ("by hand", 3))
    collect.write_tables(tmp_path, LESSON, graded)
    (table,) = tmp_path.glob("grades*")
    assert table.name == "grades_lesson_01_moodle.csv"
    assert [(line["Identifier"], line["Grade"]) for line in read(table)] == [
        ("Participant 1001", "9.5"),
        ("Participant 1003", ""),
    ]


def test_canvas_and_again(tmp_path):
    for word in ("", " again"):
        files = {name: text + word for name, text in CANVAS.items()}
        collect.collect(packed(tmp_path / "a.zip", files), tmp_path, LESSON)
    assert submitted(tmp_path) == {
        f"lovelaceada 77/{LESSON}/lesson_01.ipynb": "ada again",
        f"bob 78/{LESSON}/lesson_01-2.ipynb": "bob again",
    }
    collect.write_tables(tmp_path, LESSON, rows(("bob 78", 2)))
    (table,) = tmp_path.glob("grades*")
    assert table.name == "grades_lesson_01_canvas.csv"
    assert [(line["ID"], line[LESSON]) for line in read(table)] == [("", "10"), ("78", "2")]


def test_both_platforms_stay_in_the_roster(tmp_path):
    for files in (MOODLE, CANVAS):
        collect.collect(packed(tmp_path / "a.zip", files), tmp_path, LESSON)
    assert len(collect.roster(tmp_path)) == 5


def test_no_file_leaves_its_place(tmp_path):
    course = tmp_path / "course"
    odd = {
        "../../x_5_assignsubmission_file/../../evil.ipynb": "1",
        "/etc_6_assignsubmission_file/passwd": "2",
        "..\\y_7_assignsubmission_file\\..\\z.ipynb": "3",
        "=1+1_8_assignsubmission_file/.hidden": "4",
        "\x1b[2J_9_9_a\x00b.ipynb": "5",
    }
    collect.collect(packed(tmp_path / "a.zip", odd), course, LESSON)
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "course"}
    assert {path.name for path in course.iterdir()} == {"submitted", "roster.csv"}
    for student in (course / "submitted").iterdir():
        assert student.name.isprintable()
        assert not student.name.startswith((".", "=", "-"))


@pytest.mark.parametrize("files", [{}, {"lesson_01.ipynb": "1"}, {"readme.txt": "1"}])
def test_what_no_platform_has_packed_is_refused(tmp_path, files):
    with pytest.raises(CollectError, match="named as Moodle or Canvas"):
        collect.collect(packed(tmp_path / "a.zip", files), tmp_path, LESSON)


def test_what_can_not_be_read_is_refused_and_nothing_is_lost(tmp_path, monkeypatch, capsys):
    collect.collect(packed(tmp_path / "a.zip", MOODLE), tmp_path, LESSON)
    before = submitted(tmp_path)
    torn = tmp_path / "torn.zip"
    torn.write_bytes((tmp_path / "a.zip").read_bytes()[:-30])
    monkeypatch.setattr(collect, "MAX_BYTES", 2)
    release = tmp_path / "release" / LESSON
    release.mkdir(parents=True)
    (release / f"{LESSON}.ipynb").touch()
    for archive in ("torn.zip", "none.zip", "a.zip"):
        words = ["grading", str(tmp_path), "--collect", str(tmp_path / archive)]
        monkeypatch.setattr(sys, "argv", [*words, "--assignment", LESSON])
        assert program.main() == 2
        assert "Nothing was collected" in capsys.readouterr().err
    assert submitted(tmp_path) == before


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    collect.collect(packed(tmp_path / "a.zip", MOODLE), tmp_path, LESSON)
    before = submitted(tmp_path)
    write = Path.write_bytes

    def full(path, data):
        if data == b"bob":
            raise OSError("no space left")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        collect.collect(tmp_path / "a.zip", tmp_path, LESSON)
    assert submitted(tmp_path) == before
