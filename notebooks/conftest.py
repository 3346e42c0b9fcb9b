"""How pytest treats the notebooks: the sources are built, not run."""

import json
from importlib import resources

import pytest

collect_ignore_glob = ["src/*"]

# The trained weights that a notebook loads: until the package has them, it is not run.
NEEDED = {"first_look.ipynb": {"isbi", "membranes"}}


def pytest_collection_modifyitems(items):
    index = resources.files("unet_teach") / "resources/weights/weights.json"
    shipped = set(json.loads(index.read_text())) if index.is_file() else set()
    for item in items:
        missing = NEEDED.get(item.path.name, set()) - shipped
        if missing:
            reason = f"no weights {sorted(missing)} in unet_teach/resources/weights yet"
            item.add_marker(pytest.mark.skip(reason=reason))
