// SPDX-License-Identifier: MIT
#include <chromatid/layer/lstm.hpp>
#include <chromatid/serialize/keras1_model.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/compare.hpp"
#include "tests/unit/serialize/instances.hpp"
#include "tests/unit/serialize/small_networks.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace bdata = boost::unit_test::data;

namespace {

using Structure = FactorNetSizes::Structure;
using Double = Cpu<double>;

Tensor<double> predict(const AnyModel<Double>& model, const Tensor<double>& x, const Tensor<double>& side) {
    return side.size() == 0 ? model.predict(x) : model.predict(x, side);
}

/// Three windows and their side input.
struct Batch {
    Tensor<double> x, side;

    explicit Batch(const FactorNetSizes& s) : x(random_windows(11, 3, s.length, s.channels())) {
        if (s.side > 0) side = Draw(12).array({3, s.side});
    }
};

/// Whether a network written as `options` say comes back and computes what the reference does.
boost::test_tools::assertion_result comes_back(const FactorNetSizes& sizes, const Keras1FileOptions& options = {}) {
    const Scratch folder;
    const ReferenceFactorNet net(sizes, 7);
    write_model(folder, net, options);
    const auto loaded = load_keras1<Double>(folder.path(), {.kernels = options.kernels});
    if (loaded.sizes != sizes) {
        boost::test_tools::assertion_result other(false);
        other.message() << "other sizes: " << loaded.model.summary();
        return other;
    }
    const Batch batch(sizes);
    return close(predict(loaded.model, batch.x, batch.side), net.predict(batch.x, batch.side), 1e-13);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(keras1_model)

BOOST_DATA_TEST_CASE(every_structure_computes_what_the_reference_does, bdata::xrange(3) * bdata::make({false, true}), structure,
                     with_side) {
    BOOST_TEST(comes_back(small_sizes(static_cast<Structure>(structure), with_side)));
}

BOOST_AUTO_TEST_CASE(logistic_gates_are_told_from_hard_ones) {
    FactorNetSizes sizes = small_sizes();
    sizes.gates = FactorNetSizes::Gates::logistic;
    BOOST_TEST(comes_back(sizes));
    const Scratch folder;
    const ReferenceFactorNet net(sizes, 7);
    write_model(folder, net);
    auto hard = small_sizes();
    AnyModel<Double> model = make_factornet<Double>(hard);
    load_keras1_weights(model, folder / "final_model.hdf5");
    const Batch batch(sizes);
    BOOST_TEST(!close(model.predict(batch.x), net.predict(batch.x), 1e-4));
}

BOOST_AUTO_TEST_CASE(dropout_is_found_wherever_a_published_network_has_it) {
    FactorNetSizes sizes = small_sizes(Structure::recurrent, true);
    sizes.dropout = {.after_conv = 0.0F, .after_features = 0.0F, .after_dense = 0.0F, .after_side = 0.0F, .after_second_dense = 0.0F};
    BOOST_TEST(comes_back(sizes));
    sizes.dropout = {
        .after_conv = 0.125F, .after_features = 0.25F, .after_dense = 0.375F, .after_side = 0.5F, .after_second_dense = 0.625F};
    BOOST_TEST(comes_back(sizes));
}

BOOST_AUTO_TEST_CASE(a_full_model_is_read_like_weights_alone) { BOOST_TEST(comes_back(small_sizes(), {.full_model = true})); }

BOOST_AUTO_TEST_CASE(kernels_from_before_keras_1_1_are_transposed) { BOOST_TEST(comes_back(small_sizes(), {.old_kernels = true})); }

BOOST_AUTO_TEST_CASE(kernels_stored_for_cross_correlation_need_the_tensorflow_convention) {
    const Keras1FileOptions options{.kernels = KernelConvention::tensorflow};
    BOOST_TEST(comes_back(small_sizes(), options));
    BOOST_TEST(comes_back(small_sizes(Structure::pooled), {.old_kernels = true, .kernels = KernelConvention::tensorflow}));
    const Scratch folder;
    const ReferenceFactorNet net(small_sizes(), 7);
    write_model(folder, net, options);
    const Batch batch(net.sizes);
    BOOST_TEST(!close(load_keras1<Double>(folder.path()).model.predict(batch.x), net.predict(batch.x), 1e-4));
}

BOOST_AUTO_TEST_CASE(numbers_in_names_do_not_matter) { BOOST_TEST(comes_back(small_sizes(Structure::recurrent, true), {.number = "12"})); }

BOOST_AUTO_TEST_CASE(lists_of_names_may_have_texts_of_variable_length) {
    BOOST_TEST(comes_back(small_sizes(), {.full_model = true, .text = Hdf5Writer::Text::variable}));
}

BOOST_AUTO_TEST_CASE(every_weight_comes_in_exactly_once) {
    const Scratch folder;
    const ReferenceFactorNet net(small_sizes(Structure::recurrent, true), 7);
    write_model(folder, net);
    AnyModel<Double> model = make_factornet<Double>(net.sizes);
    std::ranges::fill(model.parameters(), std::numeric_limits<double>::quiet_NaN());
    load_keras1_weights(model, folder / "final_model.hdf5");

    std::vector<double> wanted, found(model.parameters().begin(), model.parameters().end());
    const auto add = [&](const Tensor<double>& a) { wanted.insert(wanted.end(), a.span().begin(), a.span().end()); };
    for (const auto* map : {&net.conv, &net.position_dense, &net.dense, &net.side_dense, &net.output}) add(map->w), add(map->b);
    for (const auto& direction : net.lstm)
        for (const auto& gate : direction) add(gate.w), add(gate.u), add(gate.b);
    std::ranges::sort(wanted);
    std::ranges::sort(found);
    BOOST_TEST((wanted == found));
    BOOST_TEST(static_cast<Index>(found.size()) == net.sizes.parameter_count());
}

BOOST_AUTO_TEST_CASE(stranded_tracks_swap_where_told) {
    const Scratch folder;
    const ReferenceFactorNet net(small_sizes(), 7);
    write_model(folder, net);
    const Tensor<double> x = random_windows(11, 1, net.sizes.length, net.sizes.channels());
    Tensor<double> other_strand(x.extents());
    for (Index t = 0; t < net.sizes.length; ++t)
        for (Index c = 0; c < 6; ++c) other_strand(Index{0}, net.sizes.length - 1 - t, c < 4 ? 3 - c : 9 - c) = x(Index{0}, t, c);
    const auto swapping = load_keras1<Double>(folder.path(), {.swapped_tracks = {0, 1}});
    const auto plain = load_keras1<Double>(folder.path());
    BOOST_TEST(close(swapping.model.predict(x), swapping.model.predict(other_strand), 1e-14));
    BOOST_TEST(!close(plain.model.predict(x), plain.model.predict(other_strand), 1e-4));
}

BOOST_AUTO_TEST_CASE(a_directory_gives_its_best_model_and_says_so) {
    const Scratch folder;
    const ReferenceFactorNet best(small_sizes(), 7), final(small_sizes(), 8);
    write_model(folder, final);
    BOOST_TEST(load_keras1<Double>(folder.path()).weights == folder / "final_model.hdf5");
    write_model(folder, best, {.full_model = true});
    const auto loaded = load_keras1<Double>(folder.path());
    BOOST_TEST(loaded.weights == folder / "best_model.hdf5");
    BOOST_TEST(loaded.architecture == folder / "model.json");
    BOOST_TEST(loaded.keras_version == "1.2.2");
    const Batch batch(best.sizes);
    BOOST_TEST(close(loaded.model.predict(batch.x), best.predict(batch.x), 1e-13));
    BOOST_TEST(close(load_keras1<Double>(folder / "model.json", folder / "final_model.hdf5").model.predict(batch.x), final.predict(batch.x),
                     1e-13));
}

BOOST_AUTO_TEST_CASE(a_full_model_needs_no_json_beside_it) {
    const Scratch folder;
    const ReferenceFactorNet net(small_sizes(), 7);
    Keras1File(net, {.full_model = true}).write_weights(folder / "best_model.hdf5");
    const auto from_file = load_keras1<Double>(folder / "best_model.hdf5"), from_directory = load_keras1<Double>(folder.path());
    BOOST_TEST(from_file.architecture == folder / "best_model.hdf5");
    const Batch batch(net.sizes);
    BOOST_TEST(close(from_file.model.predict(batch.x), net.predict(batch.x), 1e-13));
    BOOST_TEST(same_bits(from_file.model.predict(batch.x), from_directory.model.predict(batch.x)));
}

BOOST_AUTO_TEST_CASE(gates_of_an_lstm_are_put_in_our_order) {
    const Scratch folder;
    {
        Hdf5Writer file(folder / "weights.hdf5");
        file.texts("/", "layer_names", {"input_9", "convolution1d_9", "lstm_9"});
        file.group("/input_9");
        file.texts("/input_9", "weight_names", {});
        file.group("/convolution1d_9");
        Tensor<double> kernel({2, 1, 1, 1});
        kernel.span()[0] = 5, kernel.span()[1] = 6;
        file.dataset("/convolution1d_9/w", kernel);
        file.texts("/convolution1d_9", "weight_names", {"w"});
        file.group("/lstm_9");
        std::vector<std::string> names;
        double value = 0;
        for (const char* gate : {"i", "c", "f", "o"})
            for (const char* array : {"W", "U", "b"}) {
                Tensor<double> one = *array == 'b' ? Tensor<double>({1}) : Tensor<double>({1, 1});
                one.span()[0] = ++value;
                names.push_back(std::string(array) + gate);
                file.dataset("/lstm_9/" + names.back(), one);
            }
        file.texts("/lstm_9", "weight_names", names);
    }
    Model<Sequential<Conv1D<1, 2, NoBias>, LSTM<1>>, Shape<4, 1>, Double> model;
    load_keras1_weights(model, folder / "weights.hdf5");
    // taps turned round; kernel, recurrent, bias as i, f, c, o
    const std::vector<double> wanted{6, 5, 1, 7, 4, 10, 2, 8, 5, 11, 3, 9, 6, 12};
    BOOST_TEST(std::vector<double>(model.parameters().begin(), model.parameters().end()) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
