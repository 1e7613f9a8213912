#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Time and memory of `factornet scan` over a whole genome of 12 Mb: sacCer3, bins of 200 bases every 50, both strands, to bigWig, with the published program's default network (L 1000,
# 32 kernels of 26, LSTM 32, dense 128) after one epoch. All cores. Prints a line.
#
#   benchmarks/yeast_scan/run.sh FACTORNET DATA      DATA holds sacCer3.fa.gz, ATAC_Tn5_cuts.bw, ATAC_fragcov.bw and peaks/
set -euo pipefail
if (( $# != 2 )); then sed -n '4,7s/^# \{0,1\}//p' "$0"; exit 2; fi
factornet=$1 data=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/cell"
printf '%s\tcuts\n%s\tcoverage\n' "$data/ATAC_Tn5_cuts.bw" "$data/ATAC_fragcov.bw" >"$work/cell/bigwig.txt"
printf '%s\tReb1\t%s\n' "$data/peaks/Reb1.bed" "$data/peaks/Reb1.bed" >"$work/cell/chip.txt"
"$factornet" train -i "$work/cell" -f Reb1 --genome "$data/sacCer3.fa.gz" --blacklist none -v chrVII -t chrIV chrXII -e 1 --quiet -o "$work/model"
python3 - "$factornet" scan -i "$work/cell" -m "$work/model" --genome "$data/sacCer3.fa.gz" --blacklist none --quiet --json -o "$work/scores.bw" <<'PYTHON'
import json, resource, subprocess, sys, time
start = time.time()
said = json.loads(subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout)
seconds = time.time() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{said['windows']:,} bins in {seconds:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of processor time, {used.ru_maxrss / 1024:.0f} MB at most, {said['threads']} threads")
PYTHON
