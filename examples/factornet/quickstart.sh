#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# From a fresh checkout to scored windows: installs what is needed, builds the factornet program, makes a small genome, cell and model, and
# predicts. Ends with a table of the best windows and a bigWig.
#
#   examples/factornet/quickstart.sh [directory for the results, default: build/quickstart]
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
if [[ ${1-} == -h || ${1-} == --help ]]; then sed -n '4,7s/^# \{0,1\}//p' "$0"; exit 0; fi
out=${1:-$root/build/quickstart}

"$root/cmake/install-debian-packages.sh"
cmake -S "$root" -B "$root/build/examples" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCHROMATID_BUILD_TESTS=OFF >/dev/null
cmake --build "$root/build/examples" --target factornet --parallel "$(nproc)"
factornet=$root/build/examples/examples/factornet/factornet

mkdir -p "$out"
"$factornet" demo "$out"
predict=("$factornet" predict -i "$out/cell" -m "$out/model" -f DEMO -b "$out/windows.bed" --genome "$out/genome.fa")
"${predict[@]}" -o "$out/scores.tsv.gz"
"${predict[@]}" -o "$out/scores.bw" --format bigwig --quiet

echo
echo "The ten best windows (the demo plants the site ACCGGAAGTG every 2 kb, two thirds of them in open chromatin):"
printf 'chromosome\tstart\tend\tscore\n'
gzip -dc "$out/scores.tsv.gz" | sort -t "$(printf '\t')" -k4,4gr -k1,1 -k2,2n | awk 'NR <= 10'
echo
echo "all windows      $out/scores.tsv.gz"
echo "for a browser    $out/scores.bw"
echo "the model        $factornet inspect $out/model"
