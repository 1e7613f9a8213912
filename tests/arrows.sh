#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Checks the includes of the library: modules depend on each other one way only, and plain headers need no CUDA.
#
#   tests/arrows.sh [FOLDER]     FOLDER holds chromatid/ (default: include/ of this checkout)
#
# core <- tensor <- backend <- layer <- network <- {loss, optim} <- train; {core, tensor} <- genome <- io <- dataset <- train;
# {network, genome} <- {eval, interpret, serialize}, {network, dataset} <- scan, serialize reads and writes files through io, and train may use serialize and eval.
# chromatid.hpp, cuda.cuh, fwd.hpp and version.hpp at the top belong to no module; only the last two may be included from inside.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/support/cases.sh"
include=${1-$here/../include}

network="core tensor backend layer network"
declare -A may_include=(
    [core]="core"
    [tensor]="core tensor"
    [backend]="core tensor backend"
    [layer]="core tensor backend layer"
    [network]="$network"
    [loss]="$network loss"
    [optim]="$network optim"
    [genome]="core tensor genome"
    [io]="core tensor genome io"
    [dataset]="core tensor genome io dataset"
    [train]="$network loss optim genome io dataset serialize eval train"
    [eval]="$network genome eval"
    [scan]="$network genome io dataset scan"
    [interpret]="$network genome interpret"
    [serialize]="$network genome io serialize"
)

cd "$include"
found="$work/found"

# report RULE: one case, failed by the lines in $found
report() {
    if [[ -s $found ]]; then failed "$1" "$(wc -l <"$found") place(s)" "$found"; else passed "$1"; fi
}

mapfile -t headers < <(find chromatid \( -name '*.hpp' -o -name '*.cuh' \) | sort)
if (( ${#headers[@]} == 0 )); then
    failed headers "there is no header below $include/chromatid"
    finish
fi

# every include as "file:line header", without the brackets
includes="$work/includes"
awk 'match($0, /^[ \t]*#[ \t]*include[ \t]*[<"]/) {
    header = substr($0, RLENGTH + 1); quoted = substr($0, RLENGTH, 1) == "\""; sub(/[>"].*/, "", header)
    print FILENAME ":" FNR, header, quoted ? "quoted" : "angled"
}' "${headers[@]}" >"$includes"

for folder in chromatid/*/; do
    module=$(basename "$folder")
    if [[ -z ${may_include[$module]-} ]]; then
        failed "module_$module" "no arrow says what $module may include: add it to tests/arrows.sh"
        continue
    fi
    awk -v module="$module" -v allowed="${may_include[$module]}" '
        BEGIN { split(allowed, names, " "); for (i in names) ok[names[i]] = 1 }
        index($1, "chromatid/" module "/") == 1 && $2 ~ /^chromatid\// {
            split($2, part, "/")
            top = part[2]
            if (!(top in ok) && $2 != "chromatid/fwd.hpp" && $2 != "chromatid/version.hpp")
                print $1 ": " module " must not include <" $2 ">: it may use " allowed
        }' "$includes" >"$found"
    report "arrows_of_$module"
done

awk '$3 == "quoted" { print $1 ": write <chromatid/...> for \"" $2 "\"" }' "$includes" >"$found"
report includes_are_angled

awk '$2 ~ /^chromatid\// { print }' "$includes" | while read -r place header _; do
    [[ -f $header ]] || echo "$place: there is no $header"
done >"$found"
report included_headers_exist

awk '$1 ~ /\.hpp:/ && $2 ~ /\.cuh$/ { print $1 ": a .hpp must not include <" $2 ">" }
     $1 ~ /\.hpp:/ && $1 !~ /^chromatid\/backend\/cuda\// && $2 ~ /^(cuda|cublas|cudnn|nccl|cub\/|thrust\/|device_launch)/ {
         print $1 ": only backend/cuda may include <" $2 ">"
     }' "$includes" >"$found"
report plain_headers_need_no_cuda

for header in "${headers[@]}"; do
    lines=$(wc -l <"$header")
    if (( lines > 500 )); then echo "$header: $lines lines, 500 at most"; fi
done >"$found"
report no_header_over_500_lines

for header in "${headers[@]}"; do
    [[ $(head -n 1 "$header") == "// SPDX-License-Identifier: MIT" ]] || echo "$header: the first line does not name the licence"
    grep -q '^#pragma once$' "$header" || echo "$header: has no #pragma once"
done >"$found"
report headers_begin_with_licence_and_guard

finish
