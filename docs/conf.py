"""How the documentation is built: pages in Markdown, the reference from docstrings, formulas as MathML; nothing is fetched, then or by a reader."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import made_pages  # noqa: E402  (it lies beside this file)

project = "cge"
html_title = "cge"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["house.css"]
html_copy_source = False
html_show_copyright = False
html_math_renderer = "mathml"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

default_role = "code"
napoleon_use_param = False  # lists, so that one entry may name several arguments
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_use_rtype = False
napoleon_numpy_docstring = False
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 100
python_use_unqualified_type_names = True

# Every cross-reference must lead somewhere, but for variables of types and names of other packages, whose pages would have to be fetched.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(numpy|np|npt|pandas|pd|xarray|xr|matplotlib|pyomo|scipy|collections|os|pathlib|typing)\..*"),
    (r"py:.*", r"(Array|Path|Axes|Figure|Callable|Mapping|Iterable|Sequence|Any)"),
    (r"py:.*", r"cge\.(\w+\.)*[A-Z]"),
]


def split_names(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Give every argument and attribute its own line: docstrings write `one: its meaning; two: its meaning`."""
    if what == "property" and lines:
        lines[0] = f": {lines[0]}"  # napoleon takes what stands before the first colon for a type: here it is none
    named = known_names(obj)
    if not named:
        return
    starts = re.compile(rf"[;.]\s+(?=(?:(?:{'|'.join(map(re.escape, named))})(?:, )?)+: )")
    out: list[str] = []
    for line in joined(lines):
        indent = line[: len(line) - len(line.lstrip())]
        first, *rest = starts.split(line)
        out += [first, *(indent + part for part in rest)]
    lines[:] = out


def without_fields(app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returns: str) -> tuple[str, None] | None:
    """Leave the signature of a record out: its attributes say more."""
    return ("", None) if what == "class" else None


def known_names(obj: Any) -> list[str]:
    """Arguments of a function, or fields of a record."""
    try:
        return list(inspect.signature(obj).parameters)
    except (TypeError, ValueError):  # a module, a property or a constant
        return []


def joined(lines: list[str]) -> list[str]:
    """Lines of a docstring, where continuations of an entry under `Args:` or `Attributes:` stand behind its first line."""
    out: list[str] = []
    inside = False
    for line in lines:
        if re.match(r"(Args|Attributes):$", line):
            inside = True
        elif not line.startswith("    "):
            inside = False
        if inside and line.startswith("        "):
            out[-1] += " " + line.strip()
        else:
            out.append(line)
    return out


def inline_formula(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def numbered_formula(self: HTML5Translator, node: nodes.math_block) -> None:
    """A displayed formula, with its number at the right where it has a label."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(f"<div>{convert(node.astext(), display='block')}</div>")
    if node["number"]:
        self.body.append(f"<span>({node['number']})</span>")
    self.body.append("</div>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", inline_renderers=(inline_formula, None), block_renderers=(numbered_formula, None))
    app.connect("autodoc-process-docstring", split_names, priority=400)  # before napoleon reads them
    app.connect("autodoc-process-signature", without_fields)
    app.connect("builder-inited", lambda app: made_pages.write(Path(app.srcdir) / "reference"))
