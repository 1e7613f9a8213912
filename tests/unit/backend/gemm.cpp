// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/gemm.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <utility>
#include <vector>

using namespace chromatid;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

std::set<cpu::Isa> instruction_sets() {
    std::set<cpu::Isa> sets;
    for (const cpu::Isa widest : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(widest);
        sets.insert(cpu::isa());
    }
    return sets;
}

/// A product with factors of its own; `gap` numbers lie between the rows of each array, NaN in those of the factors and 7 in those of C.
struct Product {
    bool transposed_a, transposed_b;
    Index m, n, k, gap;
    float beta;

    Index a_rows() const { return transposed_a ? k : m; }
    Index lda() const { return (transposed_a ? m : k) + gap; }
    Index b_rows() const { return transposed_b ? n : k; }
    Index ldb() const { return (transposed_b ? k : n) + gap; }
    Index ldc() const { return n + gap; }

    static std::vector<float> numbers(std::uint64_t seed, Index rows, Index row, Index stride, float between) {
        std::vector<float> x(static_cast<std::size_t>(rows * stride), between);
        test::Draw draw(seed);
        for (Index r = 0; r < rows; ++r)
            for (Index i = 0; i < row; ++i) x[static_cast<std::size_t>(r * stride + i)] = static_cast<float>(draw.number());
        return x;
    }
    std::vector<float> a() const { return numbers(1, a_rows(), lda() - gap, lda(), not_a_number); }
    std::vector<float> b() const { return numbers(2, b_rows(), ldb() - gap, ldb(), not_a_number); }
    std::vector<float> c_before() const {
        std::vector<float> c = numbers(3, m, n, ldc(), 7.0F);
        if (beta == 0.0F)
            for (Index i = 0; i < m; ++i) std::fill_n(c.begin() + i * ldc(), n, not_a_number);
        return c;
    }

    std::vector<float> c() const { return c(a(), b(), m); }
    /// Of the first `rows` rows of A.
    std::vector<float> c(const std::vector<float>& x, const std::vector<float>& y, Index rows) const {
        std::vector<float> out = c_before();
        multiply(x.data(), y.data(), rows, out.data());
        return out;
    }
    void multiply(const float* x, const float* y, Index rows, float* out) const {
        const auto run = [&]<bool A, bool B> { cpu::gemm<A, B>(rows, n, k, x, lda(), y, ldb(), beta, out, ldc()); };
        if (transposed_a && transposed_b) run.template operator()<true, true>();
        else if (transposed_a) run.template operator()<true, false>();
        else if (transposed_b) run.template operator()<false, true>();
        else run.template operator()<false, false>();
    }

    /// The largest error of `out` over what rounding allows; infinite where anything else is wrong.
    double error(const std::vector<float>& out) const {
        const std::vector<float> x = a(), y = b(), before = c_before();
        double worst = 0.0;
        for (Index i = 0; i < m; ++i)
            for (Index j = 0; j < ldc(); ++j) {
                const std::size_t at = static_cast<std::size_t>(i * ldc() + j);
                double sum = j >= n ? 7.0 : beta == 0.0F ? 0.0 : static_cast<double>(before[at]), size = std::abs(sum);
                for (Index p = 0; j < n && p < k; ++p) {
                    const double term = static_cast<double>(x[static_cast<std::size_t>(transposed_a ? p * lda() + i : i * lda() + p)]) *
                                        static_cast<double>(y[static_cast<std::size_t>(transposed_b ? j * ldb() + p : p * ldb() + j)]);
                    sum += term;
                    size += std::abs(term);
                }
                const double allowed = static_cast<double>(k + 1) * 0x1p-24 * size, found = std::abs(static_cast<double>(out[at]) - sum);
                if (!(found <= allowed)) worst = std::numeric_limits<double>::infinity();
                else if (allowed > 0.0) worst = std::max(worst, found / allowed);
            }
        return worst;
    }
};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Calls f(product) for the four forms, beta 0 and 1, with and without gaps.
template <class F>
void for_each_form(Index m, Index n, Index k, const F& f) {
    for (const bool transposed_a : {false, true})
        for (const bool transposed_b : {false, true})
            for (const float beta : {0.0F, 1.0F})
                for (const Index gap : {0, 3}) f(Product{transposed_a, transposed_b, m, n, k, gap, beta});
}

