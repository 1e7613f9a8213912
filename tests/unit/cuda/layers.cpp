// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/emulated_cuda.hpp>
#include <chromatid/layer/activation.hpp>
#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/global_max_pool1d.hpp>
#include <chromatid/layer/lstm.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>
#include <chromatid/network/concat.hpp>
#include <chromatid/network/model.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>

#include "tests/support/random_arrays.hpp"
#include "tests/support/relative_error.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <span>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

constexpr double tolerance = 2e-6;

/// What a layer puts out, in inference and in training, and its gradients; numbers go in as floats.
template <class B>
struct Passes {
    using T = typename B::Scalar;
    std::vector<T> inferred, y, gradients, dx;

    template <class L, AnyShape In>
    Passes(const L& layer, const In& in, Index batch, std::uint64_t seed) {
        Draw draw(seed);
        Model<L, In, B> model(layer, in);
        for (T& p : model.parameters()) p = static_cast<T>(draw.number());
        const Tensor<T> x = converted<T>(draw.array(View<double>(nullptr, batch, in).extents()));
        const Tensor<T> side = model.side_size() > 0 ? converted<T>(draw.array({batch, model.side_size()})) : Tensor<T>();
        const View<const T> sides = model.side_size() > 0 ? side.view() : View<const T>{};
        Tensor<T> out(View<double>(nullptr, batch, model.output_shape()).extents()), slope(x.extents());
        Tensor<T> dy = converted<T>(draw.array(out.extents()));
        gradients.assign(model.parameters().size(), T{0.25});  // backward adds
        typename B::Context on;
        model.infer(on, x, sides, out);
        inferred.assign(out.data(), out.data() + out.size());
        Tape<B> tape = model.tape(batch);
        tape.draws = {.seed = seed, .step = 3, .first_window = 5};
        model.forward(on, x, sides, out, tape);
        y.assign(out.data(), out.data() + out.size());
        model.backward(on, x, sides, out, dy, slope, std::span(gradients), tape);
        dx.assign(slope.data(), slope.data() + slope.size());
    }
};

double error(const std::vector<float>& a, const std::vector<double>& b) {
    return relative_error(std::span<const float>(a), std::span<const double>(b));
}

template <class B, class L, AnyShape In>
void check_on(const L& layer, const In& in, Index batch, std::uint64_t seed) {
    const Passes<Cpu<double>> exact(layer, in, batch, seed);
    const Passes<B> there(layer, in, batch, seed);
    BOOST_TEST_CONTEXT(to_text(layer) << ", " << to_string(in) << ", batch " << batch) {
        BOOST_TEST(error(there.inferred, exact.inferred) < tolerance);
        BOOST_TEST(error(there.y, exact.y) < tolerance);
        BOOST_TEST(error(there.gradients, exact.gradients) < tolerance);
        BOOST_TEST(error(there.dx, exact.dx) < tolerance);
    }
}

/// For batches of 1 and more.
template <class L, AnyShape In>
void check_layer(const L& layer, const In& in, std::uint64_t seed = 1) {
    for (const Index batch : {1, 3}) check_on<EmulatedCuda<>>(layer, in, batch, seed);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_layers)

BOOST_AUTO_TEST_CASE(dense) {
    check_layer(Dense<7, Tanh>{}, Shape<401>{});
    check_layer(Dense<1>{}, Shape<1>{});
    check_layer(Dense<5, Sigmoid>{}, Shape<7>{});
    check_layer(TimeDistributedDense<3, HardSigmoid>{}, Shape<7, 5>{});
}

BOOST_AUTO_TEST_CASE(convolutions) {
    check_layer(Conv1D<5, 3, Tanh>{}, Shape<11, 3>{});
    check_layer(Conv1D<1, 1>{}, Shape<1, 1>{});
    check_layer(Conv1D<4, 4, SamePadding, Sigmoid>{}, Shape<9, 2>{});
    check_layer(Conv1D<5, 3, Stride<2>, Dilation<2>>{}, Shape<13, 3>{});
    check_layer(Conv1D<33, 26>{}, Shape<40, 6>{});
}

BOOST_AUTO_TEST_CASE(pools) {
    check_layer(MaxPool1D<3>{}, Shape<11, 5>{});
    check_layer(MaxPool1D<3, Stride<2>>{}, Shape<10, 33>{});
    check_layer(GlobalMaxPool1D{}, Shape<401, 7>{});
    check_layer(GlobalMaxPool1D{}, Shape<1, 1>{});
}

BOOST_AUTO_TEST_CASE(activations_and_dropout) {
    check_layer(Activation<Tanh>{}, Shape<7, 13>{});
    check_layer(Activation<ReLU>{}, Shape<401>{});
    check_layer(Dropout(0.3F), Shape<401>{});
    check_layer(Dropout(0.5F), Shape<7, 13>{});
}

BOOST_AUTO_TEST_CASE(recurrences) {
    check_layer(LSTM<5>{}, Shape<7, 3>{});
    check_layer(LSTM<4, HardSigmoidGates>(LstmDropout{.input = 0.2F, .state = 0.3F}), Shape<6, 5>{});
    check_layer(BiLSTM<3>{}, Shape<1, 1>{});
    check_layer(BiLSTM<7, HardSigmoidGates>(LstmDropout{.input = 0.1F, .state = 0.1F}), Shape<5, 9>{});
    check_layer(BiLSTM<32>(LstmDropout{.input = 0.1F, .state = 0.1F}), Shape<3, 32>{});
}

BOOST_AUTO_TEST_CASE(side_inputs_and_branches) {
    check_layer(SideInput<3>{}, Shape<7>{});
    check_layer(Concat(Conv1D<3, 3, SamePadding>(), Conv1D<5, 5, SamePadding>()), Shape<9, 2>{});
}

BOOST_AUTO_TEST_CASE(both_strands) {
    using Net = Sequential<Conv1D<4, 3, Tanh>, Flatten, Dense<2, Sigmoid>>;
    check_layer(ReverseComplementSiamese<Net>{}, Shape<7, 5>{});
    check_layer(ReverseComplementSiamese<Net, LogitMeanOfStrands>{}, Shape<7, 4>{});
    check_layer(ReverseComplementSiamese<Net, MaxOfStrands, SwapTracks<0, 1>>{}, Shape<7, 6>{});
}

BOOST_AUTO_TEST_CASE(fused_runs_and_layers_one_by_one) {
    using Net =
        ReverseComplementSiamese<Sequential<Conv1D<5, 4, ReLU>, Dropout, TimeDistributedDense<3, ReLU>, MaxPool1D<4>, Flatten, Dense<2>>>;
    const Net net(Sequential(Conv1D<5, 4, ReLU>(), Dropout(0.2F), TimeDistributedDense<3, ReLU>(), MaxPool1D<4>(), Flatten(), Dense<2>()));
    for (const Index batch : {1, 3}) {
        check_on<EmulatedCuda<>>(net, Shape<19, 6>{}, batch, 2);
        check_on<EmulatedCuda<Exact32, ExactMath, Unfused>>(net, Shape<19, 6>{}, batch, 2);
    }
}

BOOST_AUTO_TEST_SUITE_END()
