"""How sphinx makes the book out of what tools/build_book.py prepares in build/book_src."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
with open(ROOT / "pyproject.toml", "rb") as file:
    repository = tomllib.load(file)["tool"]["unet-teach"]["repository"]

project = "U-Net, one measured step at a time"
author = "the authors of unet-teach"
html_title = "U-Net, step by step"
language = "en"

extensions = ["myst_nb"]
nb_execution_mode = "off"  # the tests ran the lessons: this book shows that execution
nb_merge_streams = True
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "sphinx_book_theme"
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = [("interactives.js", {"defer": "defer"})]
html_extra_path = [str(ROOT / "build" / "book_src" / "extra")]  # pictures/, interactives/
html_copy_source = False
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # light or dark, as the reader has it
html_theme_options = {
    "repository_url": f"https://github.com/{repository}",
    "use_repository_button": True,
    "use_issues_button": True,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "show_navbar_depth": 1,
    "show_prev_next": True,
    "navbar_persistent": [],  # the sidebar has the search field
    "back_to_top_button": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
