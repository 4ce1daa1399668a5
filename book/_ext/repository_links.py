"""Launch buttons, and links to the repository, that lead to the right place.

The theme knows three forges; on another one the pages get the buttons that can work there.
"""

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from tools.repository import BRANCH, Address, book_address

BINDER = "https://mybinder.org"
COLAB = "https://colab.research.google.com"
EDITABLE = ("github", "gitlab", "bitbucket")


def theme_options(address: Address | None) -> dict[str, Any]:
    """The options of the theme for a book whose repository is at `address`."""
    if address is None:
        return {"launch_buttons": {}, "repository_url": ""}
    launch = {"notebook_interface": "jupyterlab", "binderhub_url": BINDER}
    if address.forge == "github":  # Colab opens notebooks from no other forge
        launch["colab_url"] = COLAB
    return {
        "launch_buttons": launch,
        "repository_url": address.url,
        "repository_branch": BRANCH,
        "repository_provider": address.forge,
        "path_to_docs": "",
        "use_repository_button": True,
        "use_edit_page_button": address.forge in EDITABLE,
    }


def set_options(app: Sphinx, config: Config) -> None:
    """Set the theme's options before it reads them."""
    config.html_theme_options.update(theme_options(book_address()))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", set_options)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
