"""ISBI 2012: found, verified, refused and downloaded, with small volumes of noise.

The expected checksums are replaced by those of the noise. With UNET_TEACH_DATA set, the
real volume goes through all three forms too.
"""

import hashlib
import http.server
import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unet_teach.data import DataError, isbi
from unet_teach.data.isbi import fetch, find_isbi2012, load_isbi2012

REAL = os.environ.get("UNET_TEACH_DATA")
SETS = ("train-volume", "train-labels", "test-volume", "test-labels")


@pytest.fixture
def sets(tmp_path, monkeypatch):
    """Four small stacks whose checksums are the expected ones, and an empty computer."""
    rng = np.random.default_rng(0)
    noise = {name: rng.integers(0, 256, (12, 9, 7), dtype=np.uint8) for name in SETS}
    for name in ("train-labels", "test-labels"):
        noise[name] = np.where(noise[name] > 60, 255, 0).astype(np.uint8)
    for name in SETS[:3]:
        digest = hashlib.sha256(noise[name].tobytes()).hexdigest()
        monkeypatch.setitem(isbi.DIGESTS, name, digest)
    monkeypatch.setattr(isbi, "SHAPE", (12, 9, 7))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("UNET_TEACH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("UNET_TEACH_DATA", raising=False)
    return noise


def tiff(stack):
    pages = [Image.fromarray(page) for page in stack]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    return file.getvalue()


def write_tiffs(folder, sets):
    folder.mkdir(parents=True, exist_ok=True)
    for name, stack in sets.items():
        (folder / f"{name}.tif").write_bytes(tiff(stack))
    return folder


def write_slices(folder, sets):
    for name, stack in sets.items():
        (folder / isbi.FOLDERS[name]).mkdir(parents=True, exist_ok=True)
        for index, page in enumerate(stack):  # 0, 1, 10, 11, 2, … in the order of letters
            Image.fromarray(page).save(folder / isbi.FOLDERS[name] / f"slice{index}.png")
    return folder


def write_zip(path, sets, inner="ISBI-2012-challenge/"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, stack in sets.items():
            archive.writestr(f"__MACOSX/{inner}._{name}.tif", b"shadow")
            archive.writestr(f"{inner}{name}.tif", tiff(stack))
    return path


def forms(folder, sets):
    return (
        write_zip(folder / "z" / isbi.ZIP, sets),
        write_tiffs(folder / "t", sets),
        write_slices(folder / "p", sets),
    )


def check(volume, images, labels, name):
    assert np.array_equal(volume.images, images) and volume.name == name
    assert np.array_equal(volume.labels, labels // 255) and volume.classes == 2


def test_every_form_gives_the_same_volume(tmp_path, sets):
    for copy in forms(tmp_path, sets):
        for place in (copy, copy.parent):  # itself, and one folder below
            volume = load_isbi2012(place)
            check(
                volume, sets["train-volume"], sets["train-labels"], "ISBI 2012 train, 12 slices"
            )
            volume = load_isbi2012(place, split="test")
            check(volume, sets["test-volume"], sets["test-labels"], "ISBI 2012 test, 12 slices")


def test_forms_may_be_mixed_and_a_palette_is_read_as_grey(tmp_path, sets):
    write_slices(tmp_path, {"train-volume": sets["train-volume"]})
    pages = [Image.fromarray(page).convert("1") for page in sets["train-labels"]]
    pages[0].save(tmp_path / "train-labels.tiff", save_all=True, append_images=pages[1:])
    assert np.array_equal(load_isbi2012(tmp_path).labels, sets["train-labels"] // 255)


def test_test_labels_are_optional(tmp_path, sets):
    copy = write_tiffs(tmp_path, {name: sets[name] for name in SETS[:3]})
    assert load_isbi2012(copy, split="test").labels is None


@pytest.mark.parametrize("change", ["three values", "inverted", "fewer", "deep"])
def test_test_labels_are_checked_without_a_checksum(tmp_path, sets, change):
    drawn = sets["test-labels"].copy()
    if change == "three values":
        drawn[0, 0, 0] = 7
    changed = {"inverted": 255 - drawn, "fewer": drawn[:5], "deep": drawn.astype(np.uint16)}
    drawn = changed.get(change, drawn)
    copy = write_tiffs(tmp_path, {**sets, "test-labels": drawn})
    words = {
        "three values": "values 0, 7, 255",
        "inverted": "more black",
        "fewer": r"\(5, 9, 7\)",
        "deep": "uint16",
    }
    with pytest.raises(DataError, match=f"test-labels in .*{words[change]}"):
        load_isbi2012(copy, split="test")


def test_the_places_come_in_order(tmp_path, sets, monkeypatch):
    assert find_isbi2012() is None and find_isbi2012(tmp_path / "nowhere") is None
    cached = write_zip(tmp_path / "cache" / isbi.ZIP, sets)
    assert find_isbi2012() == cached and len(load_isbi2012()) == 12
    monkeypatch.setenv("UNET_TEACH_DATA", str(tmp_path / "typo"))
    assert find_isbi2012() == cached
    mine = write_tiffs(tmp_path / "mine", sets)
    monkeypatch.setenv("UNET_TEACH_DATA", str(mine))
    assert find_isbi2012() == mine
    assert find_isbi2012(tmp_path / "nowhere") is None  # what was asked for, or nothing
    renamed = write_zip(tmp_path / "down" / "ISBI-2012-challenge (1).zip", sets)
    assert find_isbi2012(tmp_path / "down") == renamed


def test_nothing_found_says_where_and_what_is_accepted(tmp_path, sets, monkeypatch):
    monkeypatch.setenv("UNET_TEACH_DATA", str(tmp_path / "typo"))
    with pytest.raises(FileNotFoundError) as caught:
        load_isbi2012()
    for words in (
        "typo (does not exist)",
        "cache",
        isbi.ZIP,
        "train/",
        "unet-teach data fetch",
    ):
        assert words in str(caught.value)
    (tmp_path / "isbi.h5").touch()
    for place in (tmp_path, tmp_path / "isbi.h5"):
        with pytest.raises(FileNotFoundError, match=r"isbi.h5 is HDF5, which is not read"):
            load_isbi2012(place)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read all")
def test_an_unreadable_folder_holds_nothing(tmp_path, sets):
    write_tiffs(tmp_path / "closed", sets).chmod(0)
    assert find_isbi2012(tmp_path) is None
    (tmp_path / "closed").chmod(0o755)


def test_a_changed_pixel_is_refused(tmp_path, sets):
    changed = sets["train-volume"].copy()
    changed[3, 4, 5] ^= 1
    for copy in forms(tmp_path, {**sets, "train-volume": changed}):
        with pytest.raises(DataError) as caught:
            load_isbi2012(copy)
        digest = hashlib.sha256(changed.tobytes()).hexdigest()
        for words in ("train-volume", str(copy), "(12, 9, 7), uint8", digest[:16], "fetch"):
            assert words in str(caught.value)
        assert np.array_equal(load_isbi2012(copy, split="test").images, sets["test-volume"])


def test_a_wrong_set_is_recognised(tmp_path, sets):
    copy = write_tiffs(tmp_path, {**sets, "train-volume": sets["test-volume"]})
    with pytest.raises(DataError, match="the pixels of test-volume"):
        load_isbi2012(copy)


def test_missing_pages_slices_and_sets_are_refused(tmp_path, sets):
    for copy in forms(tmp_path, {**sets, "train-labels": sets["train-labels"][:11]}):
        with pytest.raises(DataError, match=r"train-labels in .*shape \(11, 9, 7\)"):
            load_isbi2012(copy)
    for copy in forms(tmp_path / "no", {name: sets[name] for name in SETS[::2]}):
        with pytest.raises(
            DataError, match="has no train-labels; it holds train-volume, test-v"
        ):
            load_isbi2012(copy)


def test_sizes_and_depths_that_differ_are_refused(tmp_path, sets):
    copy = write_slices(tmp_path / "a", sets)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(copy / "train" / "slice3.png")
    with pytest.raises(DataError, match=r"different sizes: \[\(4, 4\), \(9, 7\)\]"):
        load_isbi2012(copy)
    deep = sets["train-volume"].astype(np.uint16)
    copy = write_tiffs(tmp_path / "b", {**sets, "train-volume": deep})
    with pytest.raises(DataError, match=r"Found: shape \(12, 9, 7\), uint16"):
        load_isbi2012(copy)


def test_truncated_files_are_refused(tmp_path, sets):
    archive, tiffs, slices = forms(tmp_path, sets)
    cut = {
        archive: archive,
        tiffs / "train-volume.tif": tiffs,
        slices / "train/slice3.png": slices,
    }
    for file, copy in cut.items():
        whole = file.read_bytes()
        for size in (0, 20, len(whole) // 2, len(whole) - 30):
            file.write_bytes(whole[:size])
            with pytest.raises(DataError, match=r"train-volume in .*is damaged"):
                load_isbi2012(copy)


def test_a_damaged_member_and_a_zip_bomb_are_refused(tmp_path, sets, monkeypatch):
    copy = write_zip(tmp_path / isbi.ZIP, sets)
    data = bytearray(copy.read_bytes())
    with zipfile.ZipFile(copy) as archive:
        data[archive.getinfo("ISBI-2012-challenge/train-volume.tif").header_offset + 300] ^= 255
    copy.write_bytes(data)
    with pytest.raises(DataError, match=r"train-volume in .*damaged"):
        load_isbi2012(copy)
    monkeypatch.setattr(isbi, "MOST_BYTES", 100)
    with pytest.raises(DataError, match=r"test-volume.tif unpacks to"):
        load_isbi2012(copy, split="test")


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="'val'; valid values: 'train', 'test'"):
        load_isbi2012(split="val")


@pytest.fixture
def serve():
    """A server on this computer: `serve(bytes, …)` gives its address."""
    servers = []

    def start(content, announced=None, status=200, pause=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.send_header("Content-Length", str(announced or len(content)))
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()
                if pause:
                    pause.wait(60)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/isbi.zip"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def left_in(folder):
    return [file.name for file in folder.iterdir()] if folder.exists() else []


def test_a_download_is_verified_and_found(tmp_path, sets, serve, monkeypatch, capsys):
    content = write_zip(tmp_path / "source.zip", sets).read_bytes()
    monkeypatch.setattr(isbi.fetch, "__defaults__", (None, serve(content)))
    volume = load_isbi2012(download=True)
    check(volume, sets["train-volume"], sets["train-labels"], "ISBI 2012 train, 12 slices")
    assert (
        left_in(tmp_path / "cache") == [isbi.ZIP]
        and find_isbi2012() == tmp_path / "cache" / isbi.ZIP
    )
    assert "100%" in capsys.readouterr().err
    load_isbi2012(tmp_path / "there", download=True)
    assert left_in(tmp_path / "there") == [isbi.ZIP]
    assert fetch(tmp_path / "other.zip", serve(content)) == tmp_path / "other.zip"


def test_a_copy_that_is_there_is_not_downloaded(tmp_path, sets, monkeypatch):
    write_zip(tmp_path / "cache" / isbi.ZIP, sets)
    monkeypatch.setattr(isbi, "fetch", lambda *a: pytest.fail("it was downloaded"))
    assert len(load_isbi2012(download=True)) == 12


@pytest.mark.parametrize("damage", ["cut", "cut short of what was announced", "page", "pixel"])
def test_a_damaged_download_leaves_nothing(tmp_path, sets, serve, damage):
    if damage == "pixel":
        sets["train-volume"][0, 0, 0] ^= 1
    content = write_zip(tmp_path / "source.zip", sets).read_bytes()
    announced = len(content) if "announced" in damage else None
    if damage.startswith("cut"):
        content = content[: len(content) // 2]
    if damage == "page":
        content = b"<html>Please log in</html>"
    with pytest.raises((DataError, OSError)) as caught:
        fetch(url=serve(content, announced))
    for words in ("By hand: download http://127.0.0.1", isbi.ZIP, "UNET_TEACH_DATA"):
        assert words in str(caught.value)
    assert left_in(tmp_path / "cache") == [] and find_isbi2012() is None


def test_a_failed_download_keeps_the_old_copy(tmp_path, sets, serve):
    copy = write_zip(tmp_path / "cache" / isbi.ZIP, sets)
    with pytest.raises(DataError):
        fetch(url=serve(b"no zip"))
    assert find_isbi2012() == copy and len(load_isbi2012()) == 12


def test_no_network_says_what_to_do(tmp_path, sets, serve):
    with pytest.raises(OSError, match=r"the server answered 404 Not Found. By hand: download"):
        fetch(url=serve(b"no", status=404))
    with pytest.raises(
        OSError, match=r"could not download .*online\?.*By hand.*UNET_TEACH_DATA"
    ):
        fetch(url="http://127.0.0.1:9/isbi.zip")
    assert left_in(tmp_path / "cache") == []


def test_a_cache_that_cannot_be_written_is_named(tmp_path, sets, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("UNET_TEACH_CACHE", str(tmp_path / "file"))
    with pytest.raises(OSError, match="file cannot be written to; set UNET_TEACH_CACHE"):
        fetch(url="http://127.0.0.1:9/isbi.zip")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_download_looks_like_nothing(tmp_path, sets, serve):
    content = write_zip(tmp_path / "source.zip", sets).read_bytes()
    done = threading.Event()
    url = serve(content, announced=len(content) + 1000, pause=done)
    code = f"from unet_teach.data import isbi; isbi.fetch(url={url!r})"
    child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not left_in(tmp_path / "cache") and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.1)
        child.send_signal(signal.SIGKILL)
    finally:
        child.kill()
        child.wait()
        done.set()
    (name,) = left_in(tmp_path / "cache")
    assert name.endswith(".part") and find_isbi2012() is None
    with pytest.raises(FileNotFoundError):
        load_isbi2012()


def test_the_terms_and_the_citation_say_what_matters():
    assert "NON-COMMERCIAL" in isbi.TERMS and "Creative Commons" in isbi.TERMS
    assert "e1000502" in isbi.CITATION and "10.3389/fnana.2015.00142" in isbi.CITATION
    assert isbi.URL == "https://downloads.imagej.net/ISBI-2012-challenge.zip"


@pytest.mark.skipif(not REAL, reason="UNET_TEACH_DATA is not set")
def test_the_real_volume_goes_through_every_form(tmp_path):
    volume, test = load_isbi2012(REAL), load_isbi2012(REAL, split="test")
    assert volume.images.shape == test.images.shape == (30, 512, 512)
    assert volume.labels.mean() == pytest.approx(0.780, abs=0.001)
    stacks = {
        "train-volume": volume.images,
        "train-labels": volume.labels * np.uint8(255),
        "test-volume": test.images,
    }
    archive = write_zip(tmp_path / isbi.ZIP, stacks)
    for copy in (archive, write_tiffs(tmp_path / "tiffs", stacks)):
        assert np.array_equal(load_isbi2012(copy).images, volume.images)
        assert np.array_equal(load_isbi2012(copy).labels, volume.labels)
    stacks["train-volume"] = volume.images[::-1]
    with pytest.raises(DataError, match=r"train-volume.*\(30, 512, 512\), uint8"):
        load_isbi2012(write_tiffs(Path(tmp_path / "reversed"), stacks))
