"""Keep sphinx-thebe out of the pages.

Jupyter Book always loads it, and it declares the same constants twice, which is an error
in the browser on every page. The course does not use it: the site needs no kernel.
"""

from typing import Any

from sphinx.application import Sphinx


def silence(app: Sphinx) -> None:
    """Disconnect what sphinx-thebe does, and drop its style sheet."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)
    app.registry.css_files[:] = [
        sheet for sheet in app.registry.css_files if sheet[0] != "sphinx-thebe.css"
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    silence(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
