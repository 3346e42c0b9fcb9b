"""How pytest treats the notebooks: the sources are built, not run."""

collect_ignore_glob = ["src/*", "translations/*"]
