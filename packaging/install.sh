# Shared by start.sh and test.sh: what the product needs on Debian 12, and how it is built. Sourced, not run.

APT_PACKAGES=(
    build-essential g++ cmake ninja-build mold ccache pkg-config git
    python3 python3-venv python3-pip python3-pil
    qt6-base-dev qt6-svg-dev libqcustomplot-dev libgl1-mesa-dev libvulkan-dev
    libturbojpeg0-dev libpng-dev libcairo2-dev libicu-dev libssl-dev libcurl4-openssl-dev
    libjemalloc-dev libsqlitecpp-dev libsqlite3-dev libspdlog-dev libfmt-dev libcli11-dev nlohmann-json3-dev libcpp-httplib-dev
    fonts-dejavu-core
    xvfb openbox locales
)
TORCH_VERSION=2.13.0
FORMAT_VERSION=19.1.7
VENV="$ROOT/.deps/venv"

say() { printf '%s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Packages of the list that are not installed, one a line.
missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${APT_PACKAGES[@]}" 2>/dev/null | awk '$1 ~ /^.i/ {print $NF}' || true)
    comm -23 <(printf '%s\n' "${APT_PACKAGES[@]}" | sort -u) <(printf '%s\n' "$installed" | sort -u)
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "installing system packages needs root: run as root or install sudo, or install by hand: ${MISSING[*]}"
    fi
}

torch_is_installed() {
    [ -f "$VENV/torch-$TORCH_VERSION.stamp" ] && compgen -G "$VENV/lib/python3*/site-packages/torch/lib/libtorch_cpu.so" >/dev/null
}

# clang-format of the version that the tree is formatted with; the tests ask it.
install_format() {
    [ -f "$VENV/clang-format-$FORMAT_VERSION.stamp" ] && return
    say "This will install: the pip package clang-format $FORMAT_VERSION into ${VENV#"$ROOT"/}"
    "$VENV/bin/python" -m pip install --disable-pip-version-check --quiet "clang-format==$FORMAT_VERSION"
    touch "$VENV/clang-format-$FORMAT_VERSION.stamp"
}

# Says what is missing and installs it. Takes no time when nothing is.
install_all() {
    command -v dpkg-query >/dev/null || die "this script knows Debian and Ubuntu only; see README.md for what to install"
    mapfile -t MISSING < <(missing_packages)
    if [ "${#MISSING[@]}" -eq 0 ] && torch_is_installed; then
        return
    fi
    say "This will install:"
    [ "${#MISSING[@]}" -eq 0 ] || say "  system packages (apt): ${MISSING[*]}"
    torch_is_installed || say "  libtorch: pip package torch $TORCH_VERSION into ${VENV#"$ROOT"/} (up to 5 GB: it may bring CUDA's libraries)"
    if [ "${#MISSING[@]}" -gt 0 ]; then
        as_root apt-get update -q
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${MISSING[@]}"
    fi
    if ! torch_is_installed; then
        python3 -m venv "$VENV"
        "$VENV/bin/python" -m pip install --disable-pip-version-check --quiet "torch==$TORCH_VERSION"
        touch "$VENV/torch-$TORCH_VERSION.stamp"
    fi
}

# A compiler of torch sources needs about 1.5 GB, so memory can allow fewer jobs than there are processors.
build_jobs() {
    local processors memory_kb by_memory
    processors=$(nproc)
    memory_kb=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
    by_memory=$((memory_kb / 1500000))
    [ "$by_memory" -ge 1 ] || by_memory=1
    [ "$processors" -le "$by_memory" ] && say "$processors" || say "$by_memory"
}

time_text() { [ "$1" -lt 90 ] && say "$1 s" || say "$((($1 + 30) / 60)) min"; }

# Shortens ninja's lines to how far it is and how long that leaves; everything else comes through.
show_progress() {
    local begin=$SECONDS said=-60 line step total
    while IFS= read -r line; do
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
            step=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
            if [ "$step" -eq "$total" ]; then
                say "  all $total steps done after $(time_text $((SECONDS - begin)))"
            elif [ $((SECONDS - said)) -ge 15 ] && [ $((SECONDS - begin)) -ge 5 ]; then
                say "  step $step of $total, about $(time_text $(((SECONDS - begin) * (total - step) / step))) left"
                said=$SECONDS
            fi
        elif [ "$line" != "ninja: no work to do." ]; then
            printf '%s\n' "$line"
        fi
    done
}

# Configures and builds into $BUILD; arguments go to cmake's configure step.
build_all() {
    local launcher=()
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache)
        # The precompiled header is the same for the same sources, wherever they lie and whenever they were written.
        export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    fi
    local torch=()
    [ -z "${RLCM_TORCH_DIR:-}" ] || torch=(-DRLCM_TORCH_DIR="$RLCM_TORCH_DIR")
    say "Building in $BUILD ..."
    cmake --preset release -S "$ROOT" -B "$BUILD" -DRLCM_UNITY=ON "${launcher[@]}" "${torch[@]}" "$@" >"$BUILD.configure.log" 2>&1 ||
        { tail -n 40 "$BUILD.configure.log" >&2; die "configuring failed; the whole log is $BUILD.configure.log"; }
    # g++ maps its precompiled header at a fixed address, which address randomisation takes away once in some hundred
    # compilations: switch that off where the system allows it, and try a second time where it does not.
    local steady=()
    setarch "$(uname -m)" -R true 2>/dev/null && steady=(setarch "$(uname -m)" -R)
    "${steady[@]}" cmake --build "$BUILD" -j "$(build_jobs)" | show_progress || {
        say "The build stopped; trying once more."
        "${steady[@]}" cmake --build "$BUILD" -j "$(build_jobs)" | show_progress
    }
}
