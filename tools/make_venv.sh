#!/bin/sh
# Make .venv and install the course into it: called by every `make` target, once.
# PYTHON names the Python to use, TORCH=cpu asks for the small CPU build of torch.
set -eu
cd "$(dirname "$0")/.."

VENV=.venv
BIN=$VENV/bin/python
CPU_INDEX=https://download.pytorch.org/whl/cpu
IS_NEW='import sys; sys.exit(sys.version_info < (3, 11))'

say() { printf '%s\n' "$*" >&2; }
stop() {
    say ""
    for line in "$@"; do say "$line"; done
    exit 1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        command -v "$PYTHON" >/dev/null 2>&1 || stop "PYTHON=$PYTHON: no such command."
        "$PYTHON" -c "$IS_NEW" 2>/dev/null || stop \
            "PYTHON=$PYTHON is $("$PYTHON" --version 2>&1); the course needs Python 3.11 or newer."
        return
    fi
    for PYTHON in python3 python3.13 python3.12 python3.11 python; do
        # Tried, not only looked up: version managers leave names that do not run.
        "$PYTHON" -c "$IS_NEW" >/dev/null 2>&1 && return
    done
    found=$(python3 --version 2>/dev/null || echo "no python3 at all")
    stop "The course needs Python 3.11 or newer; found here: $found." \
        "Install one from https://www.python.org/downloads/ (or your system's packages)," \
        "or name the one that you have: make lab PYTHON=/path/to/python3.12"
}

make_venv() {
    find_python
    "$PYTHON" -c 'import venv, ensurepip' >/dev/null 2>&1 || stop \
        "$PYTHON has no working 'venv' module, which makes the course's own environment." \
        "On Debian and Ubuntu:  sudo apt install python3-venv" \
        "Elsewhere: a Python from https://www.python.org/downloads/ has it."
    say "Making $VENV with $("$PYTHON" --version 2>&1) ..."
    "$PYTHON" -m venv --clear "$VENV" || stop \
        "$PYTHON -m venv $VENV failed. Is there room on the disk, and may you write here?"
}

# pip, and where it fails, the likeliest reason in words.
install() {
    log=$VENV/install.log
    rm -f "$log"
    if "$BIN" -m pip install --disable-pip-version-check --no-compile --log "$log" "$@"; then
        return
    fi
    if grep -qiE 'ConnectionError|name resolution|ConnectTimeout|unreachable|ProxyError' "$log" ||
        grep -qiE 'ReadTimeout|SSLError|Connection refused|from versions: none' "$log"; then
        stop "The packages could not be fetched: no network, or no way to the package index." \
            "Check the connection (and the proxy, if there is one), then type the same again:" \
            "what was already fetched is kept. If all else on the network works: the package" \
            "named above may have no build for this system and $("$BIN" --version)."
    elif grep -q 'No space left' "$log"; then
        stop "The disk is full. README.md says what an installation needs."
    elif grep -qE 'No matching distribution|ResolutionImpossible' "$log"; then
        stop "A package has no build for this system and $("$BIN" --version) (see above)." \
            "constraints.txt names the versions that were tested; README.md has another route."
    fi
    stop "pip failed; the whole of what it did is in $log."
}

has_torch() { "$BIN" -c 'import torch' >/dev/null 2>&1; }

install_torch_cpu() {
    if "$BIN" - "$CPU_INDEX/torch/" <<'PROBE' >/dev/null 2>&1; then
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=10).close()
PROBE
        install -c constraints.txt --extra-index-url "$CPU_INDEX" torch
    else
        say "TORCH=cpu: $CPU_INDEX cannot be reached from here; pip's own torch follows" \
            "(with an NVIDIA build of 2.7 GB to download, on Linux)."
    fi
}

case "${TORCH:-}" in
    "" | cpu) ;;
    *) stop "TORCH=$TORCH is not known; valid: TORCH=cpu, or nothing." ;;
esac
# A half-made .venv, or one whose Python is gone, is made anew.
"$BIN" -c "$IS_NEW" >/dev/null 2>&1 && "$BIN" -m pip --version >/dev/null 2>&1 || make_venv
if [ -n "${TORCH:-}" ] && ! has_torch; then install_torch_cpu; fi
if [ "$(uname -s)" = Linux ] && [ -z "${TORCH:-}" ] && ! command -v nvidia-smi >/dev/null 2>&1 &&
    ! has_torch; then
    say "No NVIDIA card seen: TORCH=cpu would download 0.5 GB instead of 3 (Ctrl-C to change)."
fi

say "Installing the course and what it needs into $VENV; once, some minutes ..."
# The pip that older Pythons bring takes twice as long; where a new one cannot be had, it will do.
"$BIN" -m pip install -q --disable-pip-version-check --retries 0 'pip>=25' 2>/dev/null || true
install -c constraints.txt -e '.[lab,test]'
# Python compiles each module at its first import: here by all cores at once, pip by one.
"$BIN" -m compileall -q -j 0 "$VENV/lib" >/dev/null 2>&1 || true
mkdir -p "$VENV/share/jupyter/lab/settings"
cp tools/jupyterlab_settings.json "$VENV/share/jupyter/lab/settings/overrides.json"
touch "$VENV/.ready"
