// SPDX-License-Identifier: MIT
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/train/batch_gradient.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numeric>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Net = ReverseComplementSiamese<Sequential<Conv1D<8, 5, ReLU>, Dropout, TimeDistributedDense<6, ReLU>, MaxPool1D<4>, BiLSTM<5>,
                                                Dropout, Flatten, SideInput<3>, Dense<7, ReLU>, Dense<2, Sigmoid>>>;

// without kinks, for central differences
using SmoothNet = ReverseComplementSiamese<
    Sequential<Conv1D<8, 5, Tanh, Stride<4>>, Dropout, BiLSTM<5>, Dropout, Flatten, SideInput<3>, Dense<7, Tanh>, Dense<2, Sigmoid>>>;

Batch random_batch(Index size, Index length = 40, Index side = 3, Index tasks = 2) {
    Draw draw(7);
    Batch batch{.x = converted<float>(random_windows(6, size, length, 6)), .targets = Tensor<float>({size, tasks}), .size = size};
    if (side > 0) batch.side = converted<float>(draw.array({size, side}));
    for (float& t : batch.targets.span()) t = static_cast<float>(draw.index(0, 1));
    return batch;
}

template <class B, class N = Net>
Model<N, Shape<40, 6>, B> initialized() {
    Model<N, Shape<40, 6>, B> model;
    model.initialize(3);
    return model;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batch_gradient)

BOOST_AUTO_TEST_CASE(it_is_the_slope_of_the_loss_it_returns) {
    auto model = initialized<Cpu<double>, SmoothNet>();
    const Batch batch = random_batch(37);
    BatchGradient gradient(model, 40);
    Cpu<double>::Context on;
    std::vector<double> slopes(model.parameters().size()), ignored(slopes.size());
    const Draws draws{.seed = 1, .step = 2};
    gradient(on, batch, BinaryCrossEntropy{}, draws, slopes);
    for (std::size_t i = 0; i < slopes.size(); i += 13) {
        double& p = model.parameters()[i];
        const double at = p, h = 1e-5;
        p = at + h;
        const double above = gradient(on, batch, BinaryCrossEntropy{}, draws, ignored);
        p = at - h;
        const double below = gradient(on, batch, BinaryCrossEntropy{}, draws, ignored);
        p = at;
        BOOST_TEST(std::abs((above - below) / (2 * h) - slopes[i]) < 1e-8);
    }
}

