// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/emulated_cuda.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/network/on_device.hpp>

#include "tests/support/emulated_array.hpp"
#include "tests/support/factornet.hpp"
#include "tests/support/random_windows.hpp"
#include "tests/support/relative_error.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Device = EmulatedCuda<>;

// 61 bases and 6 channels: 56 positions behind the convolution, 11 behind the pool
using SmallFactorNet = FactorNet<8, 6, 5, 4, 12>;
using WithSide = MetadataFactorNet<8, 6, 5, 4, 12, 3>;
constexpr Index bases = 61, inputs = 6;

template <class B, class Net = SmallFactorNet>
Model<Net, Shape<bases, inputs>, B> small(std::uint64_t seed = 11) {
    Model<Net, Shape<bases, inputs>, B> model;
    model.initialize(seed);
    return model;
}

double difference(const Tensor<float>& a, const Tensor<float>& b) {
    return relative_error(std::span<const float>(a.span()), std::span<const double>(converted<double>(b).span()));
}

/// The same network and parameters on the processor and on the device.
template <class Net = SmallFactorNet>
struct Both {
    Model<Net, Shape<bases, inputs>> here = small<Cpu<float>, Net>();
    Model<Net, Shape<bases, inputs>, Device> there = small<Device, Net>();
    ThreadPool threads;
    Device::Context on;

    Tensor<float> expected(const Windows<float>& x, View<const float> side = {}) {
        Tensor<float> y({x.count, 1});
        here.infer(threads, x, side, y);
        return y;
    }
};

/// One stretch of random bases and two tracks.
struct Stretch {
    RandomWindows all;
    Windows<float> view = all.encoded(false);

    explicit Stretch(Index length) : all(1, length, inputs, 5) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_model)

BOOST_AUTO_TEST_CASE(a_sum_by_hand) {
    Model<Dense<1>, Shape<3>, Device> model;
    const float weights[] = {1, 10, 100, 0.5F};
    std::copy_n(weights, 4, model.parameters().begin());
    Tensor<float> x({2, 3});
    for (Index i = 0; i < 6; ++i) x.data()[i] = static_cast<float>(i);
    const Tensor<float> y = model.predict(x);
    BOOST_TEST(y(0, 0) == 210.5F);
    BOOST_TEST(y(1, 0) == 543.5F);
    model.parameters()[3] = 0;  // what the host changes goes to the device again
    BOOST_TEST(model.predict(x)(1, 0) == 543.0F);
}

