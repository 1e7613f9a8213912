// SPDX-License-Identifier: MIT
#include <chromatid/chromatid.hpp>
#include <chromatid/core/philox.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace chromatid;

namespace {

using OneByOne = Cpu<float, ExactMath, Unfused>;

template <class... P>
using FactorNet = ReverseComplementSiamese<Sequential<Conv1D<16, 11, ReLU>, Dropout, TimeDistributedDense<24, ReLU>, MaxPool1D<5>,
                                                      BiLSTM<8>, Dropout, Flatten, Dense<20, ReLU>, Dropout, Dense<3, Sigmoid>>,
                                           P...>;
using DanQ = ReverseComplementSiamese<
    Sequential<Conv1D<20, 9, ReLU>, MaxPool1D<5>, Dropout, BiLSTM<8>, Dropout, Flatten, Dense<30, ReLU>, Dense<4, Sigmoid>>>;
using DeepSea = Sequential<Conv1D<12, 8, ReLU>, MaxPool1D<4>, Dropout, Conv1D<17, 8, ReLU>, MaxPool1D<4>, Dropout, Conv1D<20, 8, ReLU>,
                           Dropout, Flatten, Dense<30, ReLU>, Dense<4, Sigmoid>>;
using Basset =
    ReverseComplementSiamese<Sequential<Conv1D<15, 19>, Activation<ReLU>, MaxPool1D<3>, Conv1D<10, 5, ReLU>, MaxPool1D<4>,
                                        Conv1D<12, 3, ReLU>, MaxPool1D<2>, Flatten, Dense<16, ReLU>, Dropout, Dense<4, Sigmoid>>>;
using DeepBind =
    ReverseComplementSiamese<Sequential<Conv1D<16, 24, ReLU>, GlobalMaxPool1D, Dense<8, ReLU>, Dense<1, Sigmoid>>, MaxOfStrands>;

/// A stretch of bases, some unknown, and tracks.
struct Stretch {
    std::vector<std::uint8_t> codes;
    std::vector<std::vector<float>> tracks;
    std::vector<const std::uint8_t*> code_pointers;
    std::vector<const float*> track_pointers;

