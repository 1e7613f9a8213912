// SPDX-License-Identifier: MIT
// cuDNN beside our own kernels: its bidirectional LSTM on Keras' weights, and convolutions by its graph interface.

#include <chromatid/backend/cuda/cudnn_lstm.cuh>

#include "tests/cuda/beside_cpu.hpp"
#include "tests/cuda/on_both.hpp"

#include <boost/test/unit_test.hpp>

#include <type_traits>

using namespace chromatid;
using namespace chromatid::test;

namespace {

void recurrence_equals(Index batch, Index length, Index inputs, Index units) {
    BesideCpu<cuda::Gpu, Exact32> beside(31);
    const Index n = batch * length * inputs, m = batch * length * 2 * units;
    auto x = beside.in(n), y = beside.out(m), dy = beside.in(m), dx = beside.out(n), trained = beside.out(m);
    auto scratch = beside.out(LstmGeometry{batch, length, inputs, units, 2 * units, 0, false}.training_scratch());
    auto tape = beside.out(LstmGeometry{batch, length, inputs, units, 2 * units, 0, false}.tape());
    struct Direction {
        ArrayOnBoth<cuda::Gpu> kernel, recurrent, bias, dkernel, drecurrent, dbias;
    };
    const auto direction = [&] {
        return Direction{beside.in(inputs * 4 * units, 0.25), beside.in(units * 4 * units, 0.25), beside.in(4 * units),
                         beside.in(inputs * 4 * units),       beside.in(units * 4 * units),       beside.in(4 * units)};
    };
    Direction forward = direction(), backward = direction();
    cuda::CudnnBiLstm peer(beside.on(), batch, length, inputs, units, false, true);
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        for (Direction* d : {&forward, &backward}) {
            const bool backwards = d == &backward;
            if constexpr (B::on_host) {
                const LstmGeometry g{batch, length, inputs, units, 2 * units, backwards ? units : 0, backwards};
                B::template lstm_forward<Sigmoid>(on, g, {nullptr, nullptr}, at(x), at(d->kernel), at(d->recurrent), at(d->bias),
                                                  at(trained), at(tape), at(scratch));
                B::template lstm_backward<Sigmoid>(on, g, {nullptr, nullptr}, at(d->kernel), at(d->recurrent), at(dy), backwards, at(dx),
                                                   at(d->dkernel), at(d->drecurrent), at(d->dbias), at(tape), at(scratch));
            } else {
                peer.set_weights(on, backwards, at(d->kernel), at(d->recurrent), at(d->bias));
            }
        }
        if constexpr (!B::on_host) {
            peer.forward(at(x), at(trained));
            peer.backward(on, at(x), at(trained), at(dy), at(dx));
            peer.add_gradients(on, false, at(forward.dkernel), at(forward.drecurrent), at(forward.dbias));
            peer.add_gradients(on, true, at(backward.dkernel), at(backward.drecurrent), at(backward.dbias));
        }
    });
    BOOST_TEST_INFO_SCOPE("batch " << batch << ", length " << length << ", units " << units);
    BOOST_TEST(beside.error(trained) < 1e-5);
    BOOST_TEST(beside.error(dx) < 1e-5);
    for (const Direction* d : {&forward, &backward}) {
        BOOST_TEST(beside.error(d->dkernel) < 1e-5);
        BOOST_TEST(beside.error(d->drecurrent) < 1e-5);
        BOOST_TEST(beside.error(d->dbias) < 1e-5);
    }
}

template <class Precision>
void convolution_equals(const Conv1DGeometry& g) {
    BesideCpu<cuda::Gpu, Precision> beside(32);
    auto x = beside.in(g.batch * g.length * g.channels), kernel = beside.in(g.width * g.channels * g.filters),
         y = beside.out(g.batch * g.out_length * g.filters);
    bool supported = true;
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        if constexpr (B::on_host) B::conv1d(on, g, at(x), at(kernel), at(y));
        else supported = cuda::Gpu::conv1d<Precision>(on, g, at(x), at(kernel), at(y));
    });
    BOOST_TEST_INFO_SCOPE(Precision::name() << ", batch " << g.batch << ", filters " << g.filters);
    if (supported) BOOST_TEST(beside.error(y) < precision_error<Precision>);
    else
        BOOST_TEST_MESSAGE("cuDNN has no engine for " << g.batch << " x " << g.length << " x " << g.channels << ", " << g.filters
                                                      << " filters, " << Precision::name());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cudnn)

BOOST_AUTO_TEST_CASE(its_lstm_equals_the_processors, *boost::unit_test::precondition(on_a_device)) {
    recurrence_equals(1, 2, 3, 4);
    recurrence_equals(7, 75, 32, 32);
    recurrence_equals(5, 75, 128, 128);
}

BOOST_AUTO_TEST_CASE(its_convolutions_keep_the_promise_of_the_precision, *boost::unit_test::precondition(on_a_device)) {
    for (const Conv1DGeometry& g :
         {Conv1DGeometry{7, 1000, 6, 975, 32, 26}, {3, 100, 8, 75, 128, 26}, {2, 23, 4, 9, 8, 5, 2, 1, 0}, {2, 23, 4, 23, 8, 5, 1, 1, 2}}) {
        convolution_equals<Exact32>(g);
        convolution_equals<TF32>(g);
    }
}

BOOST_AUTO_TEST_SUITE_END()