void check_values(Index m, Index n, Index k) {
    for (const cpu::Isa isa : instruction_sets()) {
        const cpu::IsaLimit limit(isa);
        for_each_form(m, n, k, [&](const Product& p) {
            BOOST_TEST(p.error(p.c()) <= 1.0, to_text(isa) << ' ' << p.transposed_a << p.transposed_b << ' ' << m << " x " << n << " x "
                                                           << k << ", beta " << p.beta << ", gap " << p.gap);
        });
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gemm)

BOOST_AUTO_TEST_CASE(two_by_two_by_hand) {
    const float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
    for (const cpu::Isa isa : instruction_sets()) {
        const cpu::IsaLimit limit(isa);
        float c[] = {100, 200, 300, 400};
        const auto is = [&](float c0, float c1, float c2, float c3) { return c[0] == c0 && c[1] == c1 && c[2] == c2 && c[3] == c3; };
        cpu::gemm<false, false>(2, 2, 2, a, 2, b, 2, 1.0F, c, 2);
        BOOST_TEST(is(119, 222, 343, 450));
        cpu::gemm<true, false>(2, 2, 2, a, 2, b, 2, 0.0F, c, 2);
        BOOST_TEST(is(26, 30, 38, 44));
        cpu::gemm<false, true>(2, 2, 2, a, 2, b, 2, 0.0F, c, 2);
        BOOST_TEST(is(17, 23, 39, 53));
        cpu::gemm<true, true>(2, 2, 2, a, 2, b, 2, 0.0F, c, 2);
        BOOST_TEST(is(23, 31, 34, 46));
    }
}

BOOST_AUTO_TEST_CASE(random_shapes_agree_with_sums_in_double) {
    test::Draw draw(11);
    for (int i = 0; i < 60; ++i) {
        const Index m = draw.index(1, 70), n = draw.index(1, 70), k = draw.index(1, 70);
        check_values(m, n, k);
    }
}

BOOST_AUTO_TEST_CASE(shapes_around_the_borders_of_blocks_agree_with_sums_in_double) {
    for (const Index k : {255, 256, 257, 513})
        for (const auto& [m, n] : {std::pair<Index, Index>{13, 33}, {32, 49}, {64, 97}, {65, 15}, {1, 100}}) check_values(m, n, k);
    check_values(300, 17, 256);   // more rows than pass over one block of columns
    check_values(5000, 3, 13);
}

BOOST_AUTO_TEST_CASE(every_number_of_rows_and_columns_of_a_tile_is_right) {
    for (Index m = 1; m <= 26; ++m) check_values(m, 40, 5);
    for (Index n = 1; n <= 66; ++n) check_values(14, n, 5);
}

BOOST_AUTO_TEST_CASE(nothing_is_read_or_written_outside_of_the_arrays) {
    for (const cpu::Isa isa : instruction_sets()) {
        const cpu::IsaLimit limit(isa);
        for_each_form(13, 19, 21, [](const Product& p) {  // NaN beside a factor would reach C if it were multiplied
            const auto inside = [](const std::vector<float>& x, float around) {
                std::vector<float> y(x.size() + 64, around);
                std::copy(x.begin(), x.end(), y.begin() + 32);
                return y;
            };
            const std::vector<float> x = inside(p.a(), not_a_number), y = inside(p.b(), not_a_number);
            std::vector<float> c = inside(p.c_before(), 7.0F);
            p.multiply(x.data() + 32, y.data() + 32, p.m, c.data() + 32);
            BOOST_TEST(p.error({c.begin() + 32, c.end() - 32}) <= 1.0);
            const auto is_seven = [](float v) { return v == 7.0F; };
            BOOST_TEST((std::all_of(c.begin(), c.begin() + 32, is_seven) && std::all_of(c.end() - 32, c.end(), is_seven)));
        });
    }
}

BOOST_AUTO_TEST_CASE(empty_products) {
    for (const cpu::Isa isa : instruction_sets()) {
        const cpu::IsaLimit limit(isa);
        for (const auto& [m, n, k] : {std::array<Index, 3>{0, 5, 3}, {5, 0, 3}, {5, 4, 0}, {0, 0, 0}, {40, 0, 300}})
            for_each_form(m, n, k, [](const Product& p) { BOOST_TEST(p.error(p.c()) <= 1.0); });
    }
}

BOOST_AUTO_TEST_CASE(a_row_has_the_same_bits_alone_and_among_others) {
    for (const cpu::Isa isa : instruction_sets()) {
        const cpu::IsaLimit limit(isa);
        for (const auto& [m, n, k] : {std::array<Index, 3>{100, 140, 300}, {64, 70, 40}, {37, 33, 7}, {20, 21, 260}})
            for (const bool transposed_b : {false, true})
                for (const float beta : {0.0F, 1.0F}) {
                    const Product p{false, transposed_b, m, n, k, 0, beta};
                    const std::vector<float> a = p.a(), b = p.b(), all = p.c(a, b, m), before = p.c_before();
                    for (const Index rows : {1, 2, 3, 5, 12, 16, 19, 32, 33, 47, 64, 99}) {
                        if (rows > m) continue;
                        const std::vector<float> some = p.c(a, b, rows);
                        BOOST_TEST(std::memcmp(some.data(), all.data(), static_cast<std::size_t>(rows * n) * sizeof(float)) == 0);
                    }
                    for (const Index row : {Index{7}, m - 1}) {  // by itself, and where its neighbours are others
                        std::vector<float> c(before.begin() + row * n, before.begin() + (row + 1) * n);
                        const float* x = a.data() + row * k;
                        if (transposed_b) cpu::gemm<false, true>(1, n, k, x, k, b.data(), k, beta, c.data(), n);
                        else cpu::gemm<false, false>(1, n, k, x, k, b.data(), n, beta, c.data(), n);
                        BOOST_TEST(std::memcmp(c.data(), all.data() + row * n, static_cast<std::size_t>(n) * sizeof(float)) == 0);
                    }
                }
    }
}

BOOST_AUTO_TEST_CASE(the_four_forms_and_any_distance_between_rows_give_the_same_bits) {
    for (const cpu::Isa isa : instruction_sets()) {
        const cpu::IsaLimit limit(isa);
        for (const auto& [m, n, k] : {std::array<Index, 3>{32, 100, 300}, {50, 70, 33}, {3, 5, 4}}) {
            const Product plain{false, false, m, n, k, 0, 0.0F};
            const std::vector<float> a = plain.a(), b = plain.b(), c = plain.c(a, b, m);
            const auto transposed = [](Index rows, Index columns, const std::vector<float>& x, Index stride) {
                std::vector<float> y(static_cast<std::size_t>(columns * stride), not_a_number);
                for (Index i = 0; i < rows; ++i)
                    for (Index j = 0; j < columns; ++j)
                        y[static_cast<std::size_t>(j * stride + i)] = x[static_cast<std::size_t>(i * columns + j)];
                return y;
            };
            const std::vector<float> at = transposed(m, k, a, m + 1), bt = transposed(k, n, b, k + 5);
            std::vector<float> d(c.size());
            cpu::gemm<true, false>(m, n, k, at.data(), m + 1, b.data(), n, 0.0F, d.data(), n);
            BOOST_TEST(same_bits(c, d));
            cpu::gemm<false, true>(m, n, k, a.data(), k, bt.data(), k + 5, 0.0F, d.data(), n);
            BOOST_TEST(same_bits(c, d));
            cpu::gemm<true, true>(m, n, k, at.data(), m + 1, bt.data(), k + 5, 0.0F, d.data(), n);
            BOOST_TEST(same_bits(c, d));
        }
    }
}

BOOST_AUTO_TEST_CASE(avx2_and_avx512_give_the_same_bits) {
    for (const auto& [m, n, k] : {std::array<Index, 3>{100, 140, 300}, {64, 130, 257}, {17, 6, 32}, {64, 1, 100}})
        for_each_form(m, n, k, [](const Product& p) {
            const cpu::IsaLimit wide(cpu::Isa::avx512);
            const std::vector<float> c = p.c();
            const cpu::IsaLimit narrow(cpu::Isa::avx2);
            BOOST_TEST(same_bits(c, p.c()));
        });
}

BOOST_AUTO_TEST_CASE(rows_of_a_may_overlap) {
    const Index channels = 6, taps = 26, rows = 75, filters = 32, k = channels * taps;
    const std::vector<float> x = Product::numbers(5, 1, (rows + taps) * channels, (rows + taps) * channels, 0);
    const std::vector<float> w = Product::numbers(6, k, filters, filters, 0);
    std::vector<float> copied;
    for (Index t = 0; t < rows; ++t) copied.insert(copied.end(), x.begin() + t * channels, x.begin() + t * channels + k);
    for (const cpu::Isa isa : instruction_sets()) {
        const cpu::IsaLimit limit(isa);
        std::vector<float> c(static_cast<std::size_t>(rows * filters), not_a_number), d = c;
        cpu::gemm<false, false>(rows, filters, k, x.data(), channels, w.data(), filters, 0.0F, c.data(), filters);
        cpu::gemm<false, false>(rows, filters, k, copied.data(), k, w.data(), filters, 0.0F, d.data(), filters);
        BOOST_TEST(same_bits(c, d));
    }
}

BOOST_AUTO_TEST_CASE(a_nan_stays_in_its_row) {
    for (const cpu::Isa isa : instruction_sets()) {
        const cpu::IsaLimit limit(isa);
        for (const bool transposed_b : {false, true}) {
            const Product p{false, transposed_b, 32, 70, 40, 0, 0.0F};
            std::vector<float> a = p.a();
            a[5 * 40 + 39] = not_a_number;
            const std::vector<float> c = p.c(a, p.b(), 32);
            for (Index i = 0; i < 32; ++i)
                for (Index j = 0; j < 70; ++j) BOOST_TEST(std::isnan(c[static_cast<std::size_t>(i * 70 + j)]) == (i == 5));
        }
    }
}

BOOST_AUTO_TEST_CASE(double_is_exact_for_whole_numbers) {
    const double a[] = {1, 2, 3, 4, 5, 6}, b[] = {1, 0, -1, 2, 3, 1};
    double c[4] = {std::numeric_limits<double>::quiet_NaN(), 0, 0, 0};
    cpu::gemm<false, false>(2, 2, 3, a, 3, b, 2, 0.0, c, 2);
    BOOST_TEST((c[0] == 8 && c[1] == 7 && c[2] == 17 && c[3] == 16));
}

BOOST_AUTO_TEST_SUITE_END()
