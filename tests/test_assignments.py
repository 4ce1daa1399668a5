"""What the students get: all questions, no answers, no hidden tests, and it runs to its end."""

import ast
import json
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from gan_lessons.grading import course_folder, gradebook, marks
from gan_lessons.grading.gradebook import Row
from gan_lessons.grading.run import _with_marks
from tools import assignments, solutions
from tools.answers import asked
from tools.assignments import AssignmentError
from tools.derive_notebooks import INSTALL, converted
from tools.execution import tags
from tools.paths import NOTEBOOKS, ROOT, SITE
from tools.repository import declared_address

pytestmark = pytest.mark.slow  # for who changes the assignments

TEXTS = {text.stem: text for text in assignments.texts()}
SEVEN = [f"lesson_0{number}" for number in range(1, 8)]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    assignments.build(folder)
    return folder


def released(course, lesson):
    return (course / "release" / lesson / f"{lesson}.ipynb").read_text(encoding="utf8")


def cells(notebook):
    return json.loads(notebook)["cells"]


def lines(source):
    """The lines of code that say something, without blanks at their ends and their comments."""
    found = {line.partition("  # ")[0].strip() for line in source.splitlines()}
    found |= {line.partition("# ")[2].strip() for line in source.splitlines()}
    return {line for line in found if len(line) > 7}


def rubrics(text):
    """What an instructor marks texts by."""
    labels = [cell.metadata["rubric"] for cell, _ in converted(text) if "written" in tags(cell)]
    return [assignments.rubric(text, label) for label in labels]


def answers(text):
    return [source for cell, source in converted(text) if "answer" in tags(cell)]


def secrets(text):
    """The lines that stand in the model answers and not in the questions made from them."""
    found = {line for each in answers(text) for line in lines(each) - lines(asked(each))}
    return found.union(*map(lines, rubrics(text)))


def leaks(text, notebook):
    shown = "\n".join("".join(cell["source"]) for cell in cells(notebook))
    given = lines(shown)
    assert given
    return {line for line in secrets(text) if line in given} | {
        word for word in ("HIDDEN TESTS", "mark(", "BEGIN SOLUTION") if word in notebook
    }


def test_there_is_one_for_each_of_seven_lessons():
    assert list(TEXTS) == SEVEN


@pytest.mark.parametrize("lesson", TEXTS)
def test_a_release_holds_no_answers_and_no_hidden_tests(course, lesson):
    assert len(secrets(TEXTS[lesson])) >= 5
    assert not leaks(TEXTS[lesson], released(course, lesson))


@pytest.mark.parametrize("lesson", TEXTS)
def test_a_leak_would_be_seen(course, lesson, tmp_path):
    text = TEXTS[lesson]
    whole = "\n".join([*answers(text), *rubrics(text)])
    book = json.loads(released(course, lesson))
    book["cells"][1]["source"] = whole
    assert leaks(text, json.dumps(book)) == secrets(text)
    source = (course / "source" / lesson / f"{lesson}.ipynb").read_text(encoding="utf8")
    assert leaks(text, source) == {"HIDDEN TESTS", "mark("}


@pytest.mark.parametrize("lesson", TEXTS)
def test_a_release_runs_to_its_end(course, lesson):
    names = {"__name__": "release"}
    title, set_up, *rest = cells(released(course, lesson))
    assert "".join(set_up["source"]) == INSTALL.format(url=declared_address().url)
    for cell in (title, *rest):
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)