    Stretch(Index length, Index tracks_wanted, std::uint64_t seed) {
        const auto bits = [&](Index i, std::uint32_t row) {
            return Philox::block(Philox::key(seed), {static_cast<std::uint32_t>(i), row, 0, 0})[0];
        };
        for (Index i = 0; i < length; ++i) codes.push_back(static_cast<std::uint8_t>(bits(i, 0) % 97 == 0 ? 4 : bits(i, 1) % 4));
        for (Index t = 0; t < tracks_wanted; ++t) {
            auto& track = tracks.emplace_back();
            for (Index i = 0; i < length; ++i) track.push_back(Philox::uniform(bits(i, 2 + static_cast<std::uint32_t>(t))));
        }
        code_pointers = {codes.data()};
        for (const auto& track : tracks) track_pointers.push_back(track.data());
    }
    Windows<float> view() const {
        return {.count = 1,
                .length = static_cast<Index>(codes.size()),
                .channels = 4 + static_cast<Index>(tracks.size()),
                .codes = code_pointers.data(),
                .tracks = track_pointers.data()};
    }
};

/// Windows every `stride` bases as dense rows.
template <class In>
Tensor<float> dense_windows(const Stretch& stretch, const In& in, Index stride, Index count) {
    const StretchWindows<float> windows(stretch.view(), stride, in.values()[0], 0, count);
    Tensor<float> x({count, in.values()[0], in.values()[1]});
    cpu::expand(windows.view(), x.data());
    return x;
}

template <class Net, class In, class B = Cpu<float>>
Model<Net, In, B> made(std::uint64_t seed = 7) {
    Model<Net, In, B> model;
    model.initialize(seed);
    std::uint32_t i = 0;
    for (float& p : model.parameters())  // biases of zero would hide a bias in the wrong place
        p += 0.1F * (Philox::uniform(Philox::block(Philox::key(seed), {i++, 0, 0, 1})[0]) - 0.5F);
    return model;
}

template <class Net, class In>
void check_fused_is_plain(Index count = 5) {
    const auto fused = made<Net, In>();
    const auto plain = made<Net, In, OneByOne>();
    const Stretch stretch((count - 1) * 9 + In{}.values()[0], In{}.values()[1] - 4, 3);
    const Tensor<float> x = dense_windows(stretch, In{}, 9, count);
    const auto a = fused.predict(x), b = plain.predict(x);
    for (Index i = 0; i < a.view().size(); ++i) BOOST_CHECK_SMALL(a.data()[i] - b.data()[i], 2e-6F);

    const StretchWindows<float> windows(stretch.view(), 9, In{}.values()[0], 0, count);
    Tensor<float> c(a.extents()), d(a.extents());
    typename Cpu<float>::Context on;
    fused.infer(on, windows.view(), View<const float>{}, c);
    plain.infer(on, windows.view(), View<const float>{}, d);
    BOOST_CHECK_EQUAL_COLLECTIONS(c.data(), c.data() + c.view().size(), a.data(), a.data() + a.view().size());
    BOOST_CHECK_EQUAL_COLLECTIONS(d.data(), d.data() + d.view().size(), b.data(), b.data() + b.view().size());
}

/// Gradients of parameters and input of one batch whose outputs have slope 1, with dropout.
template <class M>
std::pair<std::vector<double>, std::vector<double>> gradients_of(const M& model, const Tensor<float>& x) {
    using T = typename M::Scalar;
    const Index n = x.extent(0), outputs = model.output_shape().size();
    Tensor<T> in(x.extents()), y({n, outputs}), dy({n, outputs}), dx(x.extents());
    std::copy_n(x.data(), x.size(), in.data());
    for (Index i = 0; i < dy.size(); ++i) dy.data()[i] = T{1};
    auto tape = model.tape(n);
    tape.draws = {.seed = 5, .step = 3};
    typename M::Context on;
    std::vector<T> gradients(model.parameters().size());
    model.forward(on, in, View<const T>{}, y, tape);
    model.backward(on, in, View<const T>{}, y, dy, dx, std::span<T>(gradients), tape);
    return {{gradients.begin(), gradients.end()}, {dx.data(), dx.data() + dx.size()}};
}

template <class Net, class In>
void check_training_is_plain() {
    const auto fused = made<Net, In>();
    Model<Net, In, Cpu<double>> plain;
    std::copy(fused.parameters().begin(), fused.parameters().end(), plain.parameters().begin());
    const Tensor<float> x = dense_windows(Stretch(500, In{}.values()[1] - 4, 9), In{}, 11, 6);
    const auto a = gradients_of(fused, x);
    const auto b = gradients_of(plain, x);
    const auto check = [](const char* what, const std::vector<double>& is, const std::vector<double>& wanted) {
        double largest = 0, off = 0;
        for (std::size_t i = 0; i < is.size(); ++i) {
            largest = std::max(largest, std::abs(wanted[i]));
            off = std::max(off, std::abs(is[i] - wanted[i]));
        }
        BOOST_TEST_CONTEXT(what) BOOST_CHECK_GT(largest, 0.0);
        BOOST_TEST_CONTEXT(what) BOOST_CHECK_SMALL(off / largest, 2e-5);
    };
    check("parameters", a.first, b.first);
    check("input", a.second, b.second);
}

template <class Net, class In>
void check_scan_is_per_window(Index stride, Index count) {
    const auto model = made<Net, In>();
    const Stretch stretch((count - 1) * stride + In{}.values()[0], In{}.values()[1] - 4, 11);
    const Tensor<float> each = model.predict(dense_windows(stretch, In{}, stride, count));
    Tensor<float> scanned(each.extents());
    typename Cpu<float>::Context on(2);
    model.scan(on, stretch.view(), stride, View<const float>{}, scanned);
    BOOST_TEST_CONTEXT("stride " << stride)
    BOOST_CHECK_EQUAL_COLLECTIONS(scanned.data(), scanned.data() + scanned.view().size(), each.data(), each.data() + each.view().size());
}

template <class Net, class In>
void check_scans() {
    for (const Index stride : {1, 7, 13, 50, 200, 500}) check_scan_is_per_window<Net, In>(stride, stride < 50 ? 110 : 40);
    check_scan_is_per_window<Net, In>(50, 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fusion)

BOOST_AUTO_TEST_CASE(finds_the_runs_of_a_chain) {
    using Runs = Fusion<Conv1D<16, 11, ReLU>, Dropout, TimeDistributedDense<24, ReLU>, MaxPool1D<5>, BiLSTM<8>, Dropout, Flatten>;
    static_assert(Runs::run_length(0) == 4 && Runs::run_length(4) == 1 && Runs::shared_layers == 4);
    using TwoConvolutions = Fusion<Conv1D<8, 3>, Activation<ReLU>, MaxPool1D<2>, Dropout, Conv1D<8, 3, ReLU>, Dropout, Flatten>;
    static_assert(TwoConvolutions::run_length(0) == 3 && TwoConvolutions::run_length(4) == 1 && TwoConvolutions::shared_layers == 5);
    using Global = Fusion<Conv1D<8, 3, ReLU>, GlobalMaxPool1D>;
    static_assert(Global::run_length(0) == 2 && Global::run_length(0, false) == 1 && Global::shared_layers == 1);
    using Padded = Fusion<Conv1D<8, 3, ReLU, SamePadding>, MaxPool1D<2>>;
    static_assert(!Padded::begins_run(0) && Padded::shared_layers == 0);
    using OtherActivation = Fusion<Conv1D<8, 3, Tanh>, MaxPool1D<2>>;
    static_assert(!OtherActivation::begins_run(0));
    using DropsInput = Fusion<Dropout, Conv1D<8, 3, ReLU>, MaxPool1D<2>, Flatten>;
    static_assert(DropsInput::run_length(1) == 2 && DropsInput::shared_layers == 0);
    BOOST_CHECK(true);
}

BOOST_AUTO_TEST_CASE(a_summary_says_what_is_fused) {
    const std::string text = Model<FactorNet<>, Shape<100, 6>>().summary();
    BOOST_CHECK_NE(text.find("Fused: conv1d_1 + dropout_1 + time_distributed_dense_1 + max_pool1d_1\n"), std::string::npos);
    BOOST_CHECK_EQUAL((Model<FactorNet<>, Shape<100, 6>, OneByOne>().summary().find("Fused")), std::string::npos);
    const std::string deep = Model<DeepSea, Shape<200, 4>>().summary();
    BOOST_CHECK_NE(deep.find("Fused: conv1d_2 + max_pool1d_2\n"), std::string::npos);
}

BOOST_AUTO_TEST_CASE(fused_networks_are_the_plain_ones) {
    check_fused_is_plain<FactorNet<>, Shape<100, 6>>();
    check_fused_is_plain<FactorNet<SwapTracks<0, 1>>, Shape<103, 7>>();
    check_fused_is_plain<DanQ, Shape<101, 4>>();
    check_fused_is_plain<DeepSea, Shape<203, 5>>();
    check_fused_is_plain<Basset, Shape<150, 4>>();
    check_fused_is_plain<DeepBind, Shape<120, 5>>(60);
}

BOOST_AUTO_TEST_CASE(every_instruction_set_gives_the_same_network) {
    const auto model = made<FactorNet<>, Shape<100, 6>>();
    const Tensor<float> x = dense_windows(Stretch(300, 2, 3), Shape<100, 6>{}, 9, 20);
    const auto on_isa = [&](cpu::Isa isa) {
        const cpu::IsaLimit limit(isa);
        const auto y = model.predict(x);
        return std::vector<float>(y.data(), y.data() + y.view().size());
    };
    const auto widest = on_isa(cpu::Isa::avx512), narrow = on_isa(cpu::Isa::avx2), plain = on_isa(cpu::Isa::plain);
    if (cpu::isa() != cpu::Isa::plain) BOOST_CHECK_EQUAL_COLLECTIONS(widest.begin(), widest.end(), narrow.begin(), narrow.end());
    for (std::size_t i = 0; i < plain.size(); ++i) BOOST_CHECK_SMALL(plain[i] - widest[i], 2e-6F);
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
    const auto model = made<FactorNet<>, Shape<100, 6>>();
    const Stretch stretch(199 * 7 + 100, 2, 3);
    const StretchWindows<float> windows(stretch.view(), 7, 100, 0, 200);
    std::vector<std::vector<float>> results;
    for (const Index threads : {1, 2, 7}) {
        typename Cpu<float>::Context on(threads);
        Tensor<float> each({200, 3}), scanned({200, 3});
        model.infer(on, windows.view(), View<const float>{}, each);
        model.scan(on, stretch.view(), 7, View<const float>{}, scanned);
        results.emplace_back(each.data(), each.data() + 600);
        results.emplace_back(scanned.data(), scanned.data() + 600);
    }
    for (const auto& result : results) BOOST_CHECK_EQUAL_COLLECTIONS(result.begin(), result.end(), results[0].begin(), results[0].end());
}

BOOST_AUTO_TEST_CASE(training_fused_networks_gives_the_gradients_of_each_layer_in_double) {
    check_training_is_plain<FactorNet<>, Shape<100, 6>>();
    check_training_is_plain<FactorNet<SwapTracks<0, 1>>, Shape<103, 7>>();
    check_training_is_plain<DanQ, Shape<101, 4>>();
    check_training_is_plain<DeepSea, Shape<203, 5>>();
    check_training_is_plain<Basset, Shape<150, 4>>();
    check_training_is_plain<DeepBind, Shape<120, 5>>();
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_sizes_give_the_same_bits) {
    using Dynamic = ReverseComplementSiamese<Sequential<Conv1D<dyn, dyn, ReLU>, MaxPool1D<dyn>, Flatten, Dense<dyn, Sigmoid>>>;
    using Static = ReverseComplementSiamese<Sequential<Conv1D<10, 7, ReLU>, MaxPool1D<3>, Flatten, Dense<2, Sigmoid>>>;
    Model<Dynamic, Shape<dyn, dyn>> a(
        Dynamic(Sequential(Conv1D<dyn, dyn, ReLU>(10, 7), MaxPool1D<dyn>(3), Flatten{}, Dense<dyn, Sigmoid>(2))), Shape<dyn, dyn>(60, 5));
    Model<Static, Shape<60, 5>> b;
    a.initialize(1);
    b.initialize(1);
    const Tensor<float> x = dense_windows(Stretch(200, 1, 5), Shape<60, 5>{}, 10, 7);
    const auto ya = a.predict(x), yb = b.predict(x);
    BOOST_CHECK_EQUAL_COLLECTIONS(ya.data(), ya.data() + 14, yb.data(), yb.data() + 14);
}

BOOST_AUTO_TEST_CASE(a_scan_gives_the_bits_of_each_window_alone) {
    check_scans<FactorNet<>, Shape<1000, 6>>();
    check_scans<FactorNet<SwapTracks<0, 1>>, Shape<1002, 6>>();
    check_scans<DanQ, Shape<303, 4>>();
    check_scans<DeepSea, Shape<300, 5>>();
    check_scans<Basset, Shape<302, 4>>();
    check_scans<DeepBind, Shape<120, 5>>();
}

BOOST_AUTO_TEST_CASE(a_network_without_shared_layers_is_scanned_window_by_window) {
    check_scan_is_per_window<Sequential<Flatten, Dense<5, Sigmoid>>, Shape<30, 5>>(4, 60);
    check_scan_is_per_window<Sequential<Conv1D<4, 5, ReLU, SamePadding>, GlobalMaxPool1D, Dense<5, Sigmoid>>, Shape<30, 5>>(4, 60);
}

BOOST_AUTO_TEST_CASE(a_network_that_begins_with_an_activation_or_dropout_is_scanned_window_by_window) {
    check_scan_is_per_window<Sequential<Activation<ReLU>, Conv1D<4, 5, ReLU>, MaxPool1D<3>, Flatten, Dense<5, Sigmoid>>, Shape<30, 5>>(4,
                                                                                                                                       60);
    check_scan_is_per_window<Sequential<Dropout, Conv1D<4, 5, ReLU>, MaxPool1D<3>, Flatten, Dense<5, Sigmoid>>, Shape<30, 5>>(4, 60);
}

BOOST_AUTO_TEST_CASE(the_last_tile_of_a_scan_may_need_more_scratch_than_a_whole_one) {
    using Net = Sequential<Conv1D<32, 11, ReLU>, TimeDistributedDense<8, ReLU>, MaxPool1D<90>, Flatten, Dense<1, Sigmoid>>;
    constexpr Index at_once = Model<Net, Shape<100, 4>>::windows_per_tile;
    const StretchScan<Net, Shape<100, 4>, Cpu<float>> scan(Net{}, {});
    const Index whole = scan.windows_per_tile(2, at_once);
    BOOST_REQUIRE_GT(whole, 209);
    BOOST_CHECK_GT(scan.memory(2, 209, at_once), scan.memory(2, whole, at_once));
    check_scan_is_per_window<Net, Shape<100, 4>>(2, whole + 209);
}

BOOST_AUTO_TEST_CASE(windows_of_both_strands_are_refused) {
    const auto model = made<DeepSea, Shape<200, 4>>();
    const Stretch stretch(200, 0, 1);
    const std::vector<Index> partner{3, 2, 1, 0};
    Windows<float> both = stretch.view();
    both.partner = partner.data();
    Tensor<float> y({1, 4});
    typename Cpu<float>::Context on;
    BOOST_CHECK_THROW(model.infer(on, both, View<const float>{}, y), ShapeError);
    BOOST_CHECK_THROW(model.scan(on, both, 10, View<const float>{}, y), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_scan_refuses_a_stretch_of_another_length) {
    const auto model = made<DeepBind, Shape<120, 5>>();
    const Stretch stretch(200, 1, 1);
    Tensor<float> y({5, 1});
    typename Cpu<float>::Context on;
    BOOST_CHECK_THROW(model.scan(on, stretch.view(), 10, View<const float>{}, y), ShapeError);
    BOOST_CHECK_THROW(model.scan(on, stretch.view(), 0, View<const float>{}, y), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
