"""What axe-core finds wrong with a page for those who do not see it, or not well, or use no mouse."""

from importlib.resources import files

from browser import Page

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

RUN = """(async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
})()"""


def violations(page: Page) -> list[str]:
    """One line for each element and rule that it breaks; every rule of axe-core, as it comes, on what is shown now."""
    if page.run("typeof axe") == "undefined":
        page.run(f"{SCRIPT};0")
    return list(page.run(RUN))
