#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compiles each tests/cuda/*.cu for sm_80 and sm_90 with all warnings as errors and no deprecated call of cuDNN, holds the registers,
# stack and spills of kernels against budget.txt, links the tests of devices (all but kernels_* and *_compiles) and runs them: those that
# need a device are skipped where there is none.
# Needs nvcc (CUDACXX, in PATH or in /usr/local/cuda) and cuDNN, no GPU.
#
#   tests/cuda/compile.sh [options] FLAGS_FILE
#
#   --build DIR          keep objects and the program, DIR/device_tests
#   --arch LIST          architectures (default: 80,90)
#   --no-run             do not run the program
#   --no-budget          leave the budget alone, and what it is for uncompiled
#   --write-budget       write budget.txt anew
#
# FLAGS_FILE holds compiler flags (the build writes tests/flags.txt).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/cases.sh"
build=
architectures=80,90
run=yes
hold_budget=yes
write_budget=
flags_file=
while (( $# > 0 )); do
    case $1 in
        --build) build=$2; shift ;;
        --arch) architectures=$2; shift ;;
        --no-run) run= ;;
        --no-budget) hold_budget= ;;
        --write-budget) write_budget=yes ;;
        -*) sed -n '9,17s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
        *) flags_file=$1 ;;
    esac
    shift
done
if [[ ! -f $flags_file ]]; then sed -n '9,17s/^# \{0,1\}//p' "$0" >&2; exit 2; fi
if [[ -z $build ]]; then build=$work/build; fi
mkdir -p "$build"
rm -f "$build"/*.o "$build"/*.log "$build/device_tests"

nvcc=${CUDACXX-}
for candidate in nvcc /usr/local/cuda/bin/nvcc; do
    if [[ -z $nvcc ]]; then nvcc=$(command -v "$candidate" || true); fi
done

# nvcc knows no @file
flags=()
while IFS= read -r flag; do
    if [[ -n $flag ]]; then flags+=("$flag"); fi
done < <(sed 's/^-isystem/-isystem=/' "$flags_file")
for architecture in ${architectures//,/ }; do flags+=(-gencode "arch=compute_$architecture,code=sm_$architecture"); done
flags+=(-std=c++20 -Werror all-warnings -Xcompiler -Wall,-Wextra,-Werror=deprecated-declarations
    -DCUDNN_WARN_DEPRECATED -DEIGEN_NO_CUDA "-I$here/../.."
    -DBOOST_TEST_DYN_LINK "-DCHROMATID_SHARED_DATA=\"${CHROMATID_SHARED_DATA-$here/../../../shared/data}\"")

shopt -s nullglob
files=("$here"/*.cu)
names=()
for file in "${files[@]}"; do
    name=$(basename "$file" .cu)
    if [[ -n $hold_budget || $name != kernels_* ]]; then names+=("$name"); fi
done

missing=
if [[ -z $nvcc ]]; then missing="nvcc is not installed"
elif ! echo '#include <cudnn.h>' | "$nvcc" -x cu -E - -o /dev/null 2>/dev/null; then missing="cuDNN is not installed"
fi
if [[ -n $missing ]]; then
    for name in "${names[@]}" budget device_tests; do skipped "$name (nvcc)" "$missing"; done
    finish
fi

compile_one() {  # name
    local more=(-O1)                                                # of the host's side alone
    if [[ $1 == kernels_* ]]; then more=(-O0 -Xptxas -v); fi
    "$nvcc" "${flags[@]}" "${more[@]}" -c "$here/$1.cu" -o "$build/$1.o" >"$build/$1.log" 2>&1 || rm -f "$build/$1.o"
}

# Two at a time, the long ones first.
"$nvcc" -std=c++20 -DBOOST_TEST_DYN_LINK -DCHROMATID_TEST_MODULE=device_tests -c "$here/../support/main.cpp" \
    -o "$build/main.o" >"$build/main.log" 2>&1 &
while IFS= read -r name; do
    while (( $(jobs -rp | wc -l) >= ${CHROMATID_JOBS-2} )); do wait -n; done
    compile_one "$name" &
done < <(printf '%s\n' "${names[@]}" | sort -r)
wait

objects=("$build/main.o")
for name in "${names[@]}"; do
    if [[ -f $build/$name.o ]]; then
        passed "$name (nvcc)"
        if [[ $name != kernels_* && $name != *_compiles ]]; then objects+=("$build/$name.o"); fi
    else
        grep -v '^ptxas info' "$build/$name.log" >"$work/log" || true
        failed "$name (nvcc)" "does not compile" "$work/log"
    fi
done
if (( failures > 0 )); then finish; fi

if [[ -z $hold_budget ]]; then
    :
elif [[ -n $write_budget ]]; then
    "$here/budget.sh" write "$build"/kernels_*.log
else
    "$here/budget.sh" check "$build"/kernels_*.log || failures=$((failures + 1))
fi

# What the published weights are read with, where it is there.
libraries=()
for library in hdf5_serial hdf5 z; do
    if [[ $library == hdf5 && ${libraries[*]-} == *hdf5* ]]; then continue; fi
    if echo 'int main() {}' | "$nvcc" -x cu - -o "$work/links" "-l$library" >/dev/null 2>&1; then libraries+=("-l$library"); fi
done

program=$build/device_tests
if ! "$nvcc" -o "$program" "${objects[@]}" -lboost_unit_test_framework -lcublasLt -lcudnn "${libraries[@]}" >"$work/log" 2>&1; then
    failed "device_tests (nvcc)" "does not link" "$work/log"
elif [[ -z $run ]]; then
    passed "device_tests (nvcc)"
else
    status=0
    timeout --kill-after=10 900 "$program" --color_output=no --log_level=test_suite >"$work/log" 2>&1 || status=$?
    # what is skipped is one line of the program's own each
    sed -nE 's/.*Test case "([^"]*)" is skipped because (precondition failed: )?(.*)/\1: \3/p' "$work/log" >"$work/skips"
    while IFS= read -r line; do skipped "${line%%: *}" "${line#*: }"; done <"$work/skips"
    if (( status == 0 )); then
        passed "device_tests, $(grep -c 'Leaving test case' "$work/log") cases"
    else
        grep -E -A 1 'error: in|fatal error: in' "$work/log" >"$work/errors" || tail -n 30 "$work/log" >"$work/errors"
        failed "device_tests" "exit code $status" "$work/errors"
    fi
fi
finish
