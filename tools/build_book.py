"""Build the site into `_build/html`: run the lessons, make the pages, check, then swap.

All work happens in `_build/next`. The site that stands is replaced, by a rename, only once
the new one is complete and checked, so a failed or interrupted build leaves it whole.
"""

import shutil
import sys
import time

from tools import interrupt

if __name__ == "__main__":
    interrupt.watch()  # before the imports, which take seconds

from jupyter_book.sphinx import build_sphinx
from sqlalchemy.exc import DBAPIError

from tools.check_site import site_errors
from tools.derive_notebooks import ConversionError, derived_text
from tools.execution import LessonError, execute_lessons, publish
from tools.fingerprint import execution_key, site_key
from tools.paths import BUILD, CACHE, EXECUTED, ROOT, SITE, lessons
from tools.set_up import alone

NEXT = BUILD / "next"
ENTRANCE = '<meta http-equiv="refresh" content="0; url=book/index.html">\n'
STAMP = ".built-from"  # inside the site: the hash of everything it was made from


def is_current() -> bool:
    """Whether the site was built from the files as they are now."""
    stamp = SITE / STAMP
    if not (EXECUTED.exists() and stamp.exists()):
        return False
    return stamp.read_text(encoding="utf8") == site_key()


def swap(new_name: str) -> None:
    """Put `_build/next/NAME` in the place of `_build/NAME`."""
    new, current, old = NEXT / new_name, BUILD / new_name, BUILD / f"old-{new_name}"
    shutil.rmtree(old, ignore_errors=True)
    if current.exists():
        current.rename(old)
    new.rename(current)
    shutil.rmtree(old, ignore_errors=True)


def restore(name: str) -> None:
    """Bring back `_build/NAME` if a build was cut off between the two renames of a swap."""
    current, old = BUILD / name, BUILD / f"old-{name}"
    if old.exists() and not current.exists():
        old.rename(current)


def make_pages() -> bool:
    """Run Sphinx, warnings being errors; say whether it succeeded."""
    result = build_sphinx(
        str(ROOT),
        str(NEXT / "html"),
        path_config=str(ROOT / "_config.yml"),
        confoverrides={
            "external_toc_path": str(ROOT / "_toc.yml"),
            "nb_execution_cache_path": str(NEXT / "outputs"),
            "latex_individualpages": False,
        },
        noconfig=True,
        force_all=True,
        freshenv=True,
        quiet=True,
        warningiserror=True,
        keep_going=True,
    )
    if isinstance(result, KeyboardInterrupt | OSError):
        raise result
    return result == 0


def build() -> list[str]:
    """Build into `_build/next` and swap; what went wrong, if anything did."""
    start = time.perf_counter()
    key = site_key()
    shutil.rmtree(NEXT, ignore_errors=True)
    html = NEXT / "html"
    store = CACHE / execution_key()
    try:
        execute_lessons(lessons(), store, scratch=BUILD / "run")
        # A copy, for Sphinx runs a lesson that is edited meanwhile, and keeps no film of it.
        shutil.copytree(store, NEXT / "outputs")
        print("Making the pages …", flush=True)
        if not make_pages():
            return ["Sphinx reported the problems above."]
        publish(lessons(), store, NEXT / "executed", animations=html / "notebooks")
    except LessonError as error:
        return [str(error)]
    (html / "index.html").write_text(ENTRANCE, encoding="utf8")
    for lesson in lessons():
        # What readers download is the derived notebook, without outputs and hidden tests.
        download = html / "_sources" / "notebooks" / f"{lesson.stem}.ipynb"
        download.parent.mkdir(parents=True, exist_ok=True)
        try:
            download.write_text(derived_text(lesson), encoding="utf8")
        except ConversionError as error:
            return [str(error)]
    errors = site_errors(html)
    interrupt.check()
    if not errors:
        (html / STAMP).write_text(key, encoding="utf8")
        with interrupt.held():
            swap("executed")
            swap("html")
        shutil.rmtree(NEXT)
        print(f"Built in {time.perf_counter() - start:.0f} s: _build/html/index.html")
    return errors


def update() -> list[str]:
    """Build the site unless it is up to date, one build at a time; what went wrong, if it did."""
    if not is_current():
        with alone(BUILD):
            for name in ("executed", "html"):
                restore(name)
            if not is_current():  # what another build may have changed meanwhile
                return build()
    print("The site is up to date: _build/html/index.html")
    return []


def main() -> int:
    """Bring the site up to date, and say what stood in the way."""
    interrupt.watch()
    try:
        errors = update()
    except KeyboardInterrupt:
        errors = ["Interrupted."]
    except (OSError, DBAPIError) as error:  # a full disk, a folder that cannot be written
        errors = [str(error)]
    for message in errors:
        print(message, file=sys.stderr)
    if errors:
        print("The book was not built; the previous site is untouched.", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
