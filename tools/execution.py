"""Run the lessons, two at a time, and keep what they gave.

The store is a jupyter-cache, which Sphinx reads when it builds the pages. Its folder is
named after the hash of the package, the lock and the Python, so that no output outlives
the code that made it. The files a lesson saved (its animations) are stored with its cells.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache import db
from jupyter_cache.cache.main import JupyterCacheBase, NbArtifacts
from jupyter_core.utils import ensure_async
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from sqlalchemy import URL, Engine, create_engine

from tools import interrupt
from tools.paths import BUILD, ROOT

CELL_SECONDS = 300
AT_ONCE = 2
PATIENCE = 5  # seconds for a lesson to end at Ctrl-C, before it is told again
SKIP = "skip-execution"
_COLOUR = re.compile(r"\x1b\[[\d;]*m")

# One thread a lesson: two lessons share two cores, and sums come out in the same order
# on every machine. A progress bar in a built page would only be noise. And what a user has set
# for Jupyter or Matplotlib changes no output, nor does a home that cannot be written.
HOME = BUILD / "home"
COMPILE = (
    "from gan_lessons import distributions, networks, training; training.train("
    "distributions.Normal(), networks.build_generator(), "
    "networks.build_discriminator(logits=True), steps=1)"
)
REPRODUCIBLE = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "TQDM_DISABLE": "1",
    "IPYTHONDIR": str(HOME / "ipython"),
    "JUPYTER_CONFIG_DIR": str(HOME / "jupyter"),
    "JUPYTER_DATA_DIR": str(HOME / "jupyter"),
    "JUPYTER_RUNTIME_DIR": str(HOME / "jupyter"),
    "MPLCONFIGDIR": str(HOME / "matplotlib"),
}


def _engine(url: str) -> Engine:
    """The database that jupyter-cache asks for: it writes a path as a URL, where % and ? tell."""
    return create_engine(URL.create("sqlite", database=url.removeprefix("sqlite:///")))


db.create_engine = _engine


class LessonError(Exception):
    """A lesson failed; the message names the lesson, the cell and its line."""


def read_lesson(path: Path) -> NotebookNode:
    """The lesson as a notebook without outputs, as Sphinx will read it."""
    text = path.read_text(encoding="utf8")
    config = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})
    return read_myst_markdown_notebook(text, config=config, add_source_map=True, path=path)


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def stored(cache: JupyterCacheBase, notebook: NotebookNode) -> NotebookNode | None:
    """The notebook with its stored outputs, or None if it must be run.

    The store finds a notebook by the sources of its cells and gives back the metadata of
    the stored cells, so cells whose tags or captions changed since count as not stored.
    """
    try:
        _, merged = cache.merge_match_into_notebook(notebook)
    except KeyError:
        return None
    pairs = zip(code_cells(notebook), code_cells(merged), strict=True)
    return merged if all(new.metadata == old.metadata for new, old in pairs) else None


def _ignore_interrupt() -> None:
    """Let a kernel that still starts say nothing of a Ctrl-C; when it has, it takes it over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@asynccontextmanager
async def _kernel(client: NotebookClient) -> AsyncIterator[None]:
    """A kernel for `client` that is gone afterwards.

    nbclient's own context takes over Ctrl-C and then goes on with the next lesson.
    """
    manager = client.create_kernel_manager()
    try:
        deaf = {} if sys.platform == "win32" else {"preexec_fn": _ignore_interrupt}
        await client.async_start_new_kernel(**deaf)
        await client.async_start_new_kernel_client()
        yield
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        await ensure_async(manager.shutdown_kernel(now=True))


async def run_lesson(path: Path, notebook: NotebookNode, folder: Path) -> None:
    """Run every cell of `notebook` in place, with `folder` as the working directory."""
    folder.mkdir(parents=True)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        skip_cells_with_tag=SKIP,
        shutdown_kernel="immediate",  # one that still starts would tell of its interrupt
        extra_arguments=["--log-level=ERROR"],  # no warning about local TCP for each lesson
        resources={"metadata": {"path": str(folder)}},
    )
    lines = notebook.metadata["source_map"]
    number = 0
    async with _kernel(client):
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            number += 1
            try:
                await client.async_execute_cell(cell, index)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                place = f"notebooks/{path.name}: code cell {number} (line {lines[index] + 1})"
                raise LessonError(f"{place} failed.\n{_COLOUR.sub('', str(error))}") from error


