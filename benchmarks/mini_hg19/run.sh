#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Trains on real human sequence and MAX peaks, and scores bins of chr22 for MAX in K562, beside what the tracks tell by themselves. Prints a table.
#
#   benchmarks/mini_hg19/run.sh DATA RESOURCES [WORK]
#
#   DATA       folder with mini.fa.gz, mini.chrom.sizes, mini.labelled_regions.bed, *.bw and peaks/ (real hg19 in five pieces, the rest N)
#   RESOURCES  folder of the annotation BED files and the blacklist of FactorNet's repository
#   WORK       default: build/mini_hg19
#
# The dense tracks of this set, stand-ins for accessibility, lie on chr22 alone. A network trained on the other chromosomes can therefore learn nothing of
# them: it gets sequence and annotations ("chr22 held out"). To show one that reads tracks, chr22's two labelled regions take turns: each is scored by
# networks trained on the other ("each half by the other").
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
if (( $# < 2 )); then sed -n '4,16s/^# \{0,1\}//p' "$0"; exit 2; fi
data=$(cd "$1" && pwd)
resources=$(cd "$2" && pwd)
work=${3:-$root/build/mini_hg19}
mkdir -p "$work"
cmake -S "$root" -B "$root/build/benchmarks" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCHROMATID_BUILD_TESTS=OFF -DCHROMATID_BUILD_BENCHMARKS=ON >/dev/null
cmake --build "$root/build/benchmarks" --target factornet scale_track >/dev/null
factornet=$root/build/benchmarks/examples/factornet/factornet scale_track=$root/build/benchmarks/benchmarks/scale_track

cells=()
for cell in K562 A549 GM12878 H1-hESC HCT116 HeLa-S3 HepG2; do
    mkdir -p "$work/$cell"
    printf '%s\tMAX\n' "$data/peaks/ChIPseq.$cell.MAX.conservative.train.narrowPeak.gz" >"$work/$cell/chip.txt"
    cells+=("$work/$cell")
done
# what is not labelled is left out; 100 bases at the edges, so that windows may come near them
awk 'NR == FNR { size[$1] = $2; next } { starts[$1] = starts[$1] " " $2; ends[$1] = ends[$1] " " $3 }
     END { for (c in size) { n = split(starts[c], s, " "); split(ends[c], e, " "); at = 0
                             for (i = 1; i <= n; ++i) { if (s[i] > at) print c "\t" at "\t" s[i]; at = e[i] }
                             if (at < size[c]) print c "\t" at "\t" size[c] } }' OFS='\t' "$data/mini.chrom.sizes" "$data/mini.labelled_regions.bed" >"$work/unlabelled.bed"
awk '$1 == "chr22" { for (s = $2 + 500; s + 700 <= $3; s += 50) print $1 "\t" s "\t" s + 200 }' "$data/mini.labelled_regions.bed" >"$work/bins.bed"

evaluate() {
    "$factornet" evaluate -p "$2" --bins "$work/bins.bed" --peaks "$data/peaks/ChIPseq.K562.MAX.conservative.train.narrowPeak.gz" --json 2>/dev/null |
        awk -v name="$1" -F'[:,]' '/"auroc"/ && !seen++ { auroc = $2 } /"auprc_davis_goadrich"/ && !auprc { auprc = $2 } /"bound"/ && !bound { bound = $2 }
                                   END { printf "| %s | %.3f | %.3f |\n", name, auroc, auprc }'
}

predict() {  # MODEL BINS SCORES
    "$factornet" predict -i "$work/K562" -m "$1" -b "$2" --genome "$data/mini.fa.gz" --annotations "$resources" --blacklist none --quiet -o "$3"
}
common=(-f MAX --genome "$data/mini.fa.gz" --sizes "$data/mini.chrom.sizes" --annotations "$resources" -L 500 -w 20 -k 32 -r 16 -d 32 --pool 10 -p 0.3
        --gates logistic --init standard --lstm-dropout 0 --reverse-complement -n 10 --batch 50 -lr 0.001 --quiet)

echo "| MAX in K562, chr22 ($(wc -l <"$work/bins.bed") bins) | auROC | auPR |"
echo "|---|---|---|"
for track in GM12878_STAT1 ENCFF826FLP_promoterChIP_fc; do evaluate "mean of $track in the bin" "$data/$track.bw"; done

scores=()
for seed in 1 2 3; do
    "$factornet" train "${common[@]}" -i "${cells[@]}" -g --no-tracks --blacklist "$work/unlabelled.bed" -v chr17 -t chr22 chr1 -e 30 -ep 6 -s "$seed" -oc "$work/model.$seed"
    predict "$work/model.$seed" "$work/bins.bed" "$work/scores.$seed.tsv.gz"
    scores+=("$work/scores.$seed.tsv.gz")
    evaluate "chr22 held out: sequence and annotations, peaks of 7 cells on chr17 and chr20, seed $seed" "$work/scores.$seed.tsv.gz"
done
"$factornet" ensemble "${scores[@]}" -o "$work/ensemble.tsv.gz" --quiet
evaluate "the three, ranks averaged" "$work/ensemble.tsv.gz"

"$scale_track" "$data/GM12878_STAT1.bw" "$work/STAT1.bw" 0.3
"$scale_track" "$data/ENCFF826FLP_promoterChIP_fc.bw" "$work/fold_change.bw" 0.3
printf '../STAT1.bw\tSTAT1\n../fold_change.bw\tfold_change\n' >"$work/K562/bigwig.txt"
scores=()
for seed in 1 2 3; do
    : >"$work/halves.$seed.tsv"
    while read -r start end; do
        { cat "$work/unlabelled.bed"; printf 'chr22\t%s\t%s\n' "$start" "$end"; } >"$work/left_out.bed"
        awk -v s="$start" -v e="$end" '$2 >= s && $3 <= e' "$work/bins.bed" >"$work/half.bed"
        "$factornet" train "${common[@]}" -i "$work/K562" --blacklist "$work/left_out.bed" -v none -t chr1 chr17 chr20 -e 15 -s "$seed" -oc "$work/half"
        predict "$work/half" "$work/half.bed" "$work/half.tsv"
        cat "$work/half.tsv" >>"$work/halves.$seed.tsv"
    done < <(awk '$1 == "chr22" { print $2, $3 }' "$data/mini.labelled_regions.bed")
    scores+=("$work/halves.$seed.tsv")
    evaluate "each half by the other: sequence and tracks, seed $seed" "$work/halves.$seed.tsv"
done
"$factornet" ensemble "${scores[@]}" -o "$work/halves.tsv.gz" --quiet
evaluate "the three, ranks averaged" "$work/halves.tsv.gz"
