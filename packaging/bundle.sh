#!/usr/bin/env bash
# Makes a folder and an archive of the command line that run where there is no Qt, no root and another torch: a GPU server.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/install.sh
. "$ROOT/packaging/install.sh"
APT_PACKAGES+=(patchelf xz-utils)

usage() {
    cat <<'TEXT'
usage: packaging/bundle.sh [--torch DIR ...] [--out DIR] [--without-models] [--no-install]

  --torch DIR       a libtorch to build for (2.11 or newer; the folder "torch" of a Python environment), once for each version that the
                    servers have; without it the one in .deps/venv. Only its headers and libraries are read: a wheel with CUDA will do
                    on a machine without
  --out DIR         where the bundle comes, instead of build/bundle
  --without-models  leave out the bundled models, two thirds of the size
  --no-install      install nothing; fail when something is missing
TEXT
}

TORCHES=() OUT="$ROOT/build/bundle" MODELS=1 INSTALL=1
while [ $# -gt 0 ]; do
    case "$1" in
        --torch) TORCHES+=("$(realpath "${2:?--torch wants a folder}")"); shift ;;
        --out) OUT=$(realpath -m "${2:?--out wants a folder}"); shift ;;
        --without-models) MODELS=0 ;;
        --no-install) INSTALL=0 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    shift
done
if [ "$INSTALL" -eq 1 ]; then
    install_all
else
    [ -z "$(missing_packages)" ] || die "missing system packages: $(missing_packages | tr '\n' ' ')"
fi
if [ "${#TORCHES[@]}" -eq 0 ]; then
    TORCHES=("$VENV"/lib/python3*/site-packages/torch)
fi

VERSION=$(sed -n 's/^project(.* VERSION \([0-9.]*\).*/\1/p' "$ROOT/CMakeLists.txt")
NAME="rlcm-$VERSION-linux-$(uname -m)"
FOLDER="$OUT/$NAME"

# "2.13" of a folder of torch.
torch_series() { sed -n "s/^__version__ = '\([0-9]*\.[0-9]*\).*/\1/p" "$1/version.py"; }

# What a program needs beside glibc, the C++ runtime, torch and CUDA: those come from where it runs.
libraries_of() {
    ldd "$1" | awk '$3 ~ /^\// {print $3}' | grep -v -e "^$2/" -e '/nvidia/' |
        grep -v -E '/(libc|libm|libdl|librt|libpthread|libresolv|libgomp|libstdc\+\+|libgcc_s)\.so' |
        grep -v -E '/lib(cuda|cupti|cublas|cudnn|cufft|cufile|curand|cusolver|cusparse|nccl|nvrtc|nvJitLink|nvToolsExt)'
}

rm -rf "$FOLDER"
mkdir -p "$FOLDER/bin" "$FOLDER/lib/runtime" "$FOLDER/licences" "$FOLDER/share/rlcm-workbench"
for torch in "${TORCHES[@]}"; do
    [ -f "$torch/lib/libtorch_cpu.so" ] || die "$torch has no lib/libtorch_cpu.so: it is no folder of torch"
    series=$(torch_series "$torch")
    BUILD="$OUT/build-torch$series" RLCM_TORCH_DIR="$torch"
    mkdir -p "$BUILD"
    build_all -DRLCM_GUI=OFF -DRLCM_TESTS=OFF
    program="$FOLDER/bin/rlcm-torch$series"
    strip -o "$program" "$BUILD/bin/rlcm"
    # shellcheck disable=SC2016  # $ORIGIN is the loader's
    patchelf --set-rpath '$ORIGIN/../lib' "$program"
    libraries_of "$BUILD/bin/rlcm" "$torch" | while read -r library; do
        cp -nL "$library" "$FOLDER/lib/"
    done
done

say "Collecting libraries and resources ..."
for library in "$FOLDER"/lib/*.so*; do
    # shellcheck disable=SC2016
    patchelf --set-rpath '$ORIGIN' "$library"
done
# Used only where the system's own is older than the compiler's that built this.
for name in libstdc++.so.6 libgcc_s.so.1; do
    cp -L "$(ldd "$BUILD/bin/rlcm" | awk -v name="$name" '$1 == name {print $3}')" "$FOLDER/lib/runtime/"
done
cp "$ROOT/packaging/bundle/rlcm" "$ROOT/packaging/bundle/README.txt" "$ROOT/LICENSE" "$FOLDER/"
cp -r "$ROOT/resources/." "$FOLDER/share/rlcm-workbench/"
rm -rf "$FOLDER/share/rlcm-workbench/studies/results"  # recorded runs are for the window
rm -f "$FOLDER/share/rlcm-workbench/screenshot.png"
[ "$MODELS" -eq 1 ] || find "$FOLDER/share/rlcm-workbench/models" -name '*.safetensors' -delete
for library in "$FOLDER"/lib/*.so* "$FOLDER"/lib/runtime/*; do
    package=$(dpkg-query -S "*/$(basename "$library")" 2>/dev/null | head -n 1 | cut -d: -f1 || true)
    # Some packages' folder is a link to another's: they list no such file.
    terms="$(dpkg-query -L "${package:-none}" 2>/dev/null | grep "/doc/$package$" | head -n 1 || true)/copyright"
    if [ -e "$terms" ]; then
        cp -nL "$terms" "$FOLDER/licences/$package"
    else
        say "warning: $(basename "$library") belongs to no system package: put its licence into $FOLDER/licences before the bundle goes to others"
    fi
done

# The two small models share most of their files: a window that holds both packs them once.
XZ_OPT=-9 tar -C "$OUT" -cJf "$OUT/$NAME.tar.xz" "$NAME"
say "$OUT/$NAME: $(du -sh "$FOLDER" | cut -f1), packed $(du -h "$OUT/$NAME.tar.xz" | cut -f1), for torch $(cd "$FOLDER/bin" && printf '%s ' rlcm-torch* | sed 's/rlcm-torch//g')"
