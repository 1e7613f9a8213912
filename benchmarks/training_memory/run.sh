#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Peak memory and share of time without data of a training run on a simulated genome of 100 Mb with two tracks. Prints a Markdown table.
#
#   benchmarks/training_memory/run.sh FACTORNET [bases, default 100e6]
set -euo pipefail
if (( $# < 1 )); then sed -n '4,6s/^# \{0,1\}//p' "$0"; exit 2; fi
factornet=$1 size=${2:-100e6}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$factornet" simulate "$work/sim" --size "$size" --cells A --factors 1 --quiet
echo "| genome | --memory | peak resident memory | waiting for data | windows/s |"
echo "|---|---|---|---|---|"
for memory in none 50M; do
    options=()
    [[ $memory == none ]] || options=(--memory "$memory" --scratch "$work")
    rm -rf "$work/model"
    peak=$(python3 - "$factornet" train -i "$work/sim/cells/A" -f TF1 --genome "$work/sim/genome.fa" --annotations "$work/sim/resources" -v chr3 -t chr4 -L 1000 -e 1 \
        "${options[@]}" --quiet -o "$work/model" <<'PYTHON'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
PYTHON
)
    awk -F, -v genome="$size" -v memory="$memory" -v peak="$peak" 'NR == 2 { printf "| %.0f Mb | %s | %d MB | %.1f %% | %.0f |\n", genome / 1e6, memory, peak, 100 * $8, $9 }' "$work/model/history.csv"
done
