// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/lstm.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

// exp, tanh and the logistic function of registers against those of double.

using namespace chromatid;

namespace {

struct Values {
    float exp, tanh, logistic, fast_tanh, fast_logistic;
};

// static: AddressSanitizer of g++ 12 does not align a frame for 64-byte stores where only a function's attribute has AVX-512
#define CHROMATID_TEST_VALUES                                                                                               \
    inline Values values(float x) {                                                                                         \
        static std::array<float, lanes> all[5];                                                                             \
        const Vec v = set(x);                                                                                               \
        store(all[0].data(), exp(v)), store(all[1].data(), tanh<ExactMath>(v)), store(all[2].data(), logistic<ExactMath>(v)); \
        store(all[3].data(), tanh<FastMath>(v)), store(all[4].data(), logistic<FastMath>(v));                               \
        return {all[0][0], all[1][0], all[2][0], all[3][0], all[4][0]};                                                     \
    }

}  // namespace

namespace chromatid::cpu::plain {
CHROMATID_TEST_VALUES
}
#if defined(__x86_64__)
namespace chromatid::cpu::avx2 {
[[gnu::target(CHROMATID_AVX2)]] CHROMATID_TEST_VALUES
}
namespace chromatid::cpu::avx512 {
[[gnu::target(CHROMATID_AVX512)]] CHROMATID_TEST_VALUES
}
#endif

namespace {

Values values(float x) { CHROMATID_DISPATCH(values, x); }

/// Calls f(x) with each instruction set for both signs of all exponents, 300 numbers of each, and more of those where the functions bend.
template <class F>
void for_each_number(const F& f) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        test::Draw draw(1);
        for (std::uint32_t exponent = 0; exponent < 255; ++exponent)
            for (int i = 0; i < (exponent > 110 && exponent < 136 ? 6000 : 300); ++i) {
                const auto mantissa = static_cast<std::uint32_t>(draw.index(0, (1 << 23) - 1));
                const float x = std::bit_cast<float>(exponent << 23 | mantissa);
                f(x);
                f(-x);
            }
    }
}

struct Largest {
    double off = 0.0;
    float at = 0.0F;

    void see(double d, float x) {
        if (!(d <= off)) off = d, at = x;
    }
};

double relative(float value, double expected) { return std::abs(value - expected) / std::abs(expected); }
double logistic_of(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(vec_math)

BOOST_AUTO_TEST_CASE(exact_forms_are_within_two_tenths_of_a_millionth_of_themselves) {
    Largest exp, tanh, logistic;
    for_each_number([&](float x) {
        const Values v = values(x);
        if (x > -87.0F && x < 88.0F) exp.see(relative(v.exp, std::exp(static_cast<double>(x))), x);
        if (std::abs(x) >= std::numeric_limits<float>::min()) tanh.see(relative(v.tanh, std::tanh(static_cast<double>(x))), x);
        if (x > -87.0F) logistic.see(relative(v.logistic, logistic_of(x)), x);
    });
    BOOST_TEST(exp.off < 2e-7, exp.off << " at " << exp.at);
    BOOST_TEST(tanh.off < 2e-7, tanh.off << " at " << tanh.at);
    BOOST_TEST(logistic.off < 2e-7, logistic.off << " at " << logistic.at);
}

BOOST_AUTO_TEST_CASE(fast_forms_are_off_by_four_tenths_of_a_millionth) {
    Largest tanh, logistic;
    for_each_number([&](float x) {
        const Values v = values(x);
        tanh.see(std::abs(v.fast_tanh - std::tanh(static_cast<double>(x))), x);
        logistic.see(std::abs(v.fast_logistic - logistic_of(x)), x);
    });
    BOOST_TEST(tanh.off < 4e-7, tanh.off << " at " << tanh.at);
    BOOST_TEST(logistic.off < 4e-7, logistic.off << " at " << logistic.at);
}

BOOST_AUTO_TEST_CASE(limits_and_nan) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        const float infinity = std::numeric_limits<float>::infinity();
        for (const float x : {90.0F, 1e4F, std::numeric_limits<float>::max(), infinity}) {
            const Values high = values(x), low = values(-x);
            BOOST_TEST((high.exp == infinity && high.tanh == 1.0F && high.logistic == 1.0F));
            BOOST_TEST((low.exp == 0.0F && low.tanh == -1.0F && low.logistic == 0.0F));
        }
        const Values zero = values(0.0F);
        BOOST_TEST((zero.exp == 1.0F && zero.tanh == 0.0F && zero.logistic == 0.5F));
        BOOST_TEST((zero.fast_tanh == 0.0F && zero.fast_logistic == 0.5F));
        const Values nan = values(std::numeric_limits<float>::quiet_NaN());
        for (const float v : {nan.exp, nan.tanh, nan.logistic, nan.fast_tanh, nan.fast_logistic}) BOOST_TEST(std::isnan(v));
    }
}

BOOST_AUTO_TEST_SUITE_END()
