"""A live lab on a page of its own, spoken to as a reader would."""

import json

WEIGHTS = "[...{0}.g.weights, ...{0}.d.weights]"


def stop_clock(tab):
    """From now on time passes in ``tab.clock.run_for`` (ms) alone, so that no machine is too slow.

    Training as fast as it can would not end: it goes on until the clock says so.
    """
    tab.clock.install(time=0)
    tab.clock.pause_at(1000)


def settle(tab):
    """Wait until what was put off to the next picture of the page is done."""
    tab.evaluate("() => new Promise(requestAnimationFrame)")


def saved(tab, button):
    """The name and the content of the file that a button downloads."""
    with tab.expect_download() as download:
        tab.get_by_role("button", name=button, exact=True).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


class Page:
    """A page with a lab, spoken to as a reader would; ``section`` names it among others."""

    def __init__(self, tab, section=None):
        self.tab = tab
        self.section = section or tab

    def ask(self, expression):
        """Evaluate with ``lab``, what the section shows of its inside."""
        inside = "const lab = document.querySelector('section').ganLab"
        return self.tab.evaluate(f"() => {{ {inside}; return {expression}; }}")

    def weights(self, gan="lab.gan"):
        return self.ask(WEIGHTS.format(gan))

    def snapshot(self):
        return json.loads(self.ask("JSON.stringify(lab.gan.snapshot())"))

    def button(self, name):
        return self.section.get_by_role("button", name=name, exact=True)

    def open_tab(self, part):
        """Open the tab in which a field or a button is."""
        part.evaluate(
            """part => {
              const panel = part.closest("[role=tabpanel]");
              if (panel) document.getElementById(panel.getAttribute("aria-labelledby")).click();
            }"""
        )

    def press(self, *names):
        for name in names:
            part = self.section.get_by_role("button", name=name, exact=True, include_hidden=True)
            self.open_tab(part)
            part.click()

    def step_g(self, times):
        """Press Step G so often, without looking up between the steps."""
        click = "(button, times) => { for (let i = 0; i < times; i++) button.click(); }"
        self.button("Step G").evaluate(click, times)

    def field(self, label):
        return self.section.get_by_label(label, exact=True)

    def fill(self, label, text):
        self.open_tab(self.field(label))
        self.field(label).fill(text)
        self.field(label).press("Tab")

    def choose(self, label, value):
        self.open_tab(self.field(label))
        self.field(label).select_option(value)

    def steps(self):
        return int(self.tab.locator("[data-steps]").inner_text())

    def steps_d(self):
        return int(self.tab.locator("[data-d-steps]").inner_text())

    def wait_for_steps(self, least):
        self.tab.wait_for_function(
            "least => Number(document.querySelector('[data-steps]').textContent) >= least",
            arg=least,
        )

    def rewind(self, index):
        self.tab.evaluate(
            """index => {
              const slider = document.querySelector(".lab-time input");
              slider.value = index;
              slider.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            index,
        )
        self.settle()

    def settle(self):
        settle(self.tab)

    def wait_for_gap(self, index):
        """Wait until the optimality gap is measured at a recorded point."""
        gap = f"document.querySelector('section').ganLab.history.entries[{index}].runs[0].gap"
        self.tab.wait_for_function(gap)

    def saved(self, button):
        self.open_tab(self.tab.get_by_role("button", name=button, include_hidden=True))
        return saved(self.tab, button)[1].decode("utf8")

    def charts(self):
        self.tab.get_by_role("tab", name="Charts").click()
        self.settle()  # the charts are seen to have a size
        self.settle()  # and drawn

    def fastest(self):
        self.choose("Speed", "Infinity")

    def compare(self, setting, label, value):
        self.choose("Compare with", setting)
        field = self.field(f"{label} in run B")
        if field.evaluate("f => f.localName") == "select":
            field.select_option(value)
        else:
            self.fill(f"{label} in run B", value)
        self.press("Compare")

    @property
    def alarm(self):
        return self.tab.locator(".lab-alarm")

    @property
    def message(self):
        return self.tab.locator(".lab-front p.lab-live")

    def titles(self):
        return self.tab.locator(".lab-scene .lab-title").all_text_contents()
