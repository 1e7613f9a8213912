#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# From a fresh checkout to a trained, evaluated FactorNet, in a few minutes: installs what is needed, builds the factornet program, makes a genome
# with three cell types, trains two models on two of them, scores a chromosome held out in the third, averages both, and prints how well
# bound bins are told from the others. Exit code 1 where the average of both models stays below an auPR of 0.8.
#
#   examples/factornet/quickstart.sh [directory for the results, default: build/quickstart; what an earlier run left there is replaced]
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
case ${1-} in
    -h | --help) sed -n '4,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "error: unknown option \"$1\"; see $0 --help" >&2; exit 2 ;;
esac
out=${1:-$root/build/quickstart}
data=$out/data

"$root/cmake/install-debian-packages.sh"
cmake -S "$root" -B "$root/build/examples" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCHROMATID_BUILD_TESTS=OFF >/dev/null
cmake --build "$root/build/examples" --target factornet --parallel "$(nproc)"
factornet=$root/build/examples/examples/factornet/factornet

mkdir -p "$out"
if [[ ! -e $data/chrom.sizes && -n $(ls -A "$data" 2>/dev/null) ]]; then
    echo "error: $data holds files of another kind; give a directory for the results: $0 DIRECTORY" >&2
    exit 1
fi
"$factornet" simulate "$data" --size 4e6 --cells A,B,C --force --quiet

# Small windows and a small network, for the sake of time; published models read 1,000 bp.
genome=(--genome "$data/genome.fa" --annotations "$data/resources")
network=(-L 200 -w 16 -k 32 -r 16 -d 32 --pool 8 -p 0.2 --lstm-dropout 0 --gates logistic --init standard)
for model in 1 2; do
    echo
    echo "== model $model: factor TF1 in the cells A and B, chr1 and chr2; chr3 to validate"
    "$factornet" train -i "$data/cells/A" "$data/cells/B" -f TF1 "${genome[@]}" -v chr3 -t chr4 "${network[@]}" \
        -e 30 -lr 0.003 -n 3 --reverse-complement -s "$model" -oc "$out/model$model"
    "$factornet" predict -i "$data/cells/C" -m "$out/model$model" -b "$data/labels/chr4.bins.bed.gz" "${genome[@]}" -o "$out/model$model.tsv.gz" --quiet
done
"$factornet" ensemble "$out/model1.tsv.gz" "$out/model2.tsv.gz" -o "$out/ensemble.tsv.gz" --quiet
"$factornet" predict -i "$data/cells/C" -m "$out/model1" -b "$data/labels/chr4.bins.bed.gz" "${genome[@]}" -o "$out/model1.bw" --format bigwig --quiet

# One row of the table: a title, and the auROC, the auPR (Davis and Goadrich) and the recall at 10 % false discoveries of some scores.
row() {
    "$factornet" evaluate -p "$2" --labels "$data/labels/TF1.chr4.labels.tsv.gz" --cell C -o "$out/measures.tsv" --quiet >/dev/null || {
        echo "error: $2 could not be evaluated" >&2
        exit 1
    }
    mv "$out/measures.tsv" "$out/$1.measures.tsv"
    awk -F '\t' -v title="$3" '
        NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i }
        $1 == "all" { printf "%-36s %7.4f %7.4f %12.4f\n", title, $column["auroc"], $column["auprc_davis_goadrich"], $column["recall_at_10_fdr"] }
    ' "$out/$1.measures.tsv"
}

echo
echo "TF1 on chr4 of cell C; neither was seen in training."
printf '%-36s %7s %7s %12s\n' scores auROC auPR 'recall@10%'
row mappability "$data/resources/Unique35.bw" "mappability (Unique35)"
row DGF "$data/cells/C/DGF.bw" "DNase cuts (DGF), no training"
row model1 "$out/model1.tsv.gz" "model 1"
row model2 "$out/model2.tsv.gz" "model 2"
row ensemble "$out/ensemble.tsv.gz" "both, mean rank"
cat <<END

the models       $out/model1, $out/model2   (factornet inspect DIRECTORY shows one)
how they learned $out/model1/history.csv, $out/model2/history.csv
scores of bins   $out/model1.tsv.gz, $out/model2.tsv.gz, $out/ensemble.tsv.gz
for a browser    $out/model1.bw with $data/genome.fa
all measures     $out/*.measures.tsv
the program      $factornet
END

awk -F '\t' '
    NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i }
    $1 == "all" { area = $column["auprc_davis_goadrich"] }
    END { if (!(area >= 0.8)) { printf "error: the auPR of both models is %.4f, below 0.8\n", area; exit 1 } }
' "$out/ensemble.measures.tsv" >&2
