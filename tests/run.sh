#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Sets up a fresh Debian 12, builds everything and runs every test. The last line is "N passed, N failed, N skipped".
#
#   tests/run.sh [options]
#
#   --quick            leave out the sanitizer build and the examples' quick starts
#   --build-dir DIR    build below DIR (default: build/ of this checkout)
#   --jobs N           compile N files at a time (default: the number of processors)
#   --no-install       do not install Debian packages
#   --help             print this
#
# Real data is read from CHROMATID_SHARED_DATA (environment; default: ../shared/data beside the checkout); tests that need it are
# skipped, and counted as such, where it is absent. Exit code 0: something ran and nothing failed; 1 otherwise; 2: wrong usage.
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build
jobs=$(nproc)
quick=
install=yes

while (( $# > 0 )); do
    case $1 in
        --quick) quick=yes ;;
        --no-install) install= ;;
        --build-dir | --jobs)
            if (( $# < 2 )); then echo "error: $1 needs a value; see tests/run.sh --help" >&2; exit 2; fi
            if [[ $1 == --jobs ]]; then jobs=$2; else mkdir -p "$2" && build=$(cd "$2" && pwd); fi
            shift
            ;;
        -h | --help) sed -n '4,16s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "error: unknown option \"$1\"; see tests/run.sh --help" >&2; exit 2 ;;
    esac
    shift
done

export LC_ALL=C
results=$build/test-results
rm -rf "$results"
mkdir -p "$results"

table=()       # one row for each suite: name, passed, failed, skipped, seconds
total_passed=0
total_failed=0
total_skipped=0

# add_suite NAME PASSED FAILED SKIPPED SECONDS
add_suite() {
    table+=("$(printf '%-28s %7d %7d %7d %6d s' "$@")")
    total_passed=$((total_passed + $2))
    total_failed=$((total_failed + $3))
    total_skipped=$((total_skipped + $4))
}

# why_skipped NAME REASON: for the list at the end
why_skipped() { echo "$1: $2" >>"$results/skipped.txt"; }

# run_script NAME COMMAND...: a check script, which prints "passed|FAILED|skipped  case: reason" for each case
run_script() {
    local name=$1 log=$results/$1.log start=$SECONDS status=0 failed
    shift
    echo "== $name"
    timeout --kill-after=10 1200 "$@" >"$log" 2>&1 </dev/null || status=$?
    grep -v '^passed' "$log"
    failed=$(grep -c '^FAILED' "$log")
    if (( status != 0 && failed == 0 )); then
        echo "FAILED  $name: ended with exit code $status"
        failed=1
    fi
    while IFS= read -r line; do why_skipped "$name" "$line"; done < <(sed -n 's/^skipped [^:]*: //p' "$log")
    add_suite "$name" "$(grep -c '^passed' "$log")" "$failed" "$(grep -c '^skipped' "$log")" $((SECONDS - start))
}

# run_step NAME COMMAND...: a command that is one case by itself; its output is shown when it fails
run_step() {
    local name=$1 log=$results/${1//\//_}.log start=$SECONDS status=0
    shift
    echo "== $name"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if (( status == 0 )); then
        add_suite "$name" 1 0 0 $((SECONDS - start))
    else
        # a compiler says most in its first lines, a script in its last
        grep -m 40 -E 'error|FAILED' "$log" || true
        tail -n 25 "$log"
        echo "FAILED  $name: exit code $status (all of its output: $log)"
        add_suite "$name" 0 1 0 $((SECONDS - start))
    fi
    return $status
}

# show_end LOG: what a sanitizer says, or the last lines
show_end() { grep -m 1 -A 30 -E 'ERROR: [A-Za-z]*Sanitizer|runtime error:' "$1" || tail -n 30 "$1"; }

# run_program NAME PROGRAM [options]: a Boost.Test program, whose cases are counted one by one
run_program() {
    local name=$1 program=$2 log=$results/$1.log report=$results/$1.xml start=$SECONDS status=0 cases passed failed skipped last
    shift 2
    echo "== $name"
    timeout --kill-after=10 900 "$program" --color_output=no --log_level=test_suite --report_level=detailed --report_format=XML \
        --report_sink="$report" "$@" >"$log" 2>&1 </dev/null || status=$?
    cases=$(grep -oE '<TestCase [^>]*' "$report" 2>/dev/null)
    passed=$(grep -c 'result="passed"' <<<"$cases")
    skipped=$(grep -c 'result="skipped"' <<<"$cases")
    failed=$(grep -cE 'result="(failed|aborted)"' <<<"$cases")
    if [[ -z $cases ]]; then
        # it crashed, or was stopped, before it could report
        show_end "$log"
        last=$(sed -n 's/.*Entering test case //p' "$log" | tail -n 1)
        echo "FAILED  $name: ended with exit code $status and no report; the last case was ${last:-none}"
        failed=1
    elif (( status != 0 && failed == 0 )); then
        show_end "$log"
        echo "FAILED  $name: every case passed, but it ended with exit code $status"
        failed=1
    elif (( failed > 0 )); then
        grep -E -A 1 'error: in|fatal error: in' "$log" | head -n 80
    fi
    while IFS= read -r line; do
        why_skipped "$name" "$line"
    done < <(sed -nE 's/.*is skipped because (precondition failed: )?//p' "$log")
    add_suite "$name" "$passed" "$failed" "$skipped" $((SECONDS - start))
}

configure_and_build() {  # preset [programs]: all targets, or the test programs and what they run
    local data=() targets=()
    if [[ -n ${CHROMATID_SHARED_DATA-} ]]; then data=(-DCHROMATID_SHARED_DATA="$CHROMATID_SHARED_DATA"); fi
    (cd "$root" && cmake --preset "$1" -B "$build/$1" "${data[@]}") || return
    if [[ ${2-} == programs ]]; then
        mapfile -t targets <"$build/$1/tests/programs.txt"
        targets=(--target "${targets[@]}")
    fi
    cmake --build "$build/$1" --parallel "$jobs" "${targets[@]}" -- -k 0
}
build_preset() { run_step "build_$1" configure_and_build "$@"; }

if [[ -n $install ]]; then
    "$root/cmake/install-debian-packages.sh" || echo "going on without: what needs those packages fails below" >&2
fi

if build_preset dev; then
    while IFS= read -r program; do
        if [[ -n $program ]]; then run_program "$program" "$build/dev/tests/$program"; fi
    done <"$build/dev/tests/programs.txt"
fi

flags=$build/dev/tests/flags.txt
run_script arrows "$root/tests/arrows.sh"
run_script checks "$root/tests/support/check_the_checks.sh"
if [[ -f $flags ]]; then
    run_script headers_gcc "$root/tests/headers.sh" g++ "$flags"
    run_script headers_clang "$root/tests/headers.sh" clang++ "$flags"
    run_script compile_fail "$root/tests/compile_fail/run.sh" "$flags"
    run_script docs "$root/tests/docs/snippets.sh" "$flags"
    run_script mpi "$root/tests/mpi/run.sh" "$build/dev/tests/train_on_ranks"
    run_script cuda_compile "$root/tests/cuda/compile.sh" "$flags"
fi
run_script consumer "$root/tests/consumer/run.sh"
run_script cuda_inference "$root/examples/cuda_inference/test.sh"

shopt -s nullglob
for script in "$root"/examples/*/test.sh; do
    if [[ $script == */cuda_inference/* ]]; then continue; fi  # counts its cases itself, above
    run_step "example_$(basename "$(dirname "$script")")" timeout --kill-after=10 1200 bash "$script"
done
if [[ -z $quick ]]; then
    for script in "$root"/examples/*/quickstart.sh; do
        run_step "quickstart_$(basename "$(dirname "$script")")" timeout --kill-after=10 1200 bash "$script"
    done

    export ASAN_OPTIONS=${ASAN_OPTIONS-detect_stack_use_after_return=1} UBSAN_OPTIONS=${UBSAN_OPTIONS-print_stacktrace=1}
    if build_preset asan programs; then
        while IFS= read -r program; do
            options=(--catch_system_errors=no)
            # the published models under sanitizers are golden's; scoring all their windows once more would take minutes
            if [[ $program == cli ]]; then options+=('--run_test=!published_models'); fi
            if [[ -n $program ]]; then run_program "asan_$program" "$build/asan/tests/$program" "${options[@]}"; fi
        done <"$build/asan/tests/programs.txt"
    fi
fi

echo
printf '%-28s %7s %7s %7s %8s\n' suite passed failed skipped time
printf '%s\n' "${table[@]}"
if [[ -s $results/skipped.txt ]]; then
    echo
    echo "skipped because:"
    sort "$results/skipped.txt" | uniq -c
fi
echo
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
(( total_failed == 0 && total_passed > 0 ))
