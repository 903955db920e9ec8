"""How Sphinx builds the site; `python -m tools.site` writes the sources that it reads."""

import re
from importlib.metadata import version as version_of
from importlib.util import find_spec

project = "deepbench_hf"
author = "The deepbench_hf developers"
copyright = f"{author}; Apache-2.0"
version = release = version_of("deepbench-hf")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.githubpages",  # a file .nojekyll: Pages serves folders that begin with _
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
]
nb_execution_mode = "off"  # `tools.site` has run them: they have no outputs in the repository
nb_merge_streams = True
nb_output_stderr = "remove"  # notes on progress bars and the like
myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 4
default_role = "py:obj"  # `name` in a docstring leads to the name where there is one
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
napoleon_custom_sections = [("Source", "notes_style")]
copybutton_exclude = ".linenos, .gp, .go"

MATHJAX = [
    f"{place}/static" for place in find_spec("sphinx-mathjax-offline").submodule_search_locations
]

html_theme = "furo"
html_title = f"deepbench_hf {version}"
# MathJax lies in the site: formulas are typeset without a request to another machine.
html_static_path = ["_static", *MATHJAX]
mathjax_path = "mathjax/tex-chtml.js"
html_css_files = ["site.css"]
html_favicon = "_static/icon.svg"
html_show_sphinx = html_show_sourcelink = html_copy_source = False

SECTION = re.compile(r"(Args|Returns|Raises|Source|Yields):$|Source: ")


def as_restructured_text(app, what, name, obj, options, lines):
    """Docstrings are plain text: formulas that are set off, |x| and names_ are no markup."""
    found, in_example, in_sections, before = [], False, False, ""
    for line in lines:
        in_example = line.lstrip().startswith(">>>") or (in_example and bool(line.strip()))
        in_sections = in_sections or bool(SECTION.match(line))
        in_block = before.startswith("    ") or not before.strip()
        if (
            line.startswith("    ")
            and not before.strip()
            and not in_sections
            and not in_formula(found)
        ):
            found += ["::", ""]
        plain = in_example or (line.startswith("    ") and not in_sections and in_block)
        found.append(line if plain else escaped(line))
        before = line
    lines[:] = found


def in_formula(lines):
    """Whether the last line that is not blank belongs to a formula that is set off."""
    last = next((line for line in reversed(lines) if line.strip()), "")
    return last.startswith("    ")


def escaped(line):
    """A line whose bars and final underscores stand for themselves, outside of code."""
    parts = re.split(r"(`+[^`]*`+)", line)
    for k in range(0, len(parts), 2):
        parts[k] = re.sub(r"(?<=\w)_(?=[\s,.;:)]|$)", r"\\_", parts[k].replace("|", r"\|"))
    return "".join(parts)


def short_signature(app, what, name, obj, options, signature, returns):
    """Of a recipe's parts only the names of their settings: the text below says what they are."""
    if hasattr(obj, "model_fields"):
        return f"({', '.join(obj.model_fields)})", returns
    return signature, returns


def setup(app):
    """Before napoleon, which reads the sections."""
    app.connect("autodoc-process-signature", short_signature)
    app.connect("autodoc-process-docstring", as_restructured_text, priority=400)
