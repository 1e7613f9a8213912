#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Holds what ptxas says of the kernels against budget.txt: registers at most as many, no stack beyond it, no spills, and no kernel that
# the file does not know or that is no longer there.
#
#   tests/cuda/budget.sh check LOG...     LOG: what nvcc -Xptxas -v printed, for one or more architectures
#   tests/cuda/budget.sh write LOG...     rewrites budget.txt from it
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/cases.sh"
budget=${CHROMATID_CUDA_BUDGET-$here/budget.txt}
what=${1-}
if (( $# < 2 )) || [[ $what != check && $what != write ]]; then sed -n '4,9s/^# \{0,1\}//p' "$0" >&2; exit 2; fi
shift

# kernels LOG...: lines "arch registers stack spills kernel", the kernel's name without namespaces
kernels() {
    cat "$@" | c++filt | awk '
        /Compiling entry function/ {
            arch = $0; sub(/.* for .sm_/, "sm_", arch); sub(/[^a-z0-9_].*/, "", arch)
            name = $0; sub(/.*entry function ./, "", name); sub(/. for .sm_.*/, "", name)
            if (name !~ /run_kernel</) { name = ""; next }
            sub(/^[^<]*</, "", name); sub(/ *>\([^)]*\)$/, "", name)
            gsub(/chromatid::(cuda::|test::)?(detail::)?/, "", name); gsub(/\(int\)|\(bool\)/, "", name); gsub(/ *>/, ">", name)
        }
        / bytes stack frame/ && name != "" { stack = $1; spills = $5 + $9 }
        /: Used [0-9]+ registers/ && name != "" {
            registers = $0; sub(/.*Used /, "", registers); sub(/ .*/, "", registers)
            print arch, registers, stack, spills, name
            name = ""
        }' | sort -u -k5 -k1,1
}

if [[ $what == write ]]; then
    {
        echo "# Kernels of the published sizes: architecture, most registers, most bytes of stack, bytes of spills (always 0), kernel."
        echo "# Registers are rounded up to eights, as devices hand them out."
        echo "# tests/cuda/compile.sh holds the build against it and says how to write it anew."
        kernels "$@" | awk '{ r = int(($2 + 7) / 8) * 8; $2 = r > 255 ? 255 : r; print }'
    } >"$work/budget"
    cp "$work/budget" "$budget"
    echo "wrote $(grep -vc '^#' "$budget") kernels to $budget"
    exit
fi

kernels "$@" >"$work/found"
if [[ ! -s $work/found ]]; then
    failed "budget (nvcc)" "ptxas has reported no kernel"
    finish
fi
name_and_arch='{ arch = $1; registers = $2; stack = $3; spills = $4; $1 = $2 = $3 = $4 = ""; sub(/^ +/, ""); key = arch " " $0 }'
awk "$name_and_arch"'
    FILENAME == ARGV[1] { if (arch != "#") { r[key] = registers; s[key] = stack } next }
    {
        seen[key] = 1
        if (!(key in r)) print "is not in budget.txt (" registers " registers): " key
        else if (registers > r[key] + 0) print registers " registers, " r[key] " in budget.txt: " key
        if (key in r && stack > s[key] + 0) print stack " bytes of stack, " s[key] " in budget.txt: " key
        if (spills > 0) print spills " bytes of spills: " key
    }
    END { for (k in r) if (!(k in seen)) print "is in budget.txt and no longer built: " k }' "$budget" "$work/found" >"$work/problems"
if [[ -s $work/problems ]]; then
    failed "budget (nvcc)" \
        "$(wc -l <"$work/problems") kernel(s); where that is meant: tests/cuda/compile.sh --write-budget FLAGS_FILE" "$work/problems"
else
    passed "budget (nvcc), $(wc -l <"$work/found") kernels"
fi
finish
