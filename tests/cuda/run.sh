#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Tests on a GPU, one command: builds the device tests for the GPU at hand, runs them, then a selection of them under compute-sanitizer's
# memcheck, racecheck, synccheck and initcheck, and writes one file of results: GPU, driver, date, command, and the outcome of each case.
# Made to take less than ten minutes. Without a GPU or nvcc it says so, counts everything as skipped and succeeds.
#
#   tests/cuda/run.sh [options]
#
#   --results FILE     where to write (default: benchmarks/results/device-tests.txt of this checkout)
#   --build DIR        objects and the program (default: build/device-tests of this checkout)
#   --program FILE     device_tests that was built elsewhere (tests/cuda/compile.sh --build DIR), for machines without a compiler
#   --budget           hold the kernels' registers against budget.txt too
#   --no-sanitizer     leave out compute-sanitizer
#   --help             print this
#
# Needs nvcc, cuDNN 9.8, Eigen 3 and Boost.Test. CHROMATID_SHARED_DATA (default: ../shared/data beside the checkout) holds the published
# weights; cases that need them are skipped where it is absent. The last line is "N passed, N failed, N skipped".
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
arguments=$*
results=$root/benchmarks/results/device-tests.txt
build=$root/build/device-tests
sanitize=yes
budget=
program=
while (( $# > 0 )); do
    case $1 in
        --results | --build | --program)
            if (( $# < 2 )); then echo "error: $1 needs a value; see tests/cuda/run.sh --help" >&2; exit 2; fi
            case $1 in
                --results) results=$2 ;;
                --build) build=$2 ;;
                --program) program=$(realpath -m "$2") ;;
            esac
            shift
            ;;
        --budget) budget=yes ;;
        --no-sanitizer) sanitize= ;;
        -h | --help) sed -n '4,19s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "error: unknown option \"$1\"; see tests/cuda/run.sh --help" >&2; exit 2 ;;
    esac
    shift
done
if [[ -n $program && ! -x $program ]]; then echo "error: --program $program: no such program" >&2; exit 2; fi
export LC_ALL=C PATH=$PATH:/usr/local/cuda/bin
tools=(memcheck racecheck synccheck initcheck)

no_device() {  # reason
    echo "skipped device_tests: $1"
    for tool in "${tools[@]}"; do echo "skipped $tool: $1"; done
    echo "0 passed, 0 failed, $((1 + ${#tools[@]})) skipped"
    exit 0
}
command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q '^GPU' || no_device "no CUDA device"
if [[ -z $program ]]; then command -v nvcc >/dev/null || no_device "nvcc is not installed (or give --program)"; fi

capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
if [[ $capability =~ ^[0-9]+$ ]] && (( capability < 80 )); then no_device "the GPU is sm_$capability, older than sm_80"; fi
mkdir -p "$build" "$(dirname "$results")"
eigen=/usr/include/eigen3
for folder in ${EIGEN3_ROOT-} /usr/local/include/eigen3; do if [[ -d $folder/Eigen ]]; then eigen=$folder; fi; done
printf '%s\n' "-I$root/include" "-isystem$eigen" -DEIGEN_DONT_PARALLELIZE >"$build/flags.txt"
if [[ -d /usr/include/hdf5/serial ]]; then echo -isystem/usr/include/hdf5/serial >>"$build/flags.txt"; fi

log=$build/run.log
{
    echo "command  tests/cuda/run.sh${arguments:+ $arguments}"
    echo "date     $(date -u '+%Y-%m-%d %H:%M UTC')"
    nvidia-smi --query-gpu=name,driver_version,clocks.sm,clocks.mem,memory.total --format=csv,noheader | sed 's/^/GPU      /'
    if command -v nvcc >/dev/null; then echo "toolkit  $(nvcc --version | tail -n 2 | head -n 1)"; fi
    if revision=$(git -C "$root" rev-parse --short HEAD 2>/dev/null); then echo "commit   $revision"; fi
    echo
} >"$log"
cat "$log"

# What no case prints is worth most when something hangs: everything goes to the screen and to the file.
outcome() { tee -a "$log"; }

if [[ -z $program ]]; then
    options=(--build "$build/objects" --arch "$capability" --no-run)
    if [[ -z $budget ]]; then options+=(--no-budget); fi
    CHROMATID_JOBS=${CHROMATID_JOBS-$(nproc)} "$root/tests/cuda/compile.sh" "${options[@]}" "$build/flags.txt" 2>&1 | outcome
    program=$build/objects/device_tests
fi

# count LOG: one line for each case, as a run of the program with --log_level=test_suite leaves it
count() {
    awk '
        /Test case "[^"]*" is skipped because/ {
            name = $0; sub(/.*Test case "/, "", name); sub(/".*/, "", name)
            why = $0; sub(/.*is skipped because (precondition failed: )?/, "", why); print "skipped " name ": " why
        }
        /Entering test suite/ { suite = $0; sub(/.*Entering test suite "/, "", suite); sub(/".*/, "", suite) }
        /Entering test case/ { name = $0; sub(/.*Entering test case "/, "", name); sub(/".*/, "", name); bad = ""; open = 1 }
        /error: in "/ && bad == "" { bad = $0; sub(/.*error: in "[^"]*": /, "", bad) }
        /Leaving test case/ { print (bad == "" ? "passed  " : "FAILED  ") suite "/" name (bad == "" ? "" : ": " bad); open = 0 }
        END { if (open) print "FAILED  " suite "/" name ": did not end" }' "$1"
}

if [[ -x $program ]]; then
    timeout --kill-after=10 300 "$program" --color_output=no --log_level=test_suite >"$build/cases.log" 2>&1 </dev/null
    status=$?
    count "$build/cases.log" >"$build/cases.txt"
    outcome <"$build/cases.txt"
    if (( status != 0 )) && ! grep -q '^FAILED' "$build/cases.txt"; then echo "FAILED  device_tests: exit code $status" | outcome; fi

    # few threads and small sizes: a sanitizer makes kernels some hundred times slower
    short='--run_test=fragment_probe,device,sanitized:!fragment_probe/*_emulated:!device/*_emulated'
    for tool in "${tools[@]}"; do
        if [[ -z $sanitize ]]; then echo "skipped $tool: --no-sanitizer" | outcome; continue; fi
        if ! command -v compute-sanitizer >/dev/null; then echo "skipped $tool: compute-sanitizer is not installed" | outcome; continue; fi
        options=()
        # calls that fail are for the cases to judge: some ask for it, and libraries probe
        if [[ $tool == memcheck ]]; then options=(--leak-check no --report-api-errors no); fi
        timeout --kill-after=10 100 compute-sanitizer --tool "$tool" "${options[@]}" --error-exitcode 99 --print-limit 20 \
            "$program" --color_output=no "$short" >"$build/$tool.log" 2>&1 </dev/null
        status=$?
        if (( status == 0 )); then
            echo "passed  $tool" | outcome
        else
            echo "FAILED  $tool: exit code $status" | outcome
            grep -m 20 -E '=========|error: in' "$build/$tool.log" | sed 's/^/        /' | outcome
        fi
    done
fi

passed=$(grep -c '^passed' "$log")
failed=$(grep -c '^FAILED' "$log")
skipped=$(grep -c '^skipped' "$log")
{ cat "$log"; echo "$passed passed, $failed failed, $skipped skipped"; } >"$results.tmp"
mv "$results.tmp" "$results"
echo "results: $results"
echo "$passed passed, $failed failed, $skipped skipped"
(( failed == 0 && passed > 0 ))
