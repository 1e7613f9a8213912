# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# For the check scripts: each case is one line, in the form that tests/run.sh counts; what a failure printed follows, indented.
# The script ends with `finish`, which exits 1 when a case failed.

failures=0

passed() { echo "passed  $1"; }
skipped() { echo "skipped $1: $2"; }
failed() {  # name, reason, [file with the output]
    echo "FAILED  $1: $2"
    if [[ -n ${3-} ]]; then head -n 40 "$3" | sed 's/^/        /'; fi
    failures=$((failures + 1))
}
finish() { exit $((failures > 0)); }

# The warnings that our headers are free of, as cmake/ChromatidWarnings.cmake has them.
strict=(-std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
