#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Plants one mistake at a time in a small library of its own and expects the check scripts to fail on it: a check that cannot fail is none.
#
#   tests/support/check_the_checks.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/cases.sh"
tests=$(cd "$here/.." && pwd)
cd "$work"
log="$work/log"
: >flags.txt

# expect_failure NAME CASE COMMAND...: the command fails, and CASE is what failed
expect_failure() {
    local name=$1 words=$2
    shift 2
    if "$@" >"$log" 2>&1; then
        failed "$name" "went unnoticed"
    elif ! grep -qE "^FAILED  $words" "$log"; then
        failed "$name" "failed, but not with \"FAILED  $words\"" "$log"
    else
        passed "$name"
    fi
}

expect_success() {  # name, command
    local name=$1
    shift
    if "$@" >"$log" 2>&1; then passed "$name"; else failed "$name" "sound input was refused" "$log"; fi
}

# header FILE LINE...: a header of a library that is sound but for these lines
header() {
    local file="library/chromatid/$1"
    shift
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "// SPDX-License-Identifier: MIT" "#pragma once" "$@" >"$file"
}
sound_library() {
    rm -rf library
    header version.hpp
    header core/index.hpp "#include <chromatid/version.hpp>" "namespace chromatid { using Index = long; }"
    header tensor/view.hpp "#include <chromatid/core/index.hpp>" "namespace chromatid { inline Index zero() { return 0; } }"
    header network/model.hpp "#include <chromatid/tensor/view.hpp>"
    header genome/interval.hpp "#include <chromatid/core/index.hpp>"
    header train/fit.hpp "#include <chromatid/network/model.hpp>" "#include <chromatid/genome/interval.hpp>"
}

arrows() { "$tests/arrows.sh" library; }
sound_library
expect_success arrows_pass_on_a_sound_library arrows
header core/index.hpp "#include <chromatid/tensor/view.hpp>"
expect_failure an_arrow_the_other_way arrows_of_core arrows
sound_library
header genome/interval.hpp "  #  include <chromatid/network/model.hpp>"
expect_failure an_arrow_across_the_sides arrows_of_genome arrows
sound_library
header train/fit.hpp "#include <chromatid/interpret/saliency.hpp>"
header interpret/saliency.hpp
expect_failure an_arrow_to_a_leaf arrows_of_train arrows
sound_library
header network/model.hpp "#include <chromatid/chromatid.hpp>"
header chromatid.hpp
expect_failure a_module_includes_everything arrows_of_network arrows
sound_library
header helper/things.hpp
expect_failure a_module_without_arrows module_helper arrows
sound_library
header network/model.hpp '#include "../tensor/view.hpp"'
expect_failure a_quoted_include includes_are_angled arrows
sound_library
header network/model.hpp "#include <chromatid/tensor/veiw.hpp>"
expect_failure an_include_of_nothing included_headers_exist arrows
sound_library
header network/model.hpp "#include <cuda_runtime.h>"
expect_failure a_plain_header_with_cuda plain_headers_need_no_cuda arrows
sound_library
header backend/cuda/context.hpp "#include <cuda_runtime.h>"
expect_success the_cuda_backend_may_use_cuda arrows
mapfile -t long_text < <(seq -f '// line %g' 500)
sound_library
header network/model.hpp "${long_text[@]}"
expect_failure a_header_of_502_lines no_header_over_500_lines arrows
sound_library
printf '#pragma once\n' >library/chromatid/core/index.hpp
expect_failure a_header_without_licence headers_begin_with_licence_and_guard arrows

headers() { "$tests/headers.sh" g++ flags.txt library; }
sound_library
expect_success headers_pass_on_a_sound_library headers
header train/fit.hpp "inline std::size_t length() { return 0; }"
expect_failure a_header_that_leans_on_another "chromatid/train/fit.hpp" headers
sound_library
header tensor/view.hpp "inline int half(long x) { return x / 2; }"
expect_failure a_header_with_a_warning "chromatid/tensor/view.hpp" headers
sound_library
header tensor/view.hpp "int zero() { return 0; }"
expect_failure a_function_that_is_not_inline "one_definition" headers
sound_library
header tensor/xtensor.hpp "#include <xtensor/xtensr.hpp>"
mkdir -p installed/xtensor
touch installed/xtensor/xtensor_config.hpp
echo "-Iinstalled" >flags.txt
expect_failure a_slip_in_an_include_of_an_optional_library "chromatid/tensor/xtensor.hpp" headers
echo "-nostdinc" >flags.txt
sound_library
header tensor/xtensor.hpp "#include <xtensor/xtensor.hpp>"
expect_success a_header_without_its_library_passes headers
if grep -q '^skipped chromatid/tensor/xtensor.hpp' "$log"; then
    passed it_counts_as_skipped
else
    failed it_counts_as_skipped "no line says so" "$log"
fi
: >flags.txt

compile_fail() { "$tests/compile_fail/run.sh" flags.txt cases; }
# mistake CONTROL MISTAKE EXPECT...: the only compile_fail case
mistake() {
    rm -rf cases
    mkdir cases
    printf '%s\n' "${@:3}" "#ifdef MISTAKE" "$2" "#else" "$1" "#endif" >cases/scratch.cpp
}
mistake 'static_assert(true);' 'static_assert(false, "a window too wide");' "// expect: a window too w.de" "// expect: static"
expect_success compile_fail_passes_on_a_sound_case compile_fail
mistake 'static_assert(false);' 'static_assert(false, "a window too wide");' "// expect: a window too wide"
expect_failure a_control_that_fails "scratch .*: the control does not compile" compile_fail
mistake 'int x;' 'int y;' "// expect: a window too wide"
expect_failure a_mistake_that_compiles "scratch .*: the mistake compiles" compile_fail
mistake 'int x;' 'static_assert(false, "no");' "// expect: static" "// expect: a window too wide"
expect_failure missing_words "scratch .*lacks \"a window too wide\"" compile_fail
mistake 'int x;' 'static_assert(sizeof(int) == 0, "no"); // a window too wide' "// expect: a window too wide"
expect_failure words_in_quoted_source_only "scratch .*lacks \"a window too wide\"" compile_fail
mistake 'int x;' 'static_assert(false, "no");'
expect_failure no_words_at_all "scratch .*has no" compile_fail

finish
