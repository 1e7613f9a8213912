// SPDX-License-Identifier: MIT
#include "tests/support/emulated_array.hpp"

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/backend/cuda/emulated_cuda.hpp>

#include <boost/test/unit_test.hpp>

using namespace chromatid;
using namespace chromatid::test;

namespace {

using D = Cpu<double>;
using Floats = EmulatedArray<float>;

static_assert(Backend<EmulatedCuda<>>);

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_products)

BOOST_AUTO_TEST_CASE(products_with_gradients_keep_small_numbers_in_half_precision) {
    using H = EmulatedCuda<F16>;
    H::Context on;
    D::Context reference;
    Draw draw(17);
    const Index m = 7, n = 5, k = 9;
    const Tensor<double> a = draw.array({k, m}), b = draw.array({k, n}, 0x1p-40);
    Tensor<double> c({m, n});
    D::gemm<true, false>(reference, m, n, k, a.data(), m, b.data(), n, 0.0, c.data(), n);
    const Floats x(on, a), dy(on, b), gradient(m * n);
    H::gemm<true, false>(on, m, n, k, x.data(), m, dy.data(), n, 0.0F, gradient.data(), n);
    BOOST_TEST(gradient.error(on, c) < 1e-3);
    BOOST_TEST(gradient.error(on, c) > 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
