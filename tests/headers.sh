#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compiles each header alone, included twice, with all warnings as errors; then all of them together, looking for definitions that
# two translation units could not both hold.
#
#   tests/headers.sh COMPILER FLAGS_FILE [FOLDER]
#
# FLAGS_FILE holds compiler flags (the build writes tests/flags.txt); FOLDER holds chromatid/ (default: include/ of this checkout).
# A header that needs an optional library which is not installed is skipped.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/support/cases.sh"
compiler=$1
flags_file=$2
include=$(cd "${3-$here/../include}" && pwd)
parallel=2

if ! command -v "$compiler" >/dev/null; then
    skipped "headers ($compiler)" "$compiler is not installed"
    finish
fi

# absent_library LOG: the optional library that is not installed, if it is what stopped the compiler (and not a slip in an include)
absent_library() {
    local wanted library
    wanted=$(sed -nE "s/.*fatal error: '?([^':]+)'?(: No such file| file not found).*/\1/p" "$1" | head -n 1)
    case $wanted in
        htslib/*) library=htslib/hts.h ;;
        bigWig.h) library=bigWig.h ;;
        hdf5*.h) library=hdf5.h ;;
        nlohmann/*) library=nlohmann/json.hpp ;;
        xtensor/*) library=xtensor/xtensor_config.hpp ;;
        zlib.h) library=zlib.h ;;
        cuda*.h | cublas*.h) library=cuda_runtime.h ;;
        cudnn*.h) library=cudnn.h ;;
        nccl.h) library=nccl.h ;;
        mpi.h) library=mpi.h ;;
        *) return 1 ;;
    esac
    if echo "#include <$library>" | "$compiler" "@$flags_file" -fsyntax-only -x c++ - 2>/dev/null; then return 1; fi
    echo "<$library> is not installed"
}

compile_alone() {  # header
    local header=$1 name=${1//\//_} absent
    printf '#include <%s>\n#include <%s>\n' "$header" "$header" >"$work/$name.cpp"
    if "$compiler" "${strict[@]}" "-I$include" "@$flags_file" -fsyntax-only "$work/$name.cpp" >"$work/$name.log" 2>&1; then
        passed "$header ($compiler)"
    elif absent=$(absent_library "$work/$name.log"); then
        skipped "$header ($compiler)" "$absent"
    else
        failed "$header ($compiler)" "does not compile alone" "$work/$name.log"
    fi
}

mapfile -t headers < <(cd "$include" && find chromatid -name '*.hpp' | sort)
if (( ${#headers[@]} == 0 )); then
    failed headers "there is no header below $include/chromatid"
    finish
fi

# Two at a time, each result in a file of its own so that lines do not mix.
for header in "${headers[@]}"; do
    while (( $(jobs -rp | wc -l) >= parallel )); do wait -n; done
    compile_alone "$header" >"$work/${header//\//_}.result" &
done
wait
for header in "${headers[@]}"; do
    result="$work/${header//\//_}.result"
    cat "$result"
    if grep -q '^passed' "$result"; then echo "#include <$header>"; fi >>"$work/all.cpp"
    if grep -q '^FAILED' "$result"; then failures=$((failures + 1)); fi
done

name="one_definition ($compiler)"
if ! "$compiler" "${strict[@]}" "-I$include" "@$flags_file" -O0 -c "$work/all.cpp" -o "$work/all.o" >"$work/all.log" 2>&1; then
    failed "$name" "the headers do not compile together" "$work/all.log"
else
    nm --demangle --defined-only --extern-only "$work/all.o" | awk '$2 ~ /^[TDBR]$/' >"$work/strong"
    if [[ -s $work/strong ]]; then
        failed "$name" "neither inline nor a template: two translation units that include this do not link" "$work/strong"
    else
        passed "$name"
    fi
fi
finish
