"""Pages of the reference that follow from the package, written beside the others before all are built."""

from __future__ import annotations

from pathlib import Path

from cge.tell.reference import PAGES


def write(folder: Path) -> None:
    """Write the pages into `folder`, each only where it has changed (a page that is rewritten is built again)."""
    for name, make in PAGES.items():
        path, text = folder / f"{name}.md", make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
