// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/windows.hpp>
#include <chromatid/backend/cuda/rows.hpp>

#include <tests/support/emulated_array.hpp>

#include <boost/test/unit_test.hpp>

#include <numeric>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Floats = std::vector<float>;

struct Rows {
    Index rows, columns, x_rows, ldx, ldy;
};

Floats counting(Index n) {
    Floats x(static_cast<std::size_t>(n));
    std::iota(x.begin(), x.end(), 1.0F);
    return x;
}

/// A permutation of channels that is no involution where there are three or more.
std::vector<Index> shifted(Index channels) {
    std::vector<Index> partner;
    for (Index c = 0; c < channels; ++c) partner.push_back((c + 1) % channels);
    return partner;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_rows)

BOOST_AUTO_TEST_CASE(rows_are_repeated_and_gaps_stay) {
    E::Context on;
    const EmulatedArray<float> x(on, Floats{1, 2, 0, 3, 4, 0}), y(on, Floats(12, -1.0F));
    cuda::copy_rows<E>(on, 3, 2, x.data(), 2, 3, y.data(), 4);
    BOOST_TEST(y.on_host(on) == (Floats{1, 2, -1, -1, 3, 4, -1, -1, 1, 2, -1, -1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(rows_of_any_width_and_number) {
    for (const auto& [rows, columns, x_rows, ldx, ldy] :
         {Rows{1, 1, 1, 1, 1}, Rows{7, 5, 7, 6, 9}, Rows{14, 8, 7, 12, 8}, Rows{15, 8, 7, 8, 16}, Rows{5, 4, 9, 4, 4},
          Rows{3, 401, 1, 401, 404}, Rows{1200, 300, 401, 300, 300}}) {
        BOOST_TEST_INFO_SCOPE(rows << ' ' << columns << ' ' << x_rows << ' ' << ldx << ' ' << ldy);
        E::Context on;
        const Floats x = counting(x_rows * ldx);
        Floats wanted(static_cast<std::size_t>(rows * ldy), -1.0F);
        const EmulatedArray<float> on_x(on, x), y(on, wanted);
        for (Index r = 0; r < rows; ++r)
            for (Index c = 0; c < columns; ++c)
                wanted[static_cast<std::size_t>(r * ldy + c)] = x[static_cast<std::size_t>(r % x_rows * ldx + c)];
        cuda::copy_rows<E>(on, rows, columns, on_x.data(), x_rows, ldx, y.data(), ldy);
        BOOST_TEST((y.on_host(on) == wanted));
    }
}

BOOST_AUTO_TEST_CASE(windows_of_a_map_overlap_and_may_run_backwards) {
    E::Context on;
    const EmulatedArray<float> x(on, Floats{1, 2, 3, 4, 5, 6}), y(8);
    cuda::copy_windows<E>(on, 2, 2, 2, x.data(), 1, 2, y.data());
    BOOST_TEST(y.on_host(on) == (Floats{1, 2, 3, 4, 2, 3, 4, 5}), boost::test_tools::per_element());
    cuda::copy_windows<E>(on, 2, 2, 2, x.data() + 4, -2, -2, y.data());
    BOOST_TEST(y.on_host(on) == (Floats{5, 6, 3, 4, 3, 4, 1, 2}), boost::test_tools::per_element());
    const EmulatedArray<float> wide(on, counting(16)), z(16);
    cuda::copy_windows<E>(on, 2, 2, 4, wide.data() + 8, 4, -8, z.data());
    BOOST_TEST(z.on_host(on) == (Floats{9, 10, 11, 12, 1, 2, 3, 4, 13, 14, 15, 16, 5, 6, 7, 8}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_other_strand_runs_backwards_with_partners_in_place_of_channels) {
    E::Context on;
    const std::vector<Index> partner{1, 0, 2};
    const EmulatedArray<float> x(on, Floats{1, 2, 3, 4, 5, 6}), y(6);
    cuda::reverse_complement<E>(on, 1, 2, 3, partner.data(), x.data(), y.data());
    BOOST_TEST(y.on_host(on) == (Floats{5, 4, 6, 2, 1, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_strands_of_few_and_of_many_channels) {
    for (const Index channels : {1, 6, 64, 65, 401}) {
        BOOST_TEST_INFO_SCOPE(channels);
        E::Context on;
        const std::vector<Index> partner = shifted(channels);
        const Floats x = counting(3 * 7 * channels);
        Floats wanted(x.size());
        cpu::reverse_complement(3, 7, channels, partner.data(), x.data(), wanted.data());
        const EmulatedArray<float> on_x(on, x), y(static_cast<Index>(x.size()));
        cuda::reverse_complement<E>(on, 3, 7, channels, partner.data(), on_x.data(), y.data());
        BOOST_TEST((y.on_host(on) == wanted));
    }
}

BOOST_AUTO_TEST_SUITE_END()