BOOST_AUTO_TEST_CASE(windows_of_either_kind_give_what_the_processor_gives) {
    Both<> net;
    for (const Index n : {1, 7}) {
        const RandomWindows windows(n, bases, inputs, 3);
        const Tensor<float> expected = net.expected(windows.encoded(false));
        Tensor<float> encoded({n, 1}), dense({n, 1});
        net.there.infer(net.on, windows.encoded(false), View<const float>{}, encoded);
        net.there.infer(net.on, windows.dense, View<const float>{}, dense);
        BOOST_TEST(difference(encoded, expected) < 1e-6);
        BOOST_TEST(difference(dense, expected) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(networks_that_do_not_fuse_read_windows_too) {
    using Plain = EmulatedCuda<Exact32, ExactMath, Unfused>;
    const auto model = small<Plain>();
    Both<> net;
    const RandomWindows windows(3, bases, inputs, 4);
    Tensor<float> y({3, 1});
    Plain::Context on;
    model.infer(on, windows.encoded(false), View<const float>{}, y);
    BOOST_TEST(difference(y, net.expected(windows.encoded(false))) < 1e-6);
}

BOOST_AUTO_TEST_CASE(side_inputs_come_along) {
    Both<WithSide> net;
    const RandomWindows windows(5, bases, inputs, 8);
    const Tensor<float> side = converted<float>(Draw(2).array({5, 3}));
    Tensor<float> y({5, 1});
    net.there.infer(net.on, windows.encoded(false), side, y);
    BOOST_TEST(difference(y, net.expected(windows.encoded(false), side)) < 1e-6);
}

BOOST_AUTO_TEST_CASE(batches_of_several_tiles_are_the_windows_one_by_one) {
    using Net = Sequential<Conv1D<2, 3, ReLU>, GlobalMaxPool1D, Dense<1>>;
    constexpr Index n = 2 * Device::windows_per_tile + 5;
    Model<Net, Shape<4, 5>, Device> model;
    model.initialize(1);
    const RandomWindows windows(n, 4, 5, 6);
    Device::Context on;
    Tensor<float> y({n, 1}), one({1, 1});
    model.infer(on, windows.encoded(false), View<const float>{}, y);
    for (const Index w : {Index{0}, Device::windows_per_tile - 1, Device::windows_per_tile, n - 1}) {
        model.infer(on, windows.encoded(false).part(w, 1), View<const float>{}, one);
        BOOST_TEST(y(w, 0) == one(0, 0));
    }
}

BOOST_AUTO_TEST_CASE(arrays_on_the_device_are_used_where_they_are) {
    Both<> net;
    const RandomWindows windows(4, bases, inputs, 3);
    const EmulatedArray<float> x(net.on, std::span<const float>(windows.dense.span())), y(4);
    net.there.infer(net.on, View<const float>(x.data(), {4, bases, inputs}), View<const float>{}, View<float>(y.data(), {4, 1}));
    const std::vector<float> outputs = y.on_host(net.on);
    Tensor<float> from_host({4, 1});
    net.there.infer(net.on, windows.dense, View<const float>{}, from_host);
    BOOST_TEST(outputs == std::vector<float>(from_host.data(), from_host.data() + 4), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_scan_gives_each_window_alone) {
    for (const Index stride : {5, 7, 60}) {
        Both<> net;
        constexpr Index n = 6;
        const Stretch stretch((n - 1) * stride + bases);
        Tensor<float> y({n, 1}), expected({n, 1});
        net.there.scan(net.on, stretch.view, stride, View<const float>{}, y);
        const StretchWindows<float> windows(stretch.view, stride, bases, 0, n);
        net.there.infer(net.on, windows.view(), View<const float>{}, expected);
        BOOST_TEST(difference(y, expected) < 1e-6, "stride " << stride);
        BOOST_TEST(difference(y, net.expected(windows.view())) < 1e-6, "stride " << stride);
    }
}

BOOST_AUTO_TEST_CASE(threads_with_contexts_of_their_own_share_a_model) {
    Both<> net;
    const RandomWindows windows(6, bases, inputs, 9);
    const Tensor<float> expected = net.expected(windows.encoded(false));
    const auto& model = net.there;
    std::vector<Tensor<float>> results(3, Tensor<float>({6, 1}));
    std::vector<std::thread> threads;
    for (Tensor<float>& y : results)
        threads.emplace_back([&] {
            Device::Context on;
            for (int i = 0; i < 2; ++i) model.infer(on, windows.encoded(false), View<const float>{}, y);
        });
    for (std::thread& t : threads) t.join();
    for (const Tensor<float>& y : results) BOOST_TEST(difference(y, expected) < 1e-6);
}

BOOST_AUTO_TEST_CASE(a_trace_shows_each_layer_on_the_host) {
    Both<> net;
    const RandomWindows windows(2, bases, inputs, 3);
    Tensor<float> y({2, 1}), y_here({2, 1});
    std::vector<Tensor<float>> expected;
    net.here.trace(windows.dense, View<const float>{}, y_here, [&](const LayerDescription&, View<const float> output) {
        expected.emplace_back(output.extents());
        std::copy_n(output.data(), output.size(), expected.back().data());
    });
    std::size_t layer = 0;
    net.there.trace(net.on, windows.dense, View<const float>{}, y, [&](const LayerDescription& about, View<const float> output) {
        Tensor<float> seen(output.extents());
        std::copy_n(output.data(), output.size(), seen.data());
        BOOST_TEST(difference(seen, expected.at(layer++)) < 2e-6, about.name);
    });
    BOOST_TEST(layer == expected.size());
    BOOST_TEST(difference(y, y_here) < 1e-6);
}

BOOST_AUTO_TEST_CASE(any_model_gives_the_same_bits) {
    const Both<> net;
    const AnyModel<Device> any(small<Device>());
    const RandomWindows windows(3, bases, inputs, 3);
    const Tensor<float> a = any.predict(windows.dense), b = net.there.predict(windows.dense);
    BOOST_TEST(std::equal(a.data(), a.data() + 3, b.data()));
}

BOOST_AUTO_TEST_CASE(a_recipe_read_at_run_time_runs_there) {
    FactorNetSizes sizes;
    sizes.length = bases;
    sizes.tracks = 2;
    sizes.filters = 8;
    sizes.width = 6;
    sizes.position_units = 8;
    sizes.pool = 5;
    sizes.lstm_units = 4;
    sizes.dense_units = 12;
    AnyModel<> here = make_factornet(sizes);
    AnyModel<Device> there = make_factornet<Device>(sizes);
    here.initialize(3);
    there.initialize(3);
    const RandomWindows windows(3, bases, sizes.channels(), 3);
    BOOST_TEST(difference(there.predict(windows.dense), here.predict(windows.dense)) < 1e-6);
}

BOOST_AUTO_TEST_CASE(a_network_on_a_device_passes_for_one_on_the_processor) {
    Both<> net;
    int contexts = 0;
    AnyModel<> model = OnDevice(small<Device>(), [&] {
        ++contexts;
        return std::make_unique<Device::Context>();
    });
    const RandomWindows windows(5, bases, inputs, 3);
    const Tensor<float> expected = net.expected(windows.encoded(false));
    ThreadPool threads(3);
    Tensor<float> y({5, 1});
    for (int i = 0; i < 3; ++i) model.infer(threads, windows.encoded(false), View<const float>{}, y);
    BOOST_TEST(difference(y, expected) < 1e-6);
    BOOST_TEST(contexts == 1);
    BOOST_TEST(difference(model.predict(windows.dense), expected) < 1e-6);
    BOOST_TEST(model.input_shape() == (std::vector<Index>{bases, inputs}), boost::test_tools::per_element());

    model.initialize(12);  // parameters are the device's
    BOOST_TEST(difference(model.predict(windows.dense), expected) > 1e-3);
    model.initialize(11);
    const Stretch stretch(4 * 7 + bases);
    model.scan(threads, stretch.view, 7, View<const float>{}, y);
    BOOST_TEST(difference(y, net.expected(StretchWindows<float>(stretch.view, 7, bases, 0, 5).view())) < 1e-6);
}

BOOST_AUTO_TEST_CASE(several_threads_borrow_contexts_of_their_own) {
    Both<> net;
    std::atomic<int> contexts = 0;
    const AnyModel<> model = OnDevice(AnyModel<Device>(small<Device>()), [&] {
        ++contexts;
        return std::make_unique<Device::Context>();
    });
    const RandomWindows windows(4, bases, inputs, 3);
    const Tensor<float> expected = net.expected(windows.encoded(false));
    std::vector<Tensor<float>> results(3, Tensor<float>({4, 1}));
    std::vector<std::thread> threads;
    for (Tensor<float>& y : results)
        threads.emplace_back([&] {
            ThreadPool here;
            model.infer(here, windows.encoded(false), View<const float>{}, y);
        });
    for (std::thread& t : threads) t.join();
    for (const Tensor<float>& y : results) BOOST_TEST(difference(y, expected) < 1e-6);
    BOOST_TEST(contexts <= 3);
}

BOOST_AUTO_TEST_CASE(a_network_behind_the_processors_calls_says_how_it_is_trained) {
    const AnyModel<> model = OnDevice(small<Device>(), [] { return std::make_unique<Device::Context>(); });
    try {
        (void)model.tape(4);
        BOOST_FAIL("there is a tape");
    } catch (const UsageError& error) {
        BOOST_TEST(std::string(error.what()).find("AnyModel<Cuda<...>>") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_device_that_is_full_says_which_batch_would_fit) {
    const auto model = small<Device>();
    Device::Context on;
    const auto fits = [&](Index batch) {
        try {
            (void)model.tape(batch);
        } catch (const DeviceError&) {
            return false;
        }
        return true;
    };
    try {
        (void)model.tape(Index{1} << 40);
        BOOST_FAIL("so many windows fit");
    } catch (const DeviceError& error) {
        const std::string what = error.what(), before = "one of ";
        const auto at = what.find(before);
        BOOST_REQUIRE(at != std::string::npos);
        const Index said = std::stoll(what.substr(at + before.size()));
        BOOST_TEST(said > 0);
        BOOST_TEST(fits(said / 2));
        BOOST_TEST(!fits(2 * said));
    }
}

BOOST_AUTO_TEST_CASE(a_batch_without_room_is_named_as_it_was_given) {
    // 1.6 GB of outputs of the convolution for each window, of 4 GiB
    using Wide = Sequential<Conv1D<4000, 1, ReLU>, GlobalMaxPool1D, Dense<1, Sigmoid>>;
    const Model<Wide, Shape<100000, 4>, Device> model;
    const Tensor<float> x({3, 100000, 4});
    Tensor<float> y({3, 1});
    Device::Context on;
    try {
        model.infer(on, x, View<const float>{}, y);
        BOOST_FAIL("so many windows fit");
    } catch (const DeviceError& error) {
        BOOST_TEST(std::string(error.what()).ends_with("it was for a batch of 3 windows; one of 2 would fit"), error.what());
    }
}

BOOST_AUTO_TEST_CASE(wrong_shapes_are_refused_as_on_the_processor) {
    const auto model = small<Device>();
    Device::Context on;
    const RandomWindows windows(2, bases + 1, inputs, 3);
    Tensor<float> y({2, 1});
    BOOST_CHECK_THROW(model.infer(on, windows.encoded(false), View<const float>{}, y), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