BOOST_AUTO_TEST_CASE(codes_and_tracks_give_the_bits_of_dense_rows) {
    const auto model = initialized<Cpu<float>>();
    Batch dense = random_batch(21);
    Batch encoded{.encoded = EncodedWindows(21, 40, 2), .side = dense.side, .targets = dense.targets, .size = 21};
    Draw draw(4);
    for (Index w = 0; w < 21; ++w)
        for (Index t = 0; t < 40; ++t) {
            encoded.encoded.codes(w)[static_cast<std::size_t>(t)] = static_cast<std::uint8_t>(draw.index(0, 4));
            for (Index k = 0; k < 2; ++k)
                encoded.encoded.track(w, k)[static_cast<std::size_t>(t)] = static_cast<float>(draw.index(0, 9)) / 8;
        }
    cpu::expand(encoded.windows(), dense.x.data());
    BatchGradient gradient(model, 21);
    Cpu<float>::Context on;
    std::vector<float> a(model.parameters().size()), b(a.size());
    const double loss = gradient(on, dense, BinaryCrossEntropy{}, {.seed = 1, .step = 2}, a);
    BOOST_TEST(gradient(on, encoded, BinaryCrossEntropy{}, {.seed = 1, .step = 2}, b) == loss);
    BOOST_CHECK_EQUAL_COLLECTIONS(a.begin(), a.end(), b.begin(), b.end());
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_a_bit) {
    const auto model = initialized<Cpu<float>>();
    const Batch batch = random_batch(100);
    std::vector<float> one(model.parameters().size());
    Cpu<float>::Context alone;
    const double loss = BatchGradient(model, 100)(alone, batch, BinaryCrossEntropy{}, {.seed = 1, .step = 2}, one);
    for (const Index threads : {2, 7}) {
        Cpu<float>::Context on(threads);
        BatchGradient gradient(model, 100);
        std::vector<float> many(one.size());
        for (int repeat = 0; repeat < 3; ++repeat) {
            BOOST_TEST(gradient(on, batch, BinaryCrossEntropy{}, {.seed = 1, .step = 2}, many) == loss);
            BOOST_TEST(many == one, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_batch_is_the_mean_of_its_windows) {
    const auto model = initialized<Cpu<double>>();
    const Batch batch = random_batch(20);
    Cpu<double>::Context on;
    std::vector<double> whole(model.parameters().size()), part(whole.size()), sum(whole.size());
    BatchGradient gradient(model, 20);
    double loss = 0;
    for (Index w = 0; w < 20; ++w) {
        Batch one{.x = Tensor<float>({1, 40, 6}), .side = Tensor<float>({1, 3}), .targets = Tensor<float>({1, 2}), .size = 1};
        std::ranges::copy(batch.inputs().rows(w, 1).span(), one.x.data());
        std::ranges::copy(batch.sides().rows(w, 1).span(), one.side.data());
        std::ranges::copy(batch.labels().rows(w, 1).span(), one.targets.data());
        loss += gradient(on, one, BinaryCrossEntropy{}, {.seed = 1, .step = 2, .first_window = static_cast<std::uint32_t>(w)}, part) / 20;
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i] / 20;
    }
    BOOST_TEST(std::abs(gradient(on, batch, BinaryCrossEntropy{}, {.seed = 1, .step = 2}, whole) - loss) < 1e-13);
    for (std::size_t i = 0; i < sum.size(); ++i) BOOST_TEST(std::abs(sum[i] - whole[i]) < 1e-13);
}

BOOST_AUTO_TEST_CASE(ambiguous_targets_take_no_part) {
    const auto model = initialized<Cpu<double>>();
    Batch batch = random_batch(18);
    Cpu<double>::Context on;
    BatchGradient gradient(model, 18);
    std::vector<double> slopes(model.parameters().size());
    std::ranges::fill(batch.targets.span(), ambiguous);
    BOOST_TEST(gradient(on, batch, BinaryCrossEntropy{}, {}, slopes) == 0.0);
    BOOST_TEST(std::all_of(slopes.begin(), slopes.end(), [](double s) { return s == 0.0; }));
}

BOOST_AUTO_TEST_CASE(any_model_gives_the_same_bits) {
    const FactorNetSizes sizes{.length = 60, .filters = 8, .width = 7, .position_units = 8, .pool = 6, .lstm_units = 4, .dense_units = 8};
    AnyModel<> any = make_factornet(sizes);
    any.initialize(5);
    Model<StaticFactorNet<8, 7, 6, 4, 8>, Shape<60, 6>> fixed(
        StaticFactorNet<8, 7, 6, 4, 8>(Sequential(Conv1D<8, 7, ReLU>{}, Dropout(0.1F), TimeDistributedDense<8, ReLU>{}, MaxPool1D<6>{},
                                                  BiLSTM<4, HardSigmoidGates>(LstmDropout{.input = 0.1F, .state = 0.1F}), Dropout(0.5F),
                                                  Flatten{}, Dense<8, ReLU>{}, Dropout(0.5F), Dense<1, Sigmoid>{})));
    fixed.initialize(5);
    const Batch batch = random_batch(33, 60, 0, 1);
    Cpu<float>::Context on;
    std::vector<float> a(any.parameters().size()), b(a.size());
    const double loss = BatchGradient(any, 33)(on, batch, BinaryCrossEntropy{}, {.seed = 9}, a);
    BOOST_TEST(BatchGradient(fixed, 33)(on, batch, BinaryCrossEntropy{}, {.seed = 9}, b) == loss);
    BOOST_TEST(a == b, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(batches_that_do_not_fit_are_refused) {
    const auto model = initialized<Cpu<float>>();
    BatchGradient gradient(model, 10);
    Cpu<float>::Context on;
    std::vector<float> slopes(model.parameters().size()), few(3);
    BOOST_CHECK_THROW(gradient(on, random_batch(11), BinaryCrossEntropy{}, {}, slopes), ShapeError);
    BOOST_CHECK_THROW(gradient(on, random_batch(10), BinaryCrossEntropy{}, {}, few), ShapeError);
    BOOST_CHECK_THROW(gradient(on, random_batch(10, 41), BinaryCrossEntropy{}, {}, slopes), ShapeError);
    BOOST_CHECK_THROW(gradient(on, random_batch(10, 40, 0), BinaryCrossEntropy{}, {}, slopes), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
