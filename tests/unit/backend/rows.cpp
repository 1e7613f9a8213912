// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/rows.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

using namespace chromatid;

namespace {

std::vector<float> numbers(std::uint64_t seed, Index size) {
    test::Draw draw(seed);
    std::vector<float> x(static_cast<std::size_t>(size));
    std::generate(x.begin(), x.end(), [&] { return static_cast<float>(draw.number()); });
    return x;
}

/// Calls f() with each instruction set, then with shapes around the widths of registers.
template <class F>
void for_each_isa_and_shape(const F& f) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        for (const Index rows : {0, 1, 5})
            for (Index columns = 1; columns <= 140; ++columns) f(rows, columns);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rows)

BOOST_AUTO_TEST_CASE(three_rows_by_hand) {
    float y[] = {1, 2, 3, 4, 5, 6};
    const float row[] = {10, 20};
    cpu::add_row_to_rows(3, 2, row, y);
    BOOST_TEST((y[0] == 11 && y[1] == 22 && y[2] == 13 && y[3] == 24 && y[4] == 15 && y[5] == 26));
    float out[] = {100, 0};
    cpu::add_rows_to_row(3, 2, y, out);
    BOOST_TEST((out[0] == 139 && out[1] == 72));
}

BOOST_AUTO_TEST_CASE(a_row_is_added_to_each_row_and_to_nothing_behind) {
    for_each_isa_and_shape([](Index rows, Index columns) {
        std::vector<float> y = numbers(1, rows * columns + 16);
        const std::vector<float> row = numbers(2, columns), before = y;
        cpu::add_row_to_rows(rows, columns, row.data(), y.data());
        std::vector<float> expected = before;
        for (Index i = 0; i < rows * columns; ++i) expected[static_cast<std::size_t>(i)] += row[static_cast<std::size_t>(i % columns)];
        BOOST_TEST((y == expected), rows << " x " << columns);
    });
}

BOOST_AUTO_TEST_CASE(rows_are_added_in_their_order_with_every_instruction_set) {
    for_each_isa_and_shape([](Index rows, Index columns) {
        const std::vector<float> x = numbers(3, rows * columns);
        std::vector<float> out = numbers(4, columns + 16), expected = out;
        cpu::add_rows_to_row(rows, columns, x.data(), out.data());
        for (Index i = 0; i < rows * columns; ++i) expected[static_cast<std::size_t>(i % columns)] += x[static_cast<std::size_t>(i)];
        BOOST_TEST((out == expected), rows << " x " << columns);
    });
}

BOOST_AUTO_TEST_SUITE_END()
