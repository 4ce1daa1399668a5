"""What a cell puts out, as a notebook has it, up to a size."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

ROOM = 20_000
"""Characters of text that are kept of one cell; anything else takes up some of it."""
PICTURE = 400_000


class Outputs:
    """The outputs of one cell: ``found`` is a list of nbformat's outputs."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self._room = ROOM

    def add(self, output: dict[str, Any]) -> None:
        """Keep an output if there is room."""
        if self._room > 0:
            self._room -= 500
            self.found.append(output)

    def write(self, name: str, text: str) -> None:
        """Add text to a stream."""
        if self._room <= 0:
            return
        if len(text) > self._room:
            text = text[: self._room] + "\n… the rest of the output was cut.\n"
        self._room -= len(text)
        last = self.found[-1] if self.found else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.found.append({"output_type": "stream", "name": name, "text": text})


@contextmanager
def kept_outputs(shell: InteractiveShell) -> Iterator[Outputs]:
    """Keep what the shell's next cell puts out."""
    outputs = Outputs()

    def take_result(value: Any) -> None:
        if value is not None:
            assert shell.display_formatter
            data, _ = shell.display_formatter.format(value)
            result = {"execution_count": shell.execution_count, "data": _safe(data)}
            outputs.add({"output_type": "execute_result", "metadata": {}, **result})

    def take_error(kind: type, value: BaseException, lines: list[str]) -> None:
        about = {"ename": kind.__name__[:200], "evalue": str(value)[:2000]}
        kept = [str(line)[:5000] for line in lines[-10:]]
        outputs.add({"output_type": "error", **about, "traceback": kept})

    shell.display_pub = _Display(outputs)
    shell.display_trap.hook = take_result
    shell._showtraceback = take_error  # type: ignore[method-assign,assignment]
    with redirect_stdout(_Stream(outputs, "stdout")), redirect_stderr(_Stream(outputs, "stderr")):
        yield outputs


class _Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a cell."""

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self._name = outputs, name

    def write(self, text: str) -> int:
        self._outputs.write(self._name, str(text))
        return len(text)


class _Display(DisplayPublisher):
    """What ``display`` shows."""

    def __init__(self, outputs: Outputs) -> None:
        super().__init__()
        self._outputs = outputs

    def publish(self, data: dict[str, Any], *_: Any, **_more: Any) -> None:
        """Keep text and picture."""
        self._outputs.add({"output_type": "display_data", "metadata": {}, "data": _safe(data)})


def _safe(data: dict[str, Any]) -> dict[str, str]:
    """Text and a picture: no page of the student's runs in the browser of who reads it."""
    kept = {"text/plain": str(data.get("text/plain", ""))[:5000]}
    picture = data.get("image/png")
    if isinstance(picture, bytes):
        picture = base64.b64encode(picture).decode()
    if isinstance(picture, str) and len(picture) < PICTURE:
        kept["image/png"] = picture
    return kept
