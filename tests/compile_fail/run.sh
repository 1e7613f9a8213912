#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Checks that mistakes fail to compile, with words that help. Each *.cpp here holds a control, which must compile, and with -DMISTAKE a
# mistake, which must not. The compiler's output then has to match every one of the file's lines
#
#   // expect: <extended regular expression>
#   // expect(clang++): <one that holds for one compiler only>
#
# and there must be one for each compiler. The source lines that compilers quote do not count as output.
#
#   tests/compile_fail/run.sh FLAGS_FILE [FOLDER]     FOLDER holds the *.cpp (default: this one)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/cases.sh"
flags_file=$1
folder=${2-$here}
log="$work/log"

check() {  # compiler, file
    local compiler=$1 file=$2 name expect words=0
    name="$(basename "$file" .cpp) ($compiler)"
    local quiet=-fno-diagnostics-show-caret
    if [[ $compiler == clang* ]]; then quiet=-fno-caret-diagnostics; fi
    local compile=("$compiler" -std=c++20 -Wall -Wextra "@$flags_file" -fsyntax-only "$quiet")

    if ! "${compile[@]}" "$file" >"$log" 2>&1; then
        failed "$name" "the control does not compile" "$log"
        return
    fi
    if "${compile[@]}" -DMISTAKE "$file" >"$log" 2>&1; then
        failed "$name" "the mistake compiles"
        return
    fi
    while IFS= read -r expect; do
        words=$((words + 1))
        if ! grep -qE -- "$expect" "$log"; then
            failed "$name" "the compiler's output lacks \"$expect\"" "$log"
            return
        fi
    done < <(sed -nE "s|^// expect(\\(${compiler//+/\\+}\\))?: ?(.*[^ ]) *$|\\2|p" "$file")
    if (( words == 0 )); then
        failed "$name" "the file has no \"// expect:\" line"
        return
    fi
    passed "$name"
}

shopt -s nullglob
for compiler in g++ clang++; do
    if ! command -v "$compiler" >/dev/null; then
        skipped "compile_fail ($compiler)" "$compiler is not installed"
        continue
    fi
    for file in "$folder"/*.cpp; do
        check "$compiler" "$file"
    done
done
finish
