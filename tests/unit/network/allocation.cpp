// SPDX-License-Identifier: MIT
#include <chromatid/network/any_model.hpp>

#include "tests/unit/network/count_allocations.hpp"
#include "tests/support/factornet.hpp"
#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Allocations of so many calls, one after another.
template <class F>
long allocations_of(int calls, const F& call) {
    const long before = allocations();
    for (int i = 0; i < calls; ++i) call();
    return allocations() - before;
}

// An arena is a buffer, its memory and a place in the pool. A model takes one for each thread when tiles first run at once, which may be
// late on a busy machine; whenever that is, it takes no other.
constexpr long arena_allocations = 3;

}  // namespace

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(the_counter_counts) {
    const long before = allocations();
    const Tensor<float> a({3, 3});
    BOOST_TEST(allocations() - before >= 2);
    const long middle = allocations();
    const cpu::Buffer<float> b(64);
    BOOST_TEST(allocations() - middle == 1);
}

BOOST_AUTO_TEST_CASE(inference_allocates_nothing_once_it_runs) {
    Model<FactorNet<16, 8, 4, 8, 16>, Shape<100, 6>> model;
    model.initialize(1);
    const AnyModel<> any = Model<FactorNet<16, 8, 4, 8, 16>, Shape<100, 6>>();
    Model<MetadataFactorNet<16, 8, 4, 8, 16, 5>, Shape<100, 6>> with_side;
    const Tensor<float> x = converted<float>(random_windows(1, 70, 100, 6)), side({70, 5});
    Tensor<float> y({70, 1});
    constexpr View<const float> no_side;
    for (const Index threads : {1, 2}) {
        Cpu<float>::Context on(threads);
        const auto check = [&](const auto& call) {
            BOOST_TEST(allocations_of(1, call) <= threads * arena_allocations);
            if (threads == 1) BOOST_TEST(allocations_of(50, call) == 0);
            else BOOST_TEST(allocations_of(50, call) <= arena_allocations);
        };
        check([&] { model.infer(on, x, no_side, y); });
        check([&] { any.infer(on, x, no_side, y); });
        check([&] { with_side.infer(on, x, side, y); });
    }
}

BOOST_AUTO_TEST_CASE(a_training_step_allocates_nothing) {
    using Net = Sequential<Conv1D<8, 5, ReLU>, TimeDistributedDense<8, ReLU>, Flatten, Dense<4, Sigmoid>>;
    Model<Net, Shape<40, 4>> model;
    model.initialize(2);
    Tape<Cpu<float>> tape = model.tape(9);
    const Tensor<float> x = converted<float>(random_windows(2, 9, 40, 4));
    Tensor<float> y({9, 4}), dy({9, 4}), dx({9, 40, 4}), gradients({static_cast<Index>(model.parameters().size())});
    constexpr View<const float> no_side;
    Cpu<float>::Context on;
    const auto step = [&] {
        model.forward(on, x, no_side, y, tape);
        model.backward(on, x, no_side, y, dy, dx, gradients.span(), tape);
    };
    BOOST_TEST(allocations_of(10, step) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
