#!/bin/sh
# What the hub runs for one student, as that student and not as root.
set -eu
umask 077  # other students cannot read what she writes

# Her own copy of each lesson. One that she has already is never touched.
mkdir -p "$HOME/unet-teach"
for lesson in "$COURSE"/notebooks/*.ipynb; do
    copy=$HOME/unet-teach/$(basename "$lesson")
    [ -e "$copy" ] || cp "$lesson" "$copy"
done

if ! jupyterhub-singleuser --version >/dev/null; then
    echo "$(id -un) may not run $(command -v jupyterhub-singleuser): is its Python" \
        "(bin/python, where the link ends) in a folder that students can enter?" >&2
    exit 1
fi

# A kernel that asks for more gets a MemoryError, and no other student notices.
exec prlimit --data=$((DATA_LIMIT_MB * 1000000)) jupyterhub-singleuser "$@"
