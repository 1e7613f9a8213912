// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/windows.hpp>
#include <chromatid/backend/cuda/windows.hpp>

#include <tests/support/emulated_array.hpp>
#include <tests/support/emulated_windows.hpp>
#include <tests/support/random_windows.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Floats = std::vector<float>;

void check(Index count, Index length, Index channels, bool both_strands) {
    BOOST_TEST_INFO_SCOPE(count << ' ' << length << ' ' << channels << ' ' << both_strands);
    E::Context on;
    const test::RandomWindows windows(count, length, channels, 12);
    const test::EmulatedWindows on_device(on, windows, both_strands);
    const Index size = windows.as_dense(both_strands).rows() * length * channels;
    Floats wanted(static_cast<std::size_t>(size));
    cpu::expand(windows.as_dense(both_strands), wanted.data());
    const EmulatedArray<float> of_dense(size), of_codes(size);
    cuda::expand<E>(on, on_device.dense(), of_dense.data());
    BOOST_TEST((of_dense.on_host(on) == wanted));
    if (channels < Windows<float>::letters) return;
    cuda::expand<E>(on, on_device.encoded(), of_codes.data());
    BOOST_TEST((of_codes.on_host(on) == wanted));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_windows)

BOOST_AUTO_TEST_CASE(letters_become_ones_and_unknown_bases_zeros_on_both_strands) {
    E::Context on;
    const EmulatedArray<std::uint8_t> codes(on, std::vector<std::uint8_t>{1, 4});
    const EmulatedArray<float> track(on, Floats{0.5F, 0.25F}), y(2 * 2 * 5);
    const EmulatedArray<const std::uint8_t*> code_of(on, std::vector<const std::uint8_t*>{codes.data()});
    const EmulatedArray<const float*> track_of(on, std::vector<const float*>{track.data()});
    const std::vector<Index> partner{3, 2, 1, 0, 4};
    cuda::expand<E>(on,
                    {.count = 1, .length = 2, .channels = 5, .codes = code_of.data(), .tracks = track_of.data(), .partner = partner.data()},
                    y.data());
    BOOST_TEST(y.on_host(on) == (Floats{0, 1, 0, 0, 0.5F, 0, 0, 0, 0, 0.25F, 0, 0, 0, 0, 0.25F, 0, 0, 1, 0, 0.5F}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(windows_of_any_size_dense_or_encoded) {
    for (const bool both_strands : {false, true}) {
        check(1, 1, 4, both_strands);
        check(7, 401, 6, both_strands);
        check(3, 41, 5, both_strands);
        check(2, 7, 70, both_strands);
        check(2, 9, 3, both_strands);
    }
}

BOOST_AUTO_TEST_CASE(a_part_of_the_windows_has_both_of_its_strands) {
    E::Context on;
    const test::RandomWindows windows(7, 13, 6, 3);
    const test::EmulatedWindows on_device(on, windows, true);
    Floats wanted(2 * 3 * 13 * 6);
    cpu::expand(windows.encoded(true).part(2, 3), wanted.data());
    const EmulatedArray<float> y(static_cast<Index>(wanted.size()));
    cuda::expand<E>(on, on_device.encoded().part(2, 3), y.data());
    BOOST_TEST((y.on_host(on) == wanted));
}

BOOST_AUTO_TEST_SUITE_END()
