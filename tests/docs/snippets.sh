#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Compiles and runs the code in the documentation. The ```cpp blocks of one page are one program, in their order:
#
#   ```cpp                statements of main(); #include and `using namespace` lines move to the top
#   ```cpp declarations   what must stand outside of main(), before it
#   ```text               what the program prints, all of it, over all such blocks of the page
#   ```cpp mistake        a unit of its own that must not compile; each line of the ```text block behind it, or the pieces between "...",
#                         must be in the compiler's output
#   ```cpp sketch         is not compiled
#   ```sh run             commands, those of a page one script, run in an empty folder with the factornet program of the build; must not fail.
#                         A ```text block behind them is not compared
#
#   tests/docs/snippets.sh FLAGS_FILE [PAGE...]     pages: default every *.md below docs/ with such a block
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../support/cases.sh"
flags_file=$(realpath "$1")
shift
cd "$here/../.."
compiler=${CXX-g++}
program_folder=$(dirname "$flags_file")/../examples/factornet

if (( $# > 0 )); then
    pages=("$@")
else
    mapfile -t pages < <({ grep -rlE --include='*.md' '^```(cpp( declarations| mistake)?|sh run)$' docs || true; } | sort)
fi

# Writes top.inc, declarations.inc, main.inc, expected.txt, mistake_N.cpp and mistake_N.txt into a folder.
extract() {  # page, folder
    awk -v page="$1" -v out="$2" '
        function begin(file) { print "#line " FNR + 1 " \"" page "\"" >(out "/" file) }
        BEGIN {
            for (i = split("top.inc declarations.inc main.inc expected.txt", files, " "); i > 0; --i) printf "" >(out "/" files[i])
        }
        /^```/ {
            if (block != "") { block = ""; next }
            block = substr($0, 4)
            if (block == "") block = "plain"
            if (block == "cpp") { begin("main.inc"); last = "program" }
            if (block == "cpp declarations") begin("declarations.inc")
            if (block == "sh run") last = "commands"
            if (block == "cpp mistake") { ++mistakes; begin("mistake_" mistakes ".cpp"); last = "mistake" }
            next
        }
        block == "cpp" { print >(out (/^(#include|using namespace) / ? "/top.inc" : "/main.inc")) }
        block == "cpp declarations" { print >(out "/declarations.inc") }
        block == "cpp mistake" { print >(out "/mistake_" mistakes ".cpp") }
        block == "sh run" { print >(out "/commands.sh") }
        block == "text" && last != "commands" { print >(out (last == "mistake" ? "/mistake_" mistakes ".txt" : "/expected.txt")) }
    ' "$1"
}

check_program() {  # name, folder
    local name=$1 folder=$2
    { cat "$folder/top.inc" "$folder/declarations.inc"; echo 'int main() {'; cat "$folder/main.inc"; echo '}'; } >"$folder/program.cpp"
    if ! "$compiler" -std=c++20 -O1 -Wall -Wextra -Werror -Wno-unused "@$flags_file" "$folder/program.cpp" -pthread -o "$folder/program" \
            >"$folder/log" 2>&1; then
        failed "$name" "does not compile" "$folder/log"
    elif ! (cd "$folder" && timeout 60 ./program >printed.txt 2>log </dev/null); then
        failed "$name" "the program ends with an error" "$folder/log"
    elif ! diff -u --ignore-trailing-space --label "$name says" --label "the program prints" \
            "$folder/expected.txt" "$folder/printed.txt" >"$folder/log"; then
        failed "$name" "prints something else" "$folder/log"
    else
        passed "$name"
    fi
}

check_mistake() {  # name, file without .cpp
    local name=$1 file=$2 piece
    if "$compiler" -std=c++20 "@$flags_file" -fsyntax-only "$file.cpp" >"$file.log" 2>&1; then
        failed "$name" "the mistake compiles"
        return
    fi
    while IFS= read -r piece; do
        if ! grep -qF -- "$piece" "$file.log"; then
            failed "$name" "the compiler's output lacks \"$piece\"" "$file.log"
            return
        fi
    done < <(sed 's/\.\.\./\n/g' "$file.txt" | sed 's/^ *//; s/ *$//' | grep .)
    passed "$name"
}

check_commands() {  # name, folder
    local name=$1 folder=$2
    if [[ ! -x $program_folder/factornet ]]; then
        skipped "$name" "needs the factornet program, which this build lacks"
    elif ! (mkdir "$folder/run" && cd "$folder/run" && PATH=$(realpath "$program_folder"):$PATH timeout 900 bash -euxo pipefail ../commands.sh) \
            >"$folder/log" 2>&1 </dev/null; then
        tail -n 30 "$folder/log" >"$folder/end"
        failed "$name" "a command failed" "$folder/end"
    else
        passed "$name"
    fi
}

shopt -s nullglob
for page in "${pages[@]}"; do
    folder=$work/${page//\//_}
    mkdir "$folder"
    extract "$page" "$folder"
    if [[ -s $folder/main.inc ]]; then check_program "$page" "$folder"; fi
    if [[ -s $folder/commands.sh ]]; then check_commands "$page, commands" "$folder"; fi
    for mistake in "$folder"/mistake_*.cpp; do
        check_mistake "$page, $(basename "$mistake" .cpp)" "${mistake%.cpp}"
    done
done
finish
