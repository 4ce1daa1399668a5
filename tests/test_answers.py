"""A cell with an answer becomes one that asks for it."""

import pytest

from tools.answers import asked

CELL = '''from gan_lessons.checks import check

x, y = 3, 4  # secret one
# secret two
def f(a, b=2):  # secret three
    """Doc.

    More.
    """
    # secret four
    return a  # secret five
@decorated
def g(a): return secret(a)
for i in range(3): print("secret six")
z: int = 5
check("1.f", f)
check("1.x", x)
'''


def test_names_stay_and_answers_go():
    student = asked(CELL)
    assert "secret" not in student
    for line in ("def f(a, b=2):", "def g(a):", "    Doc.", "@decorated", "    More."):
        assert line in student.splitlines() or f'    """{line.strip()}' in student.splitlines()
    for line in ('check("1.f", f)', 'check("1.x", x)'):
        assert line in student.splitlines()
    assert "import" not in student


def test_a_students_cell_runs():
    found = {}
    names = {"check": found.__setitem__, "decorated": lambda f: f}
    exec(asked(CELL), names)
    assert names["x"] is names["y"] is names["z"] is ...
    assert names["f"](1) is names["g"](1) is ...
    assert found == {"1.f": names["f"], "1.x": ...}


@pytest.mark.parametrize(
    "source", ["", "# secret", "print(1)", "import secret", "if True:\n    a = 1"]
)
def test_nothing_else_stays(source):
    assert asked(source) == ""


def test_a_cell_that_is_no_python_is_refused():
    with pytest.raises(SyntaxError):
        asked("x =")
