"""Files of an npm package, by version and checksum: what a site needs and pip does not have.

>>> REVEAL.name, STIX.name
('reveal.js', '@fontsource/stix-two-math')
"""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

KEPT = Path(__file__).parents[1] / "build" / "npm"
REGISTRY = "https://registry.npmjs.org"


class CannotFetch(OSError):
    """No network, or not the file that was meant."""


@dataclass(frozen=True)
class Package:
    """One version of a package; its checksum is the registry's ``dist.integrity``."""

    name: str
    version: str
    sha512: str

    @property
    def url(self) -> str:
        return f"{REGISTRY}/{self.name}/-/{self.name.split('/')[-1]}-{self.version}.tgz"

    def folder(self, kept: Path = KEPT) -> Path:
        """Its files, fetched once and kept in build/npm.

        Raises
        ------
        CannotFetch
            The registry is out of reach, or what it gave has another checksum.
        """
        target = kept / f"{self.name.replace('/', '-')}-{self.version}"
        if not target.is_dir():
            unpacked(self._fetched(), target)
        return target

    def _fetched(self) -> bytes:
        try:
            with urllib.request.urlopen(self.url, timeout=60) as answer:
                content = answer.read()
        except OSError as error:
            raise CannotFetch(f"{self.url} cannot be fetched: {error}") from error
        found = base64.b64encode(hashlib.sha512(content).digest()).decode()
        if found != self.sha512:
            raise CannotFetch(f"{self.url} has the checksum {found}; due {self.sha512}")
        return content


def unpacked(content: bytes, target: Path) -> None:
    """Put the files of a package into a folder, whole or not at all.

    The book and the slides are built at the same time: who comes second leaves it as it is.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as part:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(part, filter="data")
        try:
            Path(part, "package").replace(target)
        except OSError:
            if not target.is_dir():
                raise


STIX = Package(  # a font with the tables by which a browser sets formulas
    "@fontsource/stix-two-math",
    "5.3.0",
    "negoeozw6VSXjZMozwKRSm/dhCQT62csZcuea9I8KYqPaZq/8KbbBBrA02ZHF7AyuR5mVML/p+q0bwFuSIf2GQ==",
)
REVEAL = Package(
    "reveal.js",
    "5.2.1",
    "r7//6mIM5p34hFiDMvYfXgyjXqGRta+/psd9YtytsgRlrpRzFv4RbH76TXd2qD+7ZPZEbpBDhdRhJaFgfQ7zNQ==",
)