async def _run_and_store(
    cache: JupyterCacheBase, path: Path, notebook: NotebookNode, folder: Path
) -> None:
    start = time.perf_counter()
    await run_lesson(path, notebook, folder)
    files = [str(file) for file in folder.rglob("*") if file.is_file()]
    cache.cache_notebook_bundle(
        CacheBundleIn(
            notebook,
            path.name,
            artifacts=NbArtifacts(files, in_folder=folder),
            data={"execution_seconds": time.perf_counter() - start},
        ),
        check_validity=False,
        overwrite=True,
    )
    print(f"  {path.name}: {time.perf_counter() - start:.1f} s", flush=True)


async def _run_missing(
    cache: JupyterCacheBase, missing: dict[Path, NotebookNode], scratch: Path
) -> None:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(path: Path, notebook: NotebookNode) -> None:
        async with free:
            await _run_and_store(cache, path, notebook, scratch / path.stem)

    tasks = [asyncio.create_task(one(path, notebook)) for path, notebook in missing.items()]
    pending = set(tasks)
    try:
        while pending:
            interrupt.check()
            _, pending = await asyncio.wait(pending, timeout=0.2)
    finally:
        while pending:  # a lesson may drop a cancellation: it is told until it ends
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=PATIENCE)
        ended = [task for task in tasks if not task.cancelled()]
        errors = [error for task in ended if (error := task.exception())]
    for error in errors:
        if not isinstance(error, LessonError):
            raise error
    if errors:
        raise LessonError("\n\n".join(map(str, errors)))


def execute_lessons(paths: list[Path], store: Path, scratch: Path) -> None:
    """Run the lessons that `store` does not hold yet; other stores beside it are dropped.

    Every lesson is tried before the first failure is reported, and the good ones are kept.
    """
    os.environ.update(REPRODUCIBLE)
    if store.parent.exists():
        for other in store.parent.iterdir():
            if other != store:
                shutil.rmtree(other)
    store.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(scratch, ignore_errors=True)
    cache = get_cache(str(store))
    notebooks = {path: read_lesson(path) for path in paths}
    missing = {p: nb for p, nb in notebooks.items() if stored(cache, nb) is None}
    if missing:
        print(f"Running {len(missing)} of {len(paths)} lessons …", flush=True)
        if not (HOME / "matplotlib").exists():
            # It looks for fonts once; within a lesson it would say so on stderr.
            command = [sys.executable, "-c", "import matplotlib.font_manager"]
            subprocess.run(command, capture_output=True)
        subprocess.run([sys.executable, "-c", COMPILE], cwd=ROOT)  # once, and not in each lesson
        with interrupt.held():
            asyncio.run(_run_missing(cache, missing, scratch))
        interrupt.check()
    shutil.rmtree(scratch, ignore_errors=True)


def publish(paths: list[Path], store: Path, executed: Path, animations: Path) -> None:
    """Write the executed copies, and the files that the lessons saved.

    A copy leaves out the cells that were not run. `animations` is the folder of the site
    that stands for `notebooks/`. Raises `LessonError` for a lesson that was not run.
    """
    cache = get_cache(str(store))
    executed.mkdir(parents=True)
    for path in paths:
        notebook = read_lesson(path)
        merged = stored(cache, notebook)
        if merged is None:
            raise LessonError(f"notebooks/{path.name} was edited meanwhile: build again.")
        record = cache.match_cache_notebook(notebook)
        merged.cells = [cell for cell in merged.cells if SKIP not in tags(cell)]
        nbformat.write(merged, executed / f"{path.stem}.ipynb")
        with cache.cache_artefacts_temppath(record.pk) as files:
            if files.exists():
                shutil.copytree(files, animations, dirs_exist_ok=True)
