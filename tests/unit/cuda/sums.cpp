// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/sums.hpp>

#include <tests/support/emulated_array.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Floats = std::vector<float>;

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_sums)

BOOST_AUTO_TEST_CASE(columns_are_added_to_what_is_there) {
    E::Context on;
    const EmulatedArray<float> x(on, Floats{1, 2, 3, 4, 5, 6}), out(on, Floats{100, 200});
    cuda::add_column_sums<E>(on, 3, 2, x.data(), out.data());
    BOOST_TEST(out.on_host(on) == (Floats{109, 212}), boost::test_tools::per_element());
    cuda::add_column_sums<E>(on, 0, 2, x.data(), out.data());
    BOOST_TEST(out.on_host(on) == (Floats{109, 212}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(column_sums_of_any_shape_are_those_in_double) {
    struct Shape {
        Index rows, columns;
    };
    for (const auto& [rows, columns] : {Shape{1, 1}, Shape{7, 3}, Shape{401, 1}, Shape{128, 32}, Shape{129, 32}, Shape{401, 33},
                                        Shape{3, 401}, Shape{20'000, 7}, Shape{300'000, 1}, Shape{40, 40'000}, Shape{1000, 401}}) {
        BOOST_TEST_INFO_SCOPE(rows << ' ' << columns);
        E::Context on;
        test::Draw draw(6);
        const Tensor<double> x = draw.array({rows, columns});
        Tensor<double> out = draw.array({columns});
        const EmulatedArray<float> on_x(on, x), on_out(on, out);
        for (Index r = 0; r < rows; ++r)
            for (Index c = 0; c < columns; ++c) out(c) += x(r, c);
        cuda::add_column_sums<E>(on, rows, columns, on_x.data(), on_out.data());
        BOOST_TEST(on_out.error(on, out) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(rows_longer_than_the_workspace_are_summed_without_it) {
    constexpr Index columns = E::Context::workspace_floats + 1, rows = 2;
    E::Context on;
    const EmulatedArray<float> x(on, Floats(static_cast<std::size_t>(rows * columns), 1.5F)),
        out(on, Floats(static_cast<std::size_t>(columns), 1.0F));
    cuda::add_column_sums<E>(on, rows, columns, x.data(), out.data());
    BOOST_TEST((out.on_host(on) == Floats(static_cast<std::size_t>(columns), 4.0F)));
}

BOOST_AUTO_TEST_CASE(column_sums_are_the_same_bits_each_time) {
    E::Context on;
    test::Draw draw(7);
    const EmulatedArray<float> x(on, draw.array({5000, 37})), a(on, Floats(37)), b(on, Floats(37));
    cuda::add_column_sums<E>(on, 5000, 37, x.data(), a.data());
    cuda::add_column_sums<E>(on, 5000, 37, x.data(), b.data());
    BOOST_TEST((a.on_host(on) == b.on_host(on)));
}

BOOST_AUTO_TEST_CASE(squares_are_summed_in_double) {
    E::Context on;
    const EmulatedArray<float> x(on, Floats{1, -2, 3, 0.5F});
    const EmulatedArray<double> sum(1);
    cuda::sum_squares<E>(on, 4, x.data(), sum.data());
    BOOST_TEST(sum.on_host(on)[0] == 14.25);
    cuda::sum_squares<E>(on, 0, x.data(), sum.data());
    BOOST_TEST(sum.on_host(on)[0] == 0.0);
}

BOOST_AUTO_TEST_CASE(sums_of_many_squares_lose_nothing_that_double_holds) {
    for (const Index n : {1, 7, 401, 1024, 1025, 30'000, 300'001}) {
        BOOST_TEST_INFO_SCOPE(n);
        E::Context on;
        test::Draw draw(8);
        const Tensor<double> x = draw.array({n});
        const EmulatedArray<float> on_x(on, x);
        const EmulatedArray<double> sum(1);
        double wanted = 0;
        for (const double v : x.span()) wanted += v * v;
        cuda::sum_squares<E>(on, n, on_x.data(), sum.data());
        BOOST_TEST(std::abs(sum.on_host(on)[0] / wanted - 1.0) < 1e-12);
    }
}

BOOST_AUTO_TEST_SUITE_END()
