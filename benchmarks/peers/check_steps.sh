#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Loss and gradients of a training step, chromatid against PyTorch, for the kinds of network that factornet train makes: same weights, windows
# and dropout masks. Fails where a loss differs by more than 1e-6, or a gradient by more than 1e-5 of its array's largest (1e-4 where the first weights
# are so large that LSTM units saturate: their slopes 1 - tanh^2 magnify the 2e-7 that the two tanh functions differ by). Needs torch and numpy.
#
#   benchmarks/peers/check_steps.sh FACTORNET EXPORT_BATCHES
set -euo pipefail
if [[ $# != 2 || $1 == -* ]]; then sed -n '4,8s/^# \{0,1\}//p' "$0"; exit 2; fi
factornet=$1 export_batches=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$factornet" simulate "$work/sim" --size 4e5 --stranded --quiet
base=(train --genome "$work/sim/genome.fa" --annotations "$work/sim/resources" -v chr3 -t chr4 -L 301 -w 19 -k 12 -d 20 -e 1 --quiet)
one=(-i "$work/sim/cells/A" "$work/sim/cells/B" -f TF1)
failures=0 tolerance=1e-5
check() {
    local name=$1
    shift
    rm -rf "$work/run" "$work/data"
    [[ " $* " == *" -r "* ]] || set -- "$@" -r 7
    "$factornet" "${base[@]}" "$@" -o "$work/run"
    "$export_batches" "$work/run" "$work/data" --epochs 1
    echo "== $name"
    "$here/train_torch.py" "$work/data" --step-check --tolerance $tolerance || { echo "FAILED: $name"; failures=$((failures + 1)); }
}
check "hard_sigmoid gates" "${one[@]}"
check "logistic gates" "${one[@]}" --gates logistic
check "logistic gates without dropout, torch's own LSTM" "${one[@]}" --gates logistic --lstm-dropout 0
check "pooling alone" "${one[@]}" -r 0
check "largest value of the window" "${one[@]}" -r -1
check "metadata and annotations" "${one[@]}" -m -g
check "metadata, pooling alone" "${one[@]}" -m -r 0
check "several factors" -i "$work/sim/cells/A"
check "several factors, ambiguous bins, windows from either strand" -i "$work/sim/cells/A" --label-rule challenge --reverse-complement
check "no dropout behind the LSTM" "${one[@]}" -p 0
tolerance=1e-4
check "saturated units" "${one[@]}" --init standard -p 0
echo "$failures of 11 kinds differ"
((failures == 0))
