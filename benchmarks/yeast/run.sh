#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Trains FactorNets on real yeast data, beside the same network in PyTorch on the same batches and beside a motif scan, and writes the table
# benchmarks/results/yeast.md.
#
#   benchmarks/yeast/run.sh DATA [WORK]
#
#   DATA   folder with sacCer3.fa.gz, sacCer3.chrom.sizes, ATAC_Tn5_cuts.bw, ATAC_fragcov.bw and peaks/FACTOR.bed (ChIP-exo sites, Rossi et al. 2021)
#   WORK   where models and scores go (default: build/yeast); what is there already is not made again
#
# FACTORS, SEEDS, JOBS in the environment change what is run; WITHOUT_TORCH=1 leaves the peer out.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
if (( $# < 1 )) || [[ $1 == -h || $1 == --help ]]; then sed -n '4,13s/^# \{0,1\}//p' "$0"; exit 2; fi
data=$(cd "$1" && pwd)
work=${2:-$root/build/yeast}
factors=${FACTORS:-Reb1 Fkh1 Mcm1 Ume6 Cbf1 Tbf1 Hsf1 Swi4 multi}
seeds=${SEEDS:-1 2 3}
mkdir -p "$work/cell"

build=$root/build/benchmarks
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCHROMATID_BUILD_TESTS=OFF -DCHROMATID_BUILD_BENCHMARKS=ON >/dev/null
cmake --build "$build" --target factornet export_batches scale_track
export factornet=$build/examples/factornet/factornet export_batches=$build/benchmarks/export_batches
export root data work

# ---- the cell: scaled tracks, sites; without the rDNA repeat, whose reads pile up

if [[ ! -e $work/cell/bigwig.txt ]]; then
    "$build/benchmarks/scale_track" "$data/ATAC_Tn5_cuts.bw" "$work/cell/cuts.bw" 0.2
    "$build/benchmarks/scale_track" "$data/ATAC_fragcov.bw" "$work/cell/coverage.bw" 0.1
    for peaks in "$data"/peaks/*.bed; do printf '%s\t%s\t%s\n' "$peaks" "$(basename "$peaks" .bed)" "$peaks"; done >"$work/cell/chip.txt"
    printf 'chrXII\t451000\t468500\n' >"$work/rdna.bed"
    awk '($1 == "chrIV" || $1 == "chrXII") { for (s = 0; s + 200 <= $2; s += 50) print $1 "\t" s "\t" s + 200 }' "$data/sacCer3.chrom.sizes" >"$work/bins.bed"
    awk -f "$root/benchmarks/yeast/motifs.awk" "$root/benchmarks/yeast/consensus.tsv" >"$work/motifs.meme"
    cp "$data/sacCer3.fa.gz" "$work/genome.fa.gz"
    printf 'cuts.bw\tcuts\ncoverage.bw\tcoverage\n' >"$work/cell/bigwig.txt"
fi

# ---- one factor (or all: "multi") with one seed

one() {
    local factor=$1 seed=$2 run=$work/$1.$2 scored=$work/$1
    local common=(-i "$work/cell" --genome "$work/genome.fa.gz" --blacklist "$work/rdna.bed")
    local epochs=60 network=(-L 200 -w 16 --pool 8 --gates logistic --init standard --lstm-dropout 0 -p 0.1 --reverse-complement)
    local course=(-v chrVII -t chrIV chrXII --threads 1 -s "$seed" --quiet)
    if [[ $factor == multi ]]; then epochs=50 course+=(--label-rule challenge -lr 0.003 -n 1 --batch 32 -ep 12 -k 48 -r 16 -d 64)
    else course+=(-f "$factor" -lr 0.002 -n 10 --batch 32 -ep 15 -k 32 -r 16 -d 32); fi
    [[ $factor == multi ]] && scored=$work/multi
    measure() {  # NAME SCORES FACTOR
        [[ -s $work/$1.$3.json ]] || "$factornet" evaluate -p "$2" --peaks "$data/peaks/$3.bed" --relaxed "$data/peaks/$3.bed" --rule challenge \
            --blacklist "$work/rdna.bed" --json >"$work/$1.$3.json" 2>>"$work/log.txt"
    }
    local tasks=$factor
    [[ $factor == multi ]] && tasks=$(awk '{ print $2 }' "$work/cell/chip.txt")
    if [[ ! -e $run/final.safetensors ]]; then "$factornet" train "${common[@]}" "${network[@]}" "${course[@]}" -e "$epochs" -oc "$run"; fi
    for task in $tasks; do
        [[ -s $run.$task.tsv.gz ]] || "$factornet" predict "${common[@]}" -m "$run" -f "$task" -b "$work/bins.bed" --threads 1 --quiet -o "$run.$task.tsv.gz"
        measure "chromatid.$factor.$seed" "$run.$task.tsv.gz" "$task"
    done
    if [[ -z ${WITHOUT_TORCH-} && ! -e $run.torch/history.json ]]; then
        "$export_batches" "$run" "$run.batches" --epochs "$epochs" --bed "$work/bins.bed" >>"$work/log.txt" 2>&1
        python3 "$root/benchmarks/peers/train_torch.py" "$run.batches" "$run.torch" --seed "$seed" --threads 1 >>"$work/log.txt" 2>&1
        if [[ $seed == 1 && $factor != multi ]]; then
            python3 "$root/benchmarks/peers/motif_scan.py" "$run.batches" "$run.scan" --meme "$work/motifs.meme" --motif "$factor" --track 1 >>"$work/log.txt" 2>&1
            for kind in motif signal motif_signal; do measure "$kind" "$run.scan/$kind.tsv" "$factor"; done
        fi
        rm -rf "$run.batches"
    fi
    if [[ -e $run.torch/history.json ]]; then
        for task in $tasks; do measure "torch.$factor.$seed" "$run.torch/scores.$task.tsv" "$task"; done
    fi
    echo "$factor, seed $seed: done"
}
export -f one

for seed in $seeds; do for factor in $factors; do echo "$factor $seed"; done; done |
    xargs -P "${JOBS:-$(nproc)}" -L 1 bash -c 'set -euo pipefail; one "$0" "$1"'
python3 "$root/benchmarks/yeast/report.py" "$work" >"$root/benchmarks/results/yeast.md"
echo "wrote benchmarks/results/yeast.md"
