"""Keep out of the pages what Jupyter Book always loads and the course does not use.

sphinx-thebe declares the same constants twice, which is an error in the browser on every page, and
the site needs no kernel. sphinx-togglebutton calls whatever it folds "Toggle hidden content", and
opens it on paper: `folds` folds instead.
"""

from typing import Any

from sphinx.application import Sphinx

UNUSED = ("sphinx_thebe", "sphinx_togglebutton")
STYLES = ("sphinx-thebe.css", "togglebutton.css")


def silence(app: Sphinx) -> None:
    """Disconnect what they do, and drop their style sheets."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ in UNUSED:
                app.disconnect(listener.id)
    app.registry.css_files[:] = [
        sheet for sheet in app.registry.css_files if sheet[0] not in STYLES
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    silence(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
