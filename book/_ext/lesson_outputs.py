"""Point Sphinx at the stored outputs of the lessons that belong to the code as it is now."""

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from tools.fingerprint import execution_key
from tools.paths import CACHE


def set_store(app: Sphinx, config: Config) -> None:
    """Name the store after the code that made it, so that no output is ever stale."""
    config.nb_execution_cache_path = str(CACHE / execution_key())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", set_store)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
