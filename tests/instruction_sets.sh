#!/usr/bin/env bash
# Runs the tests as older processors would: the same build, with the instruction sets that torch, oneDNN and MKL may use held down. A test that fails in
# one of them has one processor's rounding for an expectation.
#
# usage: tests/instruction_sets.sh BUILD_FOLDER [CTEST_OPTION...]
set -euo pipefail

BUILD=${1:?usage: tests/instruction_sets.sh BUILD_FOLDER [CTEST_OPTION...]}
shift

# name, then what it sets
SETS=(
    "all"
    "avx2 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2"
    "baseline ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_ENABLE_INSTRUCTIONS=SSE4_2"
)
FAILED=()
for line in "${SETS[@]}"; do
    read -r -a words <<<"$line"
    echo "== instruction sets: ${words[*]}"
    env "${words[@]:1}" ctest --test-dir "$BUILD" --output-on-failure --no-tests=error "$@" </dev/null || FAILED+=("${words[0]}")
done
[ "${#FAILED[@]}" -eq 0 ] || { echo "failed in: ${FAILED[*]}" >&2; exit 1; }
echo "all tests pass in every instruction set"