@pytest.mark.parametrize("lesson", TEXTS)
def test_the_source_asks_for_every_task(course, lesson):
    source = json.loads(
        (course / "source" / lesson / f"{lesson}.ipynb").read_text(encoding="utf8")
    )
    graded = [c for c in source["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
    code = [c for c in graded if c["cell_type"] == "code"]
    found = {q.task: (q.answer, q.points) for q in map(asks, code)}
    assert found == assignments.answers_of(TEXTS[lesson])
    assert all(c["metadata"]["nbgrader"]["locked"] for c in code)
    assert len(graded) == len(code) + len(rubrics(TEXTS[lesson]))


def asks(cell):
    return marks.question("".join(cell["source"]))


def test_a_release_is_the_same_each_time(course, tmp_path):
    lesson = SEVEN[0]
    shutil.copy(course / "gradebook.db", tmp_path)  # nbgrader takes long to make one
    assignments.build(tmp_path, [lesson])
    assert released(tmp_path, lesson) == released(course, lesson)
    assert [path.name for path in (tmp_path / "release").iterdir()] == [lesson]


def test_a_graded_assignment_keeps_its_cells(course, tmp_path, monkeypatch):
    lesson = SEVEN[0]
    shutil.copytree(course, tmp_path, dirs_exist_ok=True)
    source = gradebook.read(tmp_path, "source", lesson)
    asked = marks.questions(source).values()
    row = Row("ada", [marks.Mark(q.task, q.points, q.points, "Right.") for q in asked], [])
    gradebook.enter(tmp_path, lesson, row, _with_marks(source, row))

    text = assignments.source_text(TEXTS[lesson])
    monkeypatch.setattr(
        assignments, "source_text", lambda _: text.replace("points=2)", "points=3)")
    )
    assignments.build(tmp_path, [lesson])  # texts and points may change
    before = released(tmp_path, lesson)
    less = json.loads(text)
    del less["cells"][1]
    monkeypatch.setattr(assignments, "source_text", lambda _: json.dumps(less))
    with pytest.raises(AssignmentError, match=r"(?s)not released.*Cannot add or remove") as caught:
        assignments.build(tmp_path, [lesson])
    assert "Traceback" not in str(caught.value)
    assert released(tmp_path, lesson) == before
    assert "points=3)" in (tmp_path / "source" / lesson / f"{lesson}.ipynb").read_text(
        encoding="utf8"
    )


def test_the_site_holds_no_assignment():
    if not SITE.exists():
        pytest.skip("the site is not built")
    names = [task for text in TEXTS.values() for task in assignments.answers_of(text)]
    assert len(names) >= 18
    for path in SITE.rglob("*"):
        if path.suffix in (".html", ".js", ".ipynb", ".md", ".txt"):
            page = path.read_text(encoding="utf8", errors="replace")
            assert not [name for name in names if name in page], path


def assignment(tmp_path, words, metadata, line):
    """A small assignment's source: words, and a cell with marks."""
    for name in ("pyproject.toml", "book/references.bib"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    text = tmp_path / "assignments" / "lesson_01.md"
    text.parent.mkdir()
    head = TEXTS["lesson_01"].read_text(encoding="utf8").split("# Assignment")[0]
    cell = f"```{{code-cell}} ipython3\n---\ntags: [marks]\n{metadata}\n---\n{line}\n```\n"
    text.write_text(f"{head}{words}\n\n{cell}", encoding="utf8")
    return text


@pytest.mark.parametrize(
    ("line", "metadata"),
    [
        ('check("1.dear_rock")', "points: 2"),
        ('check("1.dear_rock", a); check("1.dear_rock", b)', "points: 2"),
        ("print(1)", "points: 2"),
        ('check("1.no_such_rock", dear_rock)', "points: 2"),
        ("x = 1", "points: 2"),
        ("x =", "points: 2"),
        ('check("1.dear_rock", dear_rock)', "points: many"),
        ('check("1.dear_rock", dear_rock)', "other: 2"),
    ],
)
def test_a_wrong_cell_with_marks_is_refused(tmp_path, line, metadata):
    with pytest.raises(AssignmentError):
        assignments.source_text(assignment(tmp_path, "# Title", metadata, line))


def test_the_solutions_are_the_same_text_with_its_answers(tmp_path):
    for page in solutions.write(tmp_path):
        text = TEXTS[page.stem]
        book = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
        code = [cell.source for cell in book.cells if cell.cell_type == "code"]
        assert set(answers(text)) <= set(code)
        words = [cell.source for cell in book.cells if cell.cell_type == "markdown"]
        assert set(rubrics(text)) <= set(words)
        assert answers(text) or rubrics(text)
        assert "your answer" not in "\n".join(code)
        shown = page.read_text(encoding="utf8")
        assert "MathJax = {" in shown
        assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=.?https?:", shown)
    (first, *_) = sorted((tmp_path / "solutions").glob("*.ipynb"))
    names = {}
    for cell in nbformat.read(first, as_version=4).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
            if cell.source.startswith("check("):
                assert eval(cell.source, names).right


def test_points_stand_in_the_cell_with_marks_and_nowhere_else(tmp_path):
    for lesson, text in TEXTS.items():
        told = re.findall(r"## .* \(([\d.]+) points?\)", assignments.source_text(text))
        points = [c.metadata["points"] for c, _ in converted(text) if "points" in c.metadata]
        assert list(map(float, told)) == points, lesson
        assert not re.search(
            r"\bpoints?\b(?!\"?:)", text.read_text(encoding="utf8").replace("the points", "")
        )
    other = assignment(tmp_path, "## A task\n\nText.", "points: 1", 'check("1.dear_rock", a)')
    assert "## A task (1 point)" in assignments.source_text(other)


def test_a_cell_of_the_students_is_given_as_it_is(course):
    (cell,) = [c for c, _ in converted(TEXTS["lesson_06"]) if "yours" in tags(c)]
    (found,) = [
        c for c in cells(released(course, "lesson_06")) if "".join(c["source"]) == cell.source
    ]
    assert found["metadata"]["nbgrader"]["solution"]
    assert found["metadata"].get("editable", True)
    assert ast.parse(cell.source)


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("~", "{home}"),
        ("~/x", "{home}/x"),
        ("x", "{here}/x"),
        ("a/~/x", "{here}/a/~/x"),
        ("./~/x", "{here}/~/x"),
        ("x~", "{here}/x~"),
        ("$HOME/x", "{here}/$HOME/x"),
        ("/x", "/x"),
    ],
)
def test_a_course_may_be_in_ones_home(tmp_path, monkeypatch, named, meant):
    monkeypatch.setenv("HOME", f"{tmp_path}/home")
    monkeypatch.chdir(tmp_path)
    assert course_folder(named) == Path(meant.format(home=tmp_path / "home", here=tmp_path))


@pytest.mark.parametrize("verb", ["assignments", "grade"])
@pytest.mark.parametrize("name", ["a b", "$HOME/x", "`a` 'b' \"c\"", "a%20b;#?[1]\\n", "~/x"])
def test_make_hands_on_the_name_of_a_course_as_it_is(verb, name):
    given = {"RUN": r"printf '%s\n'", "COURSE": name, "PYTHON": "true"}  # nothing is installed
    command = ["make", "--silent", verb, *(f"{key}={text}" for key, text in given.items())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf8")
    assert name in done.stdout.splitlines(), done


def test_an_open_question_and_its_rubric_are_those_of_the_lesson():
    text = TEXTS["lesson_07"]
    lesson = (NOTEBOOKS / "07_self_assessment.md").read_text(encoding="utf8")
    parts = re.split(r"^\((question-\w+)\)=$", lesson, flags=re.MULTILINE)
    for (_, before), (cell, _) in pairwise(converted(text)):
        if "written" not in tags(cell):
            continue
        label = cell.metadata["rubric"]
        below = parts[parts.index(label) + 1]
        assert before.partition("\n\n")[2] in below  # the question
        for line in assignments.rubric(text, label).splitlines():
            assert line.strip("*") in below
        assert assignments.rubric(text, label).count("**Marking**") == 1
    assert len(rubrics(text)) == len(parts) // 2 == 5


def test_a_rubric_must_be_there():
    with pytest.raises(AssignmentError, match=r"no model answer and marking for \(no-such\)="):
        assignments.rubric(TEXTS["lesson_07"], "no-such")
