"""The browser of the tests hears what a page does wrong: else no test of a page could fail for it."""

from pathlib import Path

from browser import browser, needs_browser

pytestmark = needs_browser

STRICT = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; script-src 'unsafe-inline'\">"


def test_every_complaint_of_a_page_is_heard(tmp_path: Path) -> None:
    """A line on the console, an error that nobody caught, what the content policy forbids; and every address that is asked for."""
    (tmp_path / "page.html").write_text(f"{STRICT}<script>console.warn('while it loads')</script>", encoding="utf-8")
    faults = {
        "console.log('a line')": "a line",
        "setTimeout(() => { throw new Error('not caught'); })": "not caught",
        "(() => { new Image().src = 'https://nowhere.invalid/picture.png'; })()": "Content Security Policy",
    }
    with browser() as page:
        page.open(tmp_path / "page.html")
        assert page.errors == ["warning: while it loads"]
        assert page.seen == {(tmp_path / "page.html").as_uri()}
        for script, said in faults.items():
            page.errors.clear()
            page.run(script)
            page.run("new Promise((done) => setTimeout(done, 50))")
            assert len(page.errors) == 1
            assert said in page.errors[0]
