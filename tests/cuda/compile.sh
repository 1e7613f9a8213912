#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compiles each tests/cuda/*.cu for sm_90 with all warnings as errors; device code may call constexpr functions of the core.
# Needs nvcc (CUDACXX, in PATH or in /usr/local/cuda), no GPU.
#
#   tests/cuda/compile.sh FLAGS_FILE
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/cases.sh"
flags_file=$1

nvcc=${CUDACXX-}
for candidate in nvcc /usr/local/cuda/bin/nvcc; do
    if [[ -z $nvcc ]]; then nvcc=$(command -v "$candidate" || true); fi
done

# nvcc knows no @file
flags=()
while IFS= read -r flag; do
    if [[ -n $flag ]]; then flags+=("$flag"); fi
done < <(sed 's/^-isystem/-isystem=/' "$flags_file")

shopt -s nullglob
for file in "$here"/*.cu; do
    name="$(basename "$file" .cu) (nvcc)"
    if [[ -z $nvcc ]]; then
        skipped "$name" "nvcc is not installed"
    elif "$nvcc" -std=c++20 -arch=sm_90 --expt-relaxed-constexpr -Werror all-warnings -Xcompiler -Wall,-Wextra "${flags[@]}" \
            -c "$file" -o "$work/object.o" >"$work/log" 2>&1; then
        passed "$name"
    else
        failed "$name" "does not compile" "$work/log"
    fi
done
finish
