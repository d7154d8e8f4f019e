#!/usr/bin/env bash
# Runs a bundle of packaging/bundle.sh on another distribution: a fresh minimal system from that one's packages, with neither a compiler nor any of our
# libraries, into which only the bundle and a folder of torch are carried. Wants root, debootstrap and the distribution's archive.
#
# usage: tests/app/other_distribution.sh BUNDLE_FOLDER TORCH_FOLDER [SUITE [ARCHIVE]]
set -euo pipefail

BUNDLE=$(realpath "${1:?usage: tests/app/other_distribution.sh BUNDLE_FOLDER TORCH_FOLDER [SUITE [ARCHIVE]]}")
TORCH=$(realpath "${2:?which torch? the folder torch of a Python environment}")
SUITE=${3:-testing} ARCHIVE=${4:-http://deb.debian.org/debian}

SYSTEM=$(mktemp -d)
cleanup() {
    for place in bundle packages proc; do
        umount -q "$SYSTEM/$place" || true
    done
    rm -rf --one-file-system "$SYSTEM"
}
trap cleanup EXIT
debootstrap --variant=minbase "$SUITE" "$SYSTEM" "$ARCHIVE" >"$SYSTEM.log" || { tail -n 5 "$SYSTEM.log" >&2; exit 1; }
rm -f "$SYSTEM.log"
mkdir -p "$SYSTEM/bundle" "$SYSTEM/packages"
mount --bind "$BUNDLE" "$SYSTEM/bundle"
mount --bind "$(dirname "$TORCH")" "$SYSTEM/packages"  # a torch with CUDA finds its libraries beside itself
mount -t proc proc "$SYSTEM/proc"

inside() { chroot "$SYSTEM" env -i HOME=/ RLCM_TORCH_DIR="/packages/$(basename "$TORCH")" "$@"; }
echo "$(inside sh -c '. /etc/os-release; echo "$PRETTY_NAME"'), $(inside ldd --version | head -n 1)"
inside /bundle/rlcm doctor --device cpu
inside /bundle/rlcm train --preset compress-gentle-rlcm-h4 --epochs 2 --device cpu --out /w
inside /bundle/rlcm export --help >/dev/null
inside /bundle/rlcm runs /w | grep -q finished
echo "the bundle works there"
