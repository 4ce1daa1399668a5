"""What axe finds on a page, by day and by night, in any engine."""

from pathlib import Path

import axe_playwright_python

SCRIPT = Path(axe_playwright_python.__file__).parent / "axe.min.js"
# Nothing is on its way to another colour; no style sheets are asked for, since files refuse; and a
# rule that is experimental is kept, for those who speak to a page.  By night colours differ alone.
FIND = """async () => {
    if (!window.axe) (() => { %s })();
    const still = document.head.appendChild(document.createElement("style"));
    still.textContent = "* { transition: none !important; }";
    const rules = { "label-content-name-mismatch": { enabled: true } };
    const colours = ["color-contrast", "link-in-text-block"];
    const themes = { light: { rules }, dark: { runOnly: colours } };
    // The words that a lab holds back for a second are there, or axe trips over their coming.
    while (document.querySelector("[aria-live=off]")) await new Promise(requestAnimationFrame);
    const found = [];
    for (const [theme, options] of Object.entries(themes)) {
        document.documentElement.dataset.theme = theme;
        const { violations } = await axe.run(%s, { preload: false, ...options });
        for (const { id, nodes } of violations)
            for (const { html } of nodes) found.push([theme, id, html.slice(0, 150)]);
    }
    still.remove();
    return found;
}"""


def violations(tab, parts=None):
    """All that axe finds on the page, or in parts that a selector names: theme, rule, element."""
    where = "document" if parts is None else repr(parts)
    return tab.evaluate(FIND % (SCRIPT.read_text(encoding="utf8"), where))
