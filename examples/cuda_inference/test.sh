#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs chromatid, builds this project against it with nvcc and runs the program. Without a GPU it must say so, with exit code 1.
#
#   examples/cuda_inference/test.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../../tests/support/cases.sh"

nvcc=${CUDACXX-}
for candidate in nvcc /usr/local/cuda/bin/nvcc; do
    if [[ -z $nvcc ]]; then nvcc=$(command -v "$candidate" || true); fi
done
if [[ -z $nvcc ]]; then
    for name in builds runs; do skipped "cuda_inference_$name" "nvcc is not installed"; done
    finish
fi

cd "$work"
build() {
    cmake -S "$here/../.." -B library -DCHROMATID_BUILD_TESTS=OFF -DCHROMATID_BUILD_EXAMPLES=OFF -DCHROMATID_COMPONENTS= \
        -DCMAKE_INSTALL_PREFIX="$work/prefix"
    cmake --install library
    cmake -S "$here" -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_CUDA_COMPILER="$nvcc" -DCMAKE_CUDA_ARCHITECTURES=90 \
        -DCMAKE_PREFIX_PATH="$work/prefix" \
        -DCMAKE_CUDA_FLAGS="-Werror=all-warnings -Xcompiler=-Wall,-Wextra,-Wno-restrict"
    cmake --build build
}
if ! build >build.log 2>&1; then
    failed cuda_inference_builds "does not build" build.log
    finish
fi
passed cuda_inference_builds

status=0
build/cuda_inference >run.log 2>&1 || status=$?
if (( status == 1 )) && grep -q '^error: no CUDA device: ' run.log; then
    passed cuda_inference_says_that_there_is_no_device
    skipped cuda_inference_runs "no CUDA device"
elif (( status == 0 )) && grep -q "the processor's scores differ by" run.log; then
    passed cuda_inference_runs
else
    failed cuda_inference_runs "exit code $status" run.log
fi
finish
