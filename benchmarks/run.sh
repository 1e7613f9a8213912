#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Measures the processor backend beside its peers and writes benchmarks/results/cpu.md and cpu.json.
#
#   benchmarks/run.sh [--rounds N] [--core N] [--net small|big] [--setup] [DATA] [PART...]
#
#   PART      kernels, forward, scan, training_step, input; default: all. Parts that are not run keep their figures.
#   DATA      folder with genome.fa and track.bw to read in the part input (chromosome chr1); default: files are simulated
#   --rounds  turns of each contestant; default: each part's own
#   --core    the core that everything is pinned to, default 1
#   --net     one size of network only
#   --setup   installs packages (as root, or through sudo) first
#
# Builds in build/benchmarks, keeps peers from PyPI in build/benchmark-peers. A Python that has torch already lends it. A full run takes about ten minutes.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
rounds=() core=1 net=() data="" parts=() setup=false
while (( $# > 0 )); do
    case $1 in
        --rounds) rounds=(--rounds "$2"); shift ;;
        --core) core=$2; shift ;;
        --net) net=(--net "$2"); shift ;;
        --setup) setup=true ;;
        -h | --help) sed -n '4,16s/^# \{0,1\}//p' "$0"; exit 0 ;;
        kernels | forward | scan | training_step | input) parts+=("$1") ;;
        *) if [[ -d $1 ]]; then data=$(cd "$1" && pwd); else echo "error: unknown argument \"$1\"; see $0 --help" >&2; exit 2; fi ;;
    esac
    shift
done
(( ${#parts[@]} > 0 )) || parts=(kernels forward scan training_step input)
if $setup; then "$root/cmake/install-debian-packages.sh" --benchmarks; fi

peers=$root/build/benchmark-peers
if [[ ! -x $peers/bin/python ]]; then python3 -m venv --system-site-packages "$peers"; fi
"$peers/bin/pip" install --quiet --requirement "$root/benchmarks/requirements.txt"

build=$root/build/benchmarks
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCHROMATID_BUILD_TESTS=OFF -DCHROMATID_BUILD_BENCHMARKS=ON >/dev/null
targets=() programs=$build/benchmarks
for part in "${parts[@]}"; do
    case $part in
        kernels) targets+=(kernels) ;;
        forward) targets+=(forward_chromatid); if grep -q "forward_onednn:" <(cmake --build "$build" --target help); then targets+=(forward_onednn); fi ;;
        scan) targets+=(scan_chromatid) ;;
        training_step) targets+=(training_step) ;;
        input) targets+=(input_chromatid factornet) ;;
    esac
done
cmake --build "$build" --target "${targets[@]}" >/dev/null

measured=()
for part in "${parts[@]}"; do
    echo "## $part"
    arguments=("$programs")
    case $part in
        input)
            arguments+=("$build/input")
            if [[ -n $data ]]; then arguments+=(--fasta "$data/genome.fa" --bigwig "$data/track.bw")
            else arguments+=(--factornet "$build/examples/factornet/factornet"); fi ;;
        forward | scan | training_step) arguments+=("${net[@]}") ;;
    esac
    "$peers/bin/python" -W ignore "$root/benchmarks/$part/run.py" "${arguments[@]}" "${rounds[@]}" --core "$core" --json "$build/$part.json"
    measured+=("$build/$part.json")
done
"$peers/bin/python" "$root/benchmarks/report.py" "$root/benchmarks/results/cpu.md" "$root/benchmarks/results/cpu.json" "${measured[@]}"
