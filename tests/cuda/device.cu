// SPDX-License-Identifier: MIT
// The device itself: memory, order, recorded steps, launches, products, and what is said where something is missing.

#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/precision.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/core/host_device.hpp>

#include "tests/cuda/on_both.hpp"
#include "tests/support/random_arrays.hpp"
#include "tests/support/relative_error.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

using namespace chromatid;
using namespace chromatid::cuda;
using namespace chromatid::test;

struct AddTo {
    Late<float> value;
    float* x;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { x[i] += value.get(); }
};

/// Turns 40,000 numbers round through more shared memory than a block has unless it asks.
struct TurnRound {
    static constexpr int threads = 128;
    static constexpr Index numbers = 20'000;
    struct Shared {
        float x[numbers];
    };
    float* x;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        float* mine = x + (block.y() * block.blocks_x() + block.x()) * numbers;
        block.each([&](int thread) {
            for (Index i = thread; i < numbers; i += threads) shared.x[i] = mine[i];
        });
        block.sync();
        block.each([&](int thread) {
            for (Index i = thread; i < numbers; i += threads) mine[i] = shared.x[numbers - 1 - i];
        });
    }
};

namespace {

template <class E>
std::vector<float> on_host(typename E::Context& on, const typename E::template Buffer<float>& x) {
    std::vector<float> host(static_cast<std::size_t>(x.size()));
    E::copy_to_host(on, host.size() * sizeof(float), x.data(), host.data());
    E::synchronize(on);
    return host;
}
template <class E>
typename E::template Buffer<float> on_device(typename E::Context& on, const std::vector<float>& host) {
    typename E::template Buffer<float> x(static_cast<Index>(host.size()));
    E::copy_to_device(on, host.size() * sizeof(float), host.data(), x.data());
    return x;
}

struct Product {
    Index m, n, k, more;  ///< more: unused columns between rows
    float beta;
};

/// Relative error of one product; unused columns must stay as they were.
template <class E, class Precision, bool TransposedA, bool TransposedB>
void product_is_right(const Product& p) {
    Draw draw(static_cast<std::uint64_t>(p.m * 1'000'003 + p.n * 1'009 + p.k));
    const Index lda = (TransposedA ? p.m : p.k) + p.more, ldb = (TransposedB ? p.k : p.n) + p.more, ldc = p.n + p.more;
    const auto numbers = [&](Index n) {
        std::vector<float> v(static_cast<std::size_t>(n));
        for (float& x : v) x = static_cast<float>(draw.number());
        return v;
    };
    const std::vector<float> a = numbers((TransposedA ? p.k : p.m) * lda), b = numbers((TransposedB ? p.n : p.k) * ldb);
    std::vector<float> c = numbers(p.m * ldc);
    if (p.beta == 0.0F) std::fill(c.begin(), c.end(), std::nanf(""));  // is not read then
    std::vector<double> expected(c.begin(), c.end());
    for (Index i = 0; i < p.m; ++i)
        for (Index j = 0; j < p.n; ++j) {
            double sum = 0;
            for (Index l = 0; l < p.k; ++l)
                sum += static_cast<double>(a[static_cast<std::size_t>(TransposedA ? l * lda + i : i * lda + l)])
                       * static_cast<double>(b[static_cast<std::size_t>(TransposedB ? j * ldb + l : l * ldb + j)]);
            double& e = expected[static_cast<std::size_t>(i * ldc + j)];
            e = p.beta == 0.0F ? sum : sum + static_cast<double>(p.beta) * e;
        }

    typename E::Context on(0);
    const auto da = on_device<E>(on, a), db = on_device<E>(on, b), dc = on_device<E>(on, c);
    E::template gemm<Precision, TransposedA, TransposedB>(on, p.m, p.n, p.k, da.data(), lda, db.data(), ldb, p.beta, dc.data(), ldc);
    const std::vector<float> got = on_host<E>(on, dc);

    std::vector<float> inside;
    std::vector<double> inside_expected;
    for (Index i = 0; i < p.m; ++i)
        for (Index j = 0; j < ldc; ++j) {
            const auto at = static_cast<std::size_t>(i * ldc + j);
            if (j < p.n) {
                inside.push_back(got[at]);
                inside_expected.push_back(expected[at]);
            } else {
                BOOST_TEST(std::memcmp(&got[at], &c[at], sizeof(float)) == 0, "a column between rows was written");
            }
        }
    BOOST_TEST_INFO("m " << p.m << ", n " << p.n << ", k " << p.k << ", beta " << p.beta << ", " << Precision::name());
    BOOST_TEST(relative_error(std::span<const float>(inside), std::span<const double>(inside_expected)) < precision_error<Precision>);
}

template <class E, class Precision>
void products_are_right() {
    for (const Product& p : {Product{1, 1, 1, 0, 0.0F},
                             {7, 1, 401, 0, 0.0F},
                             {1, 128, 75, 0, 1.0F},
                             {33, 17, 5, 3, 0.5F},
                             {64, 32, 156, 0, 0.0F},
                             {5, 4, 0, 1, 0.5F},
                             {5, 4, 0, 1, 0.0F}}) {
        product_is_right<E, Precision, false, false>(p);
        product_is_right<E, Precision, true, false>(p);
        product_is_right<E, Precision, false, true>(p);
        product_is_right<E, Precision, true, true>(p);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device)

static boost::test_tools::assertion_result without_a_device(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(!device_is_there());
    if (!result) result.message() << "there is a CUDA device";
    return result;
}

BOOST_AUTO_TEST_CASE(a_machine_without_device_is_told_what_to_do, *boost::unit_test::precondition(without_a_device)) {
    BOOST_CHECK_EXCEPTION(Gpu::Context(), NoDevice, [](const NoDevice& error) {
        const std::string what = error.what();
        return what.starts_with("no CUDA device: ") && what.find("nvidia-smi") != std::string::npos && error.code != cudaSuccess;
    });
    BOOST_CHECK_THROW(Gpu::Context(), DeviceError);
}

BOOST_AUTO_TEST_CASE(a_device_that_is_not_there_is_refused_with_those_that_are, *boost::unit_test::precondition(on_a_device)) {
    BOOST_CHECK_EXCEPTION(Gpu::Context(99), DeviceError, [](const DeviceError& error) {
        return std::string(error.what()).starts_with("there is no CUDA device 99: this process may use 0 (");
    });
    BOOST_CHECK_THROW(Gpu::Context(-1), DeviceError);
}

BOOST_AUTO_TEST_CASE(too_much_memory_is_refused_with_what_is_free, *boost::unit_test::precondition(on_a_device)) {
    const Gpu::Context on(0);
    const Index terabytes = Index{1} << 44;
    BOOST_CHECK_EXCEPTION(Gpu::Buffer<char>{terabytes}, OutOfMemory, [&](const OutOfMemory& error) {
        return error.asked == static_cast<std::size_t>(terabytes) && error.free > 0 && error.free < error.asked;
    });
    BOOST_TEST(Gpu::Buffer<char>(16).size() == 16);  // and the next call is not told of it
}

BOOST_AUTO_TEST_CASE(a_failed_call_names_code_expression_and_text, *boost::unit_test::precondition(on_a_device)) {
    BOOST_CHECK_EXCEPTION(CHROMATID_CUDA_CHECK(cudaSetDevice(-5)), CudaError, [](const CudaError& error) {
        const std::string what = error.what();
        return error.code == cudaErrorInvalidDevice && what.find("cudaErrorInvalidDevice") != std::string::npos &&
               what.find("cudaSetDevice(-5)") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(a_grid_that_no_device_holds_is_refused, *boost::unit_test::precondition(on_a_device)) {
    Gpu::Context on(0);
    BOOST_CHECK_THROW(Gpu::launch(on, Grid{1, 65'536}, TurnRound{nullptr}), DeviceError);
    BOOST_CHECK_THROW(Gpu::launch(on, Grid{Index{1} << 31, 1}, TurnRound{nullptr}), DeviceError);
}

CHROMATID_CASE_ON_BOTH(an_empty_grid_launches_nothing) {
    typename E::Context on(0);
    E::launch(on, Grid{0, 5}, TurnRound{nullptr});
    E::launch(on, Grid{5, 0}, TurnRound{nullptr});
    for_each<E>(on, 0, AddTo{{}, nullptr});
    BOOST_CHECK_NO_THROW(E::synchronize(on));
}

CHROMATID_CASE_ON_BOTH(memory_of_a_device_is_told_from_the_hosts) {
    typename E::Context on(0);
    const typename E::template Buffer<float> there(5);
    const typename E::template PinnedBuffer<float> pinned(5);
    const float here[5] = {};
    BOOST_TEST(E::is_device(there.data()));
    BOOST_TEST(E::is_device(there.data() + 4));
    BOOST_TEST(!E::is_device(here));
    BOOST_TEST(!E::is_device(pinned.data()));
    BOOST_TEST(!E::is_device(nullptr));
}

CHROMATID_CASE_ON_BOTH(copies_keep_the_order_of_calls) {
    typename E::Context on(0);
    const auto x = on_device<E>(on, {1, 2, 3, 4, 5}), y = on_device<E>(on, {9, 9, 9, 9, 9});
    E::copy_on_device(on, 3 * sizeof(float), x.data() + 1, y.data());
    E::zero(on, 2 * sizeof(float), x.data());
    BOOST_TEST(on_host<E>(on, x) == (std::vector<float>{0, 0, 3, 4, 5}), boost::test_tools::per_element());
    BOOST_TEST(on_host<E>(on, y) == (std::vector<float>{2, 3, 4, 9, 9}), boost::test_tools::per_element());

    typename E::template PinnedBuffer<float> pinned(2);
    pinned.data()[0] = 7;
    pinned.data()[1] = 8;
    typename E::Event copied;
    E::wait(copied);  // has come: it was never marked
    const typename E::template Buffer<float> z(2);
    E::copy_ahead(on, 2 * sizeof(float), pinned.data(), z.data());
    E::copy_on_device(on, 2 * sizeof(float), z.data(), y.data());
    E::mark(on, copied);
    E::wait(copied);
    float fetched[2];
    E::fetch(sizeof fetched, y.data(), fetched);
    BOOST_TEST(fetched[0] == 7.0F);
    BOOST_TEST(fetched[1] == 8.0F);
}

CHROMATID_CASE_ON_BOTH(a_kernel_may_have_most_of_the_shared_memory) {
    typename E::Context on(0);
    std::vector<float> x(6 * TurnRound::numbers);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    const auto there = on_device<E>(on, x);
    E::launch(on, Grid{2, 3}, TurnRound{there.data()});
    const std::vector<float> turned = on_host<E>(on, there);
    for (auto part = x.begin(); part != x.end(); part += TurnRound::numbers) std::reverse(part, part + TurnRound::numbers);
    BOOST_TEST((turned == x));
}

CHROMATID_CASE_ON_BOTH(a_recorded_step_takes_the_numbers_of_each_run) {
    typename E::Context on(0);
    const auto x = on_device<E>(on, std::vector<float>(401, 0.0F));
    float expected = 0;
    for (int step = 1; step <= 5; ++step) {
        on.graphs().run(on, 17, [&] {
            for_each<E>(on, x.size(), AddTo{on.late(static_cast<float>(step)), x.data()});
            for_each<E>(on, x.size(), AddTo{on.late(0.5F), x.data()});
        });
        expected += static_cast<float>(step) + 0.5F;
    }
    BOOST_TEST(on_host<E>(on, x) == std::vector<float>(401, expected), boost::test_tools::per_element());
}

CHROMATID_CASE_ON_BOTH(a_recorded_step_may_not_wait_and_the_next_may) {
    typename E::Context on(0);
    const auto x = on_device<E>(on, {1, 2});
    on.graphs().run(on, 1, [] {});
    BOOST_CHECK_THROW(on.graphs().run(on, 1, [&] { E::synchronize(on); }), DeviceError);
    BOOST_TEST(on_host<E>(on, x) == (std::vector<float>{1, 2}), boost::test_tools::per_element());
}

CHROMATID_CASE_ON_BOTH(a_table_is_copied_once) {
    typename E::Context on(0);
    const std::vector<float> table{1, 2, 3}, other{1, 2, 4};
    const float* first = on.constants().device(on, std::span(table));
    BOOST_TEST(first == on.constants().device(on, std::span(table)));
    BOOST_TEST(first != on.constants().device(on, std::span(other)));
    float fetched[3];
    E::fetch(sizeof fetched, first, fetched);
    BOOST_TEST(fetched[2] == 3.0F);
}

CHROMATID_CASE_ON_BOTH(exact_products_are_right) { products_are_right<E, Exact32>(); }
CHROMATID_CASE_ON_BOTH(tf32_products_are_right) { products_are_right<E, TF32>(); }
CHROMATID_CASE_ON_BOTH(f16_products_are_right) { products_are_right<E, F16>(); }
CHROMATID_CASE_ON_BOTH(bf16_products_are_right) { products_are_right<E, BF16>(); }

CHROMATID_CASE_ON_BOTH(products_have_the_same_bits_every_time) {
    typename E::Context on(0), again(0);
    Draw draw(3);
    std::vector<float> a(65 * 401), b(401 * 33);
    for (float& v : a) v = static_cast<float>(draw.number());
    for (float& v : b) v = static_cast<float>(draw.number());
    const auto multiplied = [&](typename E::Context& context) {
        const auto da = on_device<E>(context, a), db = on_device<E>(context, b);
        const typename E::template Buffer<float> c(65 * 33);
        E::template gemm<F16, false, false>(context, 65, 33, 401, da.data(), 401, db.data(), 33, 0.0F, c.data(), 33);
        return on_host<E>(context, c);
    };
    const std::vector<float> first = multiplied(on);
    BOOST_TEST((multiplied(on) == first));
    BOOST_TEST((multiplied(again) == first));
}

BOOST_AUTO_TEST_SUITE_END()
