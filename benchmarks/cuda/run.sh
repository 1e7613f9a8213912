#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Measures the CUDA backend beside PyTorch on this machine's GPU and writes benchmarks/results/cuda.md and cuda.json; made for ten minutes.
#
#   benchmarks/cuda/run.sh [--out FOLDER] [--program FILE] [--build-only] [--no-torch] [arguments of cuda_benchmark]
#
#   --out         folder of the results, default benchmarks/results
#   --program     a cuda_benchmark that was built elsewhere, for machines without a compiler
#   --build-only  builds, and measures nothing
#   --no-torch    leaves PyTorch out
#
# Arguments of cuda_benchmark: --precision P and --batch N, each as often as wanted, --samples N, --device N.
#
# Needs nvcc (CUDACXX, in PATH or in /usr/local/cuda) and Eigen's headers (EIGEN_ROOT, default /usr/include/eigen3); builds in
# build/cuda-benchmark for sm_80 and sm_90, or the architectures of CUDAARCHS ("90"), with PTX of the last one for newer GPUs. PyTorch is
# taken from python3 (PYTHON) if it is there. Without a GPU it says so before it builds, exit code 1; --build-only needs none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
command="benchmarks/cuda/run.sh $*" command=${command//[\"\\]/}
out=$root/benchmarks/results program="" build_only=false torch=true rest=() device=0 batches=()
while (( $# > 0 )); do
    case $1 in
        --out | --program)
            if (( $# < 2 )); then echo "error: $1 needs a value; see benchmarks/cuda/run.sh --help" >&2; exit 2; fi
            if [[ $1 == --out ]]; then out=$2; else program=$2; fi
            shift
            ;;
        --build-only) build_only=true ;;
        --no-torch) torch=false ;;
        -h | --help) sed -n '4,18s/^# \{0,1\}//p' "$0"; exit 0 ;;
        --device | --batch)
            if [[ ! ${2-} =~ ^[0-9]+$ ]]; then echo "error: $1 needs a number; see benchmarks/cuda/run.sh --help" >&2; exit 2; fi
            if [[ $1 == --device ]]; then device=$2; else batches+=("$1" "$2"); fi
            rest+=("$1" "$2")
            shift
            ;;
        *) rest+=("$1") ;;
    esac
    shift
done

if ! $build_only && ! nvidia-smi -L 2>/dev/null | grep -q '^GPU'; then
    echo "error: no CUDA device: nvidia-smi lists no GPU" >&2
    exit 1
fi

build=$root/build/cuda-benchmark
mkdir -p "$build"
if [[ -z $program ]]; then
    nvcc=${CUDACXX-}
    for candidate in nvcc /usr/local/cuda/bin/nvcc; do
        if [[ -z $nvcc ]]; then nvcc=$(command -v "$candidate" || true); fi
    done
    if [[ -z $nvcc ]]; then
        echo "error: nvcc is not installed; give --program FILE with a cuda_benchmark that was built elsewhere" >&2
        exit 1
    fi
    code=()
    for arch in ${CUDAARCHS-80 90}; do code+=(-gencode "arch=compute_$arch,code=sm_$arch"); done
    code+=(-gencode "arch=compute_$arch,code=compute_$arch")
    toolkit=$(dirname "$(dirname "$(realpath "$nvcc")")")
    flags=(-std=c++20 -O3 -DNDEBUG -DEIGEN_NO_CUDA -DEIGEN_DONT_PARALLELIZE "${code[@]}"
        -Werror all-warnings -Xcompiler -Wall,-Wextra,-Wno-restrict
        -I"$root/include" -isystem="${EIGEN_ROOT-/usr/include/eigen3}")
    # as many at a time as there are processors
    printf '%s\n' main exact32 tf32 f16 bf16 |
        xargs -P "$(nproc)" -I{} "$nvcc" "${flags[@]}" -c "$here/{}.cu" -o "$build/{}.o"
    program=$build/cuda_benchmark
    "$nvcc" -cudart shared "${code[@]}" "$build"/{main,exact32,tf32,f16,bf16}.o -o "$program" \
        -L"$toolkit/lib64" -Xlinker "-rpath=$toolkit/lib64" -lcublasLt -l:libcudnn.so.9 -lpthread
fi
if $build_only; then exit 0; fi

"$program" "$build/ours.json" "${rest[@]}"
echo '{"torch": null, "rows": [{"program": "torch", "problem": "torch absent: left out with --no-torch"}]}' >"$build/torch.json"
if $torch; then "${PYTHON-python3}" "$here/torch_peer.py" "$build/torch.json" --device "$device" "${batches[@]}"; fi
query() { nvidia-smi --query-gpu="$1" --format=csv,noheader --id="$device"; }
cat >"$build/facts.json" <<FACTS
{"gpu": "$(query name)", "clocks": "SM $(query clocks.sm) of $(query clocks.max.sm), memory $(query clocks.mem)",
 "driver": "$(query driver_version)", "date": "$(date -u +%Y-%m-%d)", "commit": "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)", "command": "$command"}
FACTS
"${PYTHON-python3}" "$here/report.py" "$build/ours.json" "$build/torch.json" "$build/facts.json" "$out"
echo "wrote $out/cuda.md and cuda.json"
