#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages that building and testing chromatid needs. Users of the library alone need libeigen3-dev only.
#
#   cmake/install-debian-packages.sh          install what is missing (as root, or through sudo)
#   cmake/install-debian-packages.sh --list   print the packages, one a line
#   cmake/install-debian-packages.sh --benchmarks   also what benchmarks compare with; or --benchmarks --list
#   cmake/install-debian-packages.sh --help
#
# Does nothing, and needs no rights, where all of them are installed. Exit code 0: all are there; 1: some could not be installed.
set -euo pipefail

packages=(
    g++ clang cmake ninja-build ccache               # compilers and build tools
    libeigen3-dev                                    # the core
    libxtensor-dev libhts-dev libbigwig-dev libhdf5-dev nlohmann-json3-dev zlib1g-dev   # components
    libopenmpi-dev openmpi-bin                       # the component mpi: training on several processes
    libboost-test-dev libcli11-dev tabix             # tests and examples
)
benchmarks=(libdnnl-dev libbenchmark-dev python3-venv)   # peers and tools of benchmarks/

if [[ ${1-} == --benchmarks ]]; then
    packages+=("${benchmarks[@]}")
    shift
fi
case "${1-}" in
    "") ;;
    --list) printf '%s\n' "${packages[@]}"; exit 0 ;;
    -h | --help) sed -n '4,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "error: unknown argument \"$1\"; see $0 --help" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "error: this is not Debian or a system made from it; install by hand what these packages hold: ${packages[*]}" >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done
if (( ${#missing[@]} == 0 )); then
    exit 0
fi

as_root=()
if (( EUID != 0 )); then
    if ! command -v sudo >/dev/null; then
        echo "error: not installed: ${missing[*]}" >&2
        echo "       run this script as root, or ask whoever may: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update --quiet=2
"${as_root[@]}" apt-get install --yes --quiet=2 --no-install-recommends "${missing[@]}" </dev/null
