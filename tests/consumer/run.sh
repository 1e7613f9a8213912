#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds small projects that use chromatid in each of the ways a project can, and runs their programs.
#
#   tests/consumer/run.sh [KEEP]     KEEP: a folder to build in and keep (default: one that is removed)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/cases.sh"
source_folder=$(cd "$here/../.." && pwd)
if [[ -n ${1-} ]]; then
    mkdir -p "$1"
    cd "$1"
else
    cd "$work"
fi
prefix=$PWD/prefix
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi

# configure FOLDER BUILD [cmake arguments]: against the installed tree
configure() {
    local folder=$1 build=$2
    shift 2
    cmake -S "$here/$folder" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O1 -Wall -Wextra -Werror" \
        -DCMAKE_PREFIX_PATH="$prefix" "${launcher[@]}" "$@"
}

# consumer FOLDER "PROGRAM..." [cmake arguments]
consumer() {
    local folder=$1 programs=$2 program
    shift 2
    if ! { configure "$folder" "build-$folder" "$@" && cmake --build "build-$folder"; } >"$folder.log" 2>&1; then
        failed "$folder" "does not build" "$folder.log"
        return
    fi
    for program in $programs; do
        if "build-$folder/$program" >"$program.log" 2>&1; then
            passed "${folder}_$program"
        else
            failed "${folder}_$program" "does not run" "$program.log"
        fi
    done
}

# refused NAME "WORDS" COMMAND...: the command fails and says WORDS
refused() {
    local name=$1 words=$2
    shift 2
    if "$@" >"$name.log" 2>&1; then
        failed "$name" "was not refused"
    elif ! tr -s ' \n' ' ' <"$name.log" | grep -qF -- "$words"; then
        failed "$name" "the message lacks \"$words\"" "$name.log"
    else
        passed "$name"
    fi
}

# The installation comes from a build with no component, so whatever a consumer finds it finds by itself.
if ! { cmake -S "$source_folder" -B build -G Ninja -DCHROMATID_BUILD_TESTS=OFF -DCHROMATID_BUILD_EXAMPLES=OFF -DCHROMATID_COMPONENTS= \
        -DCMAKE_INSTALL_PREFIX="$prefix" && cmake --install build; } >install.log 2>&1; then
    failed install "chromatid does not install" install.log
    finish
fi
passed install

consumer installed "predict components"
consumer subdirectory "predict with_json" -DCHROMATID_SOURCE="$source_folder"
consumer core_only predict

name=core_includes_no_optional_library
ninja -C build-core_only -t deps >core_includes.log 2>&1 || true
if ! grep -q '/chromatid/chromatid.hpp$' core_includes.log; then
    failed "$name" "cannot tell: no record of what was included"
elif grep -E '/(htslib|nlohmann|xtensor|xtl)/|/(bigWig|hdf5|zlib)\.h$' core_includes.log >optional_includes.log; then
    failed "$name" "chromatid.hpp includes headers of optional libraries" optional_includes.log
else
    passed "$name"
fi

refused missing_component_names_its_package "install the Debian package libhts-dev" \
    configure installed build-missing -DCMAKE_DISABLE_FIND_PACKAGE_HTSlib=ON
refused unknown_component_is_named 'no component "htslbi"; it knows xtensor, htslib,' \
    cmake -S "$source_folder" -B build-unknown -G Ninja -DCHROMATID_COMPONENTS=htslbi
finish
