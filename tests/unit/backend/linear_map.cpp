// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/cpu.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

using namespace chromatid;

namespace {

template <class T>
std::vector<T> numbers(std::uint64_t seed, Index size) {
    test::Draw draw(seed);
    std::vector<T> x(static_cast<std::size_t>(size));
    std::generate(x.begin(), x.end(), [&] { return static_cast<T>(draw.number()); });
    return x;
}

template <class F, class T>
std::vector<T> mapped(Index m, Index n, Index k, const std::vector<T>& x, const std::vector<T>& w, const T* bias) {
    ThreadPool on;
    std::vector<T> y(static_cast<std::size_t>(m * n), std::numeric_limits<T>::quiet_NaN());
    Cpu<T>::template linear_map<F>(on, m, n, k, x.data(), w.data(), bias, y.data());
    return y;
}

/// The largest difference from sums in double, for inputs in [-1, 1).
template <class F, class T>
double error(Index m, Index n, Index k, bool with_bias) {
    const std::vector<T> x = numbers<T>(1, m * k), w = numbers<T>(2, k * n), bias = numbers<T>(3, n);
    const std::vector<T> y = mapped<F, T>(m, n, k, x, w, with_bias ? bias.data() : nullptr);
    double worst = 0.0;
    for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < n; ++j) {
            double z = with_bias ? static_cast<double>(bias[static_cast<std::size_t>(j)]) : 0.0;
            for (Index p = 0; p < k; ++p) {
                const T xp = x[static_cast<std::size_t>(i * k + p)], wp = w[static_cast<std::size_t>(p * n + j)];
                z += static_cast<double>(xp) * static_cast<double>(wp);
            }
            const double difference = std::abs(static_cast<double>(y[static_cast<std::size_t>(i * n + j)]) - F::apply(z));
            worst = difference <= worst ? worst : difference;  // NaN stays
        }
    return worst;
}

constexpr std::pair<Index, Index> outputs[] = {{1, 1}, {3, 17}, {12, 32}, {13, 33}, {50, 70}};

}  // namespace

BOOST_AUTO_TEST_SUITE(linear_map)

BOOST_AUTO_TEST_CASE(one_row_by_hand) {
    const std::vector<float> x{1, 2}, w{1, 2, 3, 4, -5, 6}, bias{10, 0, -20};
    BOOST_TEST((mapped<ReLU, float>(1, 3, 2, x, w, bias.data()) == std::vector<float>{19, 0, 0}));
    BOOST_TEST((mapped<Linear, float>(1, 3, 2, x, w, bias.data()) == std::vector<float>{19, -8, -5}));
    BOOST_TEST((mapped<ReLU, float>(1, 3, 2, x, w, nullptr) == std::vector<float>{9, 0, 15}));
}

BOOST_AUTO_TEST_CASE(activations_and_biases_agree_with_sums_in_double) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        for (const auto& [m, n] : outputs)
            for (const Index k : {1, 40, 300})  // 300: in two blocks, with sums of both signs between them
                for (const bool with_bias : {false, true}) {
                    BOOST_TEST((error<ReLU, float>(m, n, k, with_bias) < 2e-5));
                    BOOST_TEST((error<Linear, float>(m, n, k, with_bias) < 2e-5));
                    BOOST_TEST((error<Sigmoid, float>(m, n, k, with_bias) < 2e-5));
                }
    }
    BOOST_TEST((error<ReLU, double>(13, 33, 300, true) < 1e-13));
    BOOST_TEST((error<Sigmoid, double>(13, 33, 300, true) < 1e-13));
}

BOOST_AUTO_TEST_CASE(a_fused_relu_is_the_relu_of_the_sums) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        for (const auto& [m, n] : outputs) {
            const std::vector<float> x = numbers<float>(1, m * 300), w = numbers<float>(2, 300 * n), bias = numbers<float>(3, n);
            std::vector<float> sums = mapped<Linear, float>(m, n, 300, x, w, bias.data());
            std::transform(sums.begin(), sums.end(), sums.begin(), [](float v) { return ReLU::apply(v); });
            const std::vector<float> y = mapped<ReLU, float>(m, n, 300, x, w, bias.data());
            BOOST_TEST(std::memcmp(y.data(), sums.data(), y.size() * sizeof(float)) == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(relu_keeps_nan) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        const std::vector<float> x{std::numeric_limits<float>::quiet_NaN(), 1}, w{1};
        const std::vector<float> y = mapped<ReLU, float>(2, 1, 1, x, w, nullptr);
        BOOST_TEST((std::isnan(y[0]) && y[1] == 1));
    }
}

BOOST_AUTO_TEST_SUITE_END()
