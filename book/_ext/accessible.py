"""Mend what the theme and docutils write that a screen reader, or a speaking reader, trips on.

It is a matter of single attributes in templates and translators that are not ours.
"""

from typing import Any

from sphinx.application import Sphinx

MENDED = {
    # The logo and the search stand beside the navigation, in no landmark.
    '<div id="pst-primary-sidebar"': (
        '<div id="pst-primary-sidebar" role="complementary" aria-label="Course"'
    ),
    # What is written on a button is part of its name; of the icons, which have titles, one shows.
    'search-button-field search-button__button pst-js-only" title="Search" aria-label="Search"': (
        'search-button-field search-button__button pst-js-only"'
    ),
    'data-mode="light" title="Light"': 'data-mode="light"',
    'data-mode="dark"  title="Dark"': 'data-mode="dark"',
    'data-mode="auto"  title="System Settings"': 'data-mode="auto"',
    # This role is deprecated, and no child of a list.
    'role="doc-biblioentry"': 'role="listitem"',
    # The corner of a table heads nothing.
    '<th class="head"><p></p></th>': "<td></td>",
}


def mended(page: str) -> str:
    """The page with all of it mended."""
    for found, right in MENDED.items():
        page = page.replace(found, right)
    return page


def mend_pages(app: Sphinx) -> None:
    """Let the templates give mended pages."""
    if app.builder.format != "html":
        return
    templates: Any = app.builder.templates
    render = templates.render
    templates.render = lambda name, context: mended(render(name, context))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", mend_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
