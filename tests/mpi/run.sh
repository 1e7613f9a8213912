#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Training on several processes: the bits of one, an end where one of them fails, and a clean stop of all where one gets a signal.
#
#   tests/mpi/run.sh PROGRAM     PROGRAM is what the build makes of train_on_ranks.cpp
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/cases.sh"
program=$1

if ! command -v mpirun >/dev/null || [[ ! -x $program ]]; then
    skipped mpi "mpirun or the component mpi is absent: install openmpi-bin and libopenmpi-dev"
    finish
fi

# on_ranks N ARGUMENTS...: never waits for ever, whatever the processes do
on_ranks() {
    local ranks=$1 options=(--oversubscribe)
    shift
    if (( EUID == 0 )); then options+=(--allow-run-as-root); fi
    timeout --kill-after=5 120 mpirun "${options[@]}" -n "$ranks" "$program" "$@" >"$work/log" 2>&1 </dev/null
}

# same NAME RANKS OUT: every rank has left the bits of the run without MPI
same() {
    local rank
    for (( rank = 0; rank < $2; ++rank )); do
        if ! cmp "$work/alone.0" "$work/$3.$rank" >>"$work/log" 2>&1; then
            failed "$1" "rank $rank has other weights or another history" "$work/log"
            return
        fi
    done
    passed "$1"
}

if ! "$program" "$work/alone" alone >"$work/log" 2>&1 || [[ ! -s $work/alone.0 ]]; then
    failed alone "training without MPI failed" "$work/log"
    finish
fi

for ranks in 1 2 3; do
    name=the_bits_of_one_process_on_$ranks
    if on_ranks "$ranks" "$work/of_$ranks"; then same "$name" "$ranks" "of_$ranks"; else failed "$name" "mpirun failed" "$work/log"; fi
done

for rank in 0 1; do
    name=a_rank_that_fails_ends_all_$rank status=0
    on_ranks 2 "$work/failing" fail "$rank" || status=$?
    if (( status == 0 || status >= 124 )); then
        failed "$name" "exit code $status" "$work/log"
    elif ! grep -q "error: rank $rank: DGF.bw: cannot read" "$work/log"; then
        failed "$name" "its message is missing" "$work/log"
    else
        passed "$name"
    fi
done

for rank in 0 1; do
    name=a_signal_to_one_rank_stops_all_$rank status=0
    on_ranks 2 "$work/stopped_$rank" signal "$rank" || status=$?
    if (( status == 0 || status == 124 )); then
        failed "$name" "exit code $status" "$work/log"
    elif [[ $(grep -c 'interrupted before epoch 1, batch 4' "$work/log") != 2 ]]; then
        failed "$name" "not both ranks stopped before the fourth batch" "$work/log"
    elif on_ranks 3 "$work/stopped_$rank" resume; then
        same "$name" 3 "stopped_$rank"
    else
        failed "$name" "the run cannot go on" "$work/log"
    fi
done
finish
