"""Launch buttons, and links to the repository, that lead to the right place.

A forge gets the buttons that the theme can make for it: none where it does not know the
forge, and Binder only where it writes an address that Binder understands.
A page writes `{{ clone }}` and `{{ citation }}` where the address belongs in its text.
"""

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from tools.repository import BRANCH, Address, book_address, declared_address

BINDER = "https://mybinder.org"
COLAB = "https://colab.research.google.com"
KNOWN = ("github", "gitlab", "bitbucket")
ENTRY = """\
```bibtex
@misc{{ganlessons,
  title = {{{title}}},
  author = {{{{{author}}}}},
  year = {{{year}}},{url}
  note = {{Text under CC BY 4.0, code under MIT}}
}}
```"""


def theme_options(address: Address | None) -> dict[str, Any]:
    """The options of the theme for a book whose repository is at `address`."""
    if address is None or address.forge not in KNOWN:
        return {"launch_buttons": {}, "repository_url": ""}
    launch = {"notebook_interface": "jupyterlab"}
    if address.forge == "github" or (address.forge == "gitlab" and "/" not in address.owner):
        launch["binderhub_url"] = BINDER
    if address.forge == "github":  # Colab opens notebooks from no other forge
        launch["colab_url"] = COLAB
    return {
        "launch_buttons": launch,
        "repository_url": address.url,
        "repository_branch": BRANCH,
        "repository_provider": address.forge,
        "path_to_docs": "",
        "use_repository_button": True,
        "use_edit_page_button": True,
    }


def colab_url(address: Address, page: str) -> str:
    """Where Colab opens the notebook of a page, as the theme's button does."""
    place = f"{address.owner}/{address.name}/blob/{BRANCH}/{page}.ipynb"
    return f"{COLAB}/github/{place}"


def clone(address: Address | None) -> str:
    """How to fetch the repository and enter it, as a block of commands."""
    url, folder = (address.url, address.name) if address else ("ADDRESS", "FOLDER")
    return f"```sh\ngit clone {url}\ncd {folder}\n```"


def citation(config: Config, address: Address | None) -> str:
    """The book as a BibTeX entry; its year is that of the copyright."""
    return ENTRY.format(
        title=config.html_title,
        author=config.author,
        year=config.copyright,
        url=f"\n  url = {{{address.url}}}," if address else "",
    )


def set_options(app: Sphinx, config: Config) -> None:
    """Set the theme's options, and what the pages may write, before they are read."""
    config.html_theme_options.update(theme_options(book_address()))
    config.myst_substitutions |= {
        "clone": clone(book_address()),
        "citation": citation(config, declared_address()),
    }


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", set_options)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
