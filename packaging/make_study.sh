#!/usr/bin/env bash
# Runs a study on the bundled models and records its runs for resources/studies/results, where the window finds them at its first start.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<'TEXT'
usage: packaging/make_study.sh [--rlcm FILE] [--jobs N] [--threads N] [--device D] [--seeds N] [--work DIR] [--few] [STUDY]

  STUDY          first-study when left out; rlcm study list names them
  --rlcm FILE    the program (build/release/bin/rlcm), or that of a bundle
  --jobs N       so many runs at the same time (1); on a GPU with one for each processor core the whole is done much sooner
  --threads N    processor cores of a run (1)
  --device D     auto, cpu, cuda or cuda:N; that of the study's settings when left out
  --seeds N      seeds of each cell instead of the study's
  --work DIR     the workspace that is trained in; kept, and continued when it is there (build/studies/STUDY)
  --few          record four images of the first and last evaluation of each cell's first seed, and the most used measures of an epoch
                 (record_workspace.py --lean); four images of all evaluations and all measures when left out

The record replaces resources/studies/results/STUDY. first-study takes about two hours of one core.
TEXT
}

STUDY=first-study RLCM="$ROOT/build/release/bin/rlcm" JOBS=1 WORK= KEPT=(--images 4) OPTIONS=(--threads 1)
while [ $# -gt 0 ]; do
    case "$1" in
        --rlcm) RLCM=$(realpath "${2:?--rlcm wants a file}"); shift ;;
        --jobs) JOBS=${2:?--jobs wants a number}; shift ;;
        --threads | --device | --seeds) OPTIONS+=("$1" "${2:?$1 wants a value}"); shift ;;
        --work) WORK=$(realpath -m "${2:?--work wants a folder}"); shift ;;
        --few) KEPT=(--images 4 --ends --image-seeds 1 --lean) ;;
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
run_study() { nice -n 19 "$RLCM" study run "$STUDY" --out "$WORK" "${OPTIONS[@]}"; }

# The first makes the runs, and the others join it: each takes what nobody has yet.
run_study &
MEMBERS=($!)
for ((job = 1; job < JOBS; job++)); do
    sleep 5
    run_study >"$WORK/job$job.log" 2>&1 &
    MEMBERS+=($!)
done
for member in "${MEMBERS[@]}"; do
    wait "$member" || true  # one that found others still training says so; what counts is whether a last look finds all done
done
run_study
python3 -B "$ROOT/packaging/record_workspace.py" "$WORK" "$RECORD.new" "${KEPT[@]}"
rm -rf "$RECORD"
mv "$RECORD.new" "$RECORD"
"$RLCM" study report "$STUDY" --out "$RECORD" --file "$WORK/$STUDY.html"
