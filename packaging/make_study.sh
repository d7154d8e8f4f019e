#!/usr/bin/env bash
# Runs a study on the bundled models and records its runs for resources/studies/results, where the window finds them at its first start.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<'TEXT'
usage: packaging/make_study.sh [--build-dir DIR] [--threads N] [--work DIR] [STUDY]

  STUDY            first-study when left out; rlcm study list names them
  --build-dir DIR  where rlcm was built (build/release)
  --threads N      processor cores (1)
  --work DIR       the workspace that is trained in; kept, and continued when it is there (build/studies/STUDY)

The record replaces resources/studies/results/STUDY. first-study takes about half an hour of one core.
TEXT
}

STUDY=first-study BUILD="$ROOT/build/release" THREADS=1 WORK=
while [ $# -gt 0 ]; do
    case "$1" in
        --build-dir) BUILD=$(realpath -m "${2:?--build-dir wants a folder}"); shift ;;
        --threads) THREADS=${2:?--threads wants a number}; shift ;;
        --work) WORK=$(realpath -m "${2:?--work wants a folder}"); shift ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; exit 2 ;;
        *) STUDY=$1 ;;
    esac
    shift
done
WORK=${WORK:-$ROOT/build/studies/$STUDY}
RECORD="$ROOT/resources/studies/results/$STUDY"

export RLCM_RESOURCES="$ROOT/resources"
rm -rf "$RECORD.new"
mkdir -p "$(dirname "$WORK")"
nice -n 19 "$BUILD/bin/rlcm" study run "$STUDY" --out "$WORK" --threads "$THREADS"
python3 -B "$ROOT/packaging/record_workspace.py" "$WORK" "$RECORD.new"
rm -rf "$RECORD"
mv "$RECORD.new" "$RECORD"
"$BUILD/bin/rlcm" study report "$STUDY" --out "$RECORD" --file "$WORK/$STUDY.html"
