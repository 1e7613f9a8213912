// SPDX-License-Identifier: MIT
#include <chromatid/network/any_model.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/factornet.hpp"
#include "tests/support/random_arrays.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Net = FactorNet<6, 4, 3, 4, 7>;
using MetadataNet = MetadataFactorNet<6, 4, 3, 4, 7, 3>;
using Input = Shape<22, 6>;

Model<Net, Input> initialized_model(std::uint64_t seed = 1) {
    Model<Net, Input> model;
    model.initialize(seed);
    return model;
}

Tensor<float> windows(Index n) { return converted<float>(random_windows(1, n, 22, 6)); }
Tensor<float> metadata(Index n) { return converted<float>(Draw(2).array({n, 3})); }

auto says(std::string words) {
    return [words](const ShapeError& e) {
        BOOST_TEST_INFO(e.what());
        BOOST_TEST(std::string(e.what()) == words);
        return true;
    };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model)

BOOST_AUTO_TEST_CASE(any_number_of_windows_may_come) {
    const auto model = initialized_model();
    const Tensor<float> all = model.predict(windows(33));
    for (const Index n : {0, 1, 15, 16, 17, 32, 33}) {
        const Tensor<float> y = model.predict(windows(n));
        BOOST_TEST(y.extents() == (std::vector<Index>{n, 1}), boost::test_tools::per_element());
        for (Index b = 0; b < n; ++b) BOOST_TEST(y(b, 0) == all(b, 0), boost::test_tools::tolerance(1e-5F));
    }
}

BOOST_AUTO_TEST_CASE(the_bits_do_not_depend_on_the_number_of_threads) {
    const auto model = initialized_model();
    Model<MetadataNet, Input> with_side;
    with_side.initialize(2);
    for (const Index n : {1, 16, 17, 33, 200}) {
        const Tensor<float> x = windows(n), side = metadata(n), alone = model.predict(x), alone_with_side = with_side.predict(x, side);
        for (const Index threads : {1, 2, 7}) {
            Cpu<float>::Context on(threads);
            BOOST_TEST(same_bits(model.predict(on, x), alone));
            BOOST_TEST(same_bits(with_side.predict(on, x, side), alone_with_side));
        }
    }
}

BOOST_AUTO_TEST_CASE(many_threads_may_use_one_model_at_once) {
    const auto model = initialized_model();
    const Tensor<float> x = windows(40), expected = model.predict(x);
    Cpu<float>::Context shared(2);
    std::vector<Tensor<float>> results(6);
    std::vector<std::thread> callers;
    for (std::size_t i = 0; i < results.size(); ++i)
        callers.emplace_back([&, i] {
            for (int repeat = 0; repeat < 5; ++repeat) results[i] = i % 2 ? model.predict(x) : model.predict(shared, x);
        });
    for (std::thread& caller : callers) caller.join();
    for (const Tensor<float>& y : results) BOOST_TEST(same_bits(y, expected));
}

BOOST_AUTO_TEST_CASE(arrays_of_the_wrong_shape_are_refused_with_both_shapes) {
    const auto model = initialized_model();
    BOOST_CHECK_EXCEPTION(model.predict(Tensor<float>({3, 22, 5})), ShapeError,
                          says("input has shape (3, 22, 5), the model needs (3, 22, 6)"));
    BOOST_CHECK_EXCEPTION(model.predict(Tensor<float>({22, 6})), ShapeError, says("input has shape (22, 6), the model needs (22, 22, 6)"));
    BOOST_CHECK_EXCEPTION(model.predict(Tensor<float>()), ShapeError, says("input has shape (), the model needs (0, 22, 6)"));
    Cpu<float>::Context on;
    Tensor<float> y({2, 1});
    BOOST_CHECK_EXCEPTION(model.infer(on, windows(3), View<const float>{}, y), ShapeError,
                          says("output has shape (2, 1), the model needs (3, 1)"));
}

BOOST_AUTO_TEST_CASE(a_side_input_is_demanded_and_refused_as_the_network_has_it) {
    const Model<MetadataNet, Input> with_side;
    BOOST_TEST(with_side.side_size() == 3);
    BOOST_CHECK_EXCEPTION(with_side.predict(windows(2)), ShapeError, says("side input has shape (), the model needs (2, 3)"));
    BOOST_CHECK_EXCEPTION(with_side.predict(windows(2), Tensor<float>({2, 4})), ShapeError,
                          says("side input has shape (2, 4), the model needs (2, 3)"));
    BOOST_CHECK_EXCEPTION(with_side.predict(windows(2), Tensor<float>({1, 3})), ShapeError,
                          says("side input has shape (1, 3), the model needs (2, 3)"));
    BOOST_CHECK_EXCEPTION(initialized_model().predict(windows(2), metadata(2)), ShapeError,
                          says("the model has no side input, but one was given"));
}

BOOST_AUTO_TEST_CASE(the_side_input_matters) {
    Model<MetadataNet, Input> model;
    model.initialize(3);
    Tensor<float> side = metadata(18);
    const Tensor<float> before = model.predict(windows(18), side);
    side(17, 0) += 1.0F;
    const Tensor<float> after = model.predict(windows(18), side);
    for (Index b = 0; b < 17; ++b) BOOST_TEST(before(b, 0) == after(b, 0));
    BOOST_TEST(before(17, 0) != after(17, 0));
}

BOOST_AUTO_TEST_CASE(input_of_another_scalar_is_converted) {
    const auto model = initialized_model();
    BOOST_TEST(same_bits(model.predict(random_windows(1, 5, 22, 6)), model.predict(converted<float>(random_windows(1, 5, 22, 6)))));
}

BOOST_AUTO_TEST_CASE(a_moved_model_keeps_its_parameters) {
    auto model = initialized_model();
    const Tensor<float> expected = model.predict(windows(3));
    const auto moved = std::move(model);
    BOOST_TEST(same_bits(moved.predict(windows(3)), expected));
}

BOOST_AUTO_TEST_CASE(equal_seeds_initialize_equal_models) {
    const auto a = initialized_model(1), again = initialized_model(1), b = initialized_model(2);
    BOOST_TEST(std::ranges::equal(a.parameters(), again.parameters()));
    BOOST_TEST(!std::ranges::equal(a.parameters(), b.parameters()));
}

BOOST_AUTO_TEST_CASE(initial_parameters_are_those_of_the_initializers) {
    auto model = initialized_model();
    model.initialize(1, Initialization::keras1);  // all arrays uniform; orthogonal ones are in initialize.cpp
    std::set<float> seen;
    model.visit_parameters([&](const std::string& name, const ParameterSpec& spec, std::span<float> values) {
        BOOST_TEST_CONTEXT(name) {
            if (name == "bilstm_1.forward_bias" || name == "bilstm_1.backward_bias")
                for (std::size_t i = 0; i < values.size(); ++i) BOOST_TEST(values[i] == (i / 4 == 1 ? 1.0F : 0.0F));
            else if (name.ends_with("bias"))
                BOOST_TEST(std::ranges::all_of(values, [](float v) { return v == 0; }));
            else {
                const Initializer& glorot = spec.initializer();
                const double limit = std::sqrt(6.0 / static_cast<double>(glorot.fan_in + glorot.fan_out));
                const auto [least, most] = std::ranges::minmax(values);
                BOOST_TEST(static_cast<double>(std::max(-least, most)) <= limit);
                BOOST_TEST(static_cast<double>(least) < 0);
                BOOST_TEST(static_cast<double>(most) > 0);
                BOOST_TEST(seen.insert(values[0]).second);  // each array has numbers of its own
            }
        }
    });
}

BOOST_AUTO_TEST_CASE(parameter_arrays_are_visited_in_the_order_of_the_flat_buffer) {
    auto model = initialized_model();
    std::vector<std::string> names;
    const float* next = model.parameters().data();
    model.visit_parameters([&](const std::string& name, const ParameterSpec& spec, std::span<float> values) {
        names.push_back(name);
        BOOST_TEST(values.data() == next);
        BOOST_TEST(static_cast<Index>(values.size()) == spec.size());
        next += values.size();
    });
    BOOST_TEST(next == model.parameters().data() + model.parameters().size());
    BOOST_TEST(
        names == (std::vector<std::string>{"conv1d_1.kernel", "conv1d_1.bias", "time_distributed_dense_1.kernel",
                                           "time_distributed_dense_1.bias", "bilstm_1.forward_kernel", "bilstm_1.forward_recurrent",
                                           "bilstm_1.forward_bias", "bilstm_1.backward_kernel", "bilstm_1.backward_recurrent",
                                           "bilstm_1.backward_bias", "dense_1.kernel", "dense_1.bias", "dense_2.kernel", "dense_2.bias"}),
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_trace_shows_each_layer_in_the_order_of_the_description) {
    const auto model = initialized_model();
    const Tensor<float> x = windows(18);
    Tensor<float> y({18, 1});
    std::size_t layer = 0;
    model.trace(x, View<const float>{}, y, [&](const LayerDescription& description, View<const float> output) {
        BOOST_TEST(&description == &model.description().layers()[layer++]);
        std::vector<Index> expected = description.output;
        expected.insert(expected.begin(), 36);  // both strands
        BOOST_TEST(output.extents() == expected, boost::test_tools::per_element());
    });
    BOOST_TEST(layer == model.description().layers().size());
    BOOST_TEST(close(y, model.predict(x), 1e-6));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(any_model)

BOOST_AUTO_TEST_CASE(the_erased_model_has_the_same_bits) {
    const auto model = initialized_model();
    const AnyModel<> any = initialized_model();
    Cpu<float>::Context on(2);
    BOOST_TEST(same_bits(any.predict(windows(35)), model.predict(windows(35))));
    BOOST_TEST(same_bits(any.predict(on, windows(35)), model.predict(windows(35))));
    BOOST_TEST(any.predict(windows(0)).extents() == (std::vector<Index>{0, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_erased_model_knows_its_shapes_and_names) {
    AnyModel<> any = Model<MetadataNet, Input>();
    BOOST_TEST(any.input_shape() == (std::vector<Index>{22, 6}), boost::test_tools::per_element());
    BOOST_TEST(any.output_shape() == (std::vector<Index>{1}), boost::test_tools::per_element());
    BOOST_TEST(any.side_size() == 3);
    BOOST_TEST((any.summary() == Model<MetadataNet, Input>().summary()));
    any.initialize(4);
    Model<MetadataNet, Input> model;
    model.initialize(4);
    BOOST_TEST(std::ranges::equal(any.parameters(), model.parameters()));
    std::size_t arrays = 0;
    any.visit_parameters([&](const std::string&, const ParameterSpec&, std::span<float>) { ++arrays; });
    BOOST_TEST(arrays == 16u);
    BOOST_TEST(same_bits(any.predict(windows(17), metadata(17)), model.predict(windows(17), metadata(17))));
    BOOST_CHECK_THROW(any.predict(windows(17)), ShapeError);
}

BOOST_AUTO_TEST_CASE(models_of_different_structure_have_one_type) {
    std::vector<AnyModel<>> models;
    models.emplace_back(initialized_model());
    models.emplace_back(Model<DynamicFactorNet, Shape<dyn, dyn>>(dynamic_factornet(6, 4, 3, 4, 7), {22, 6}));
    std::ranges::copy(models[0].parameters(), models[1].parameters().begin());
    BOOST_TEST(same_bits(models[0].predict(windows(20)), models[1].predict(windows(20))));
}

BOOST_AUTO_TEST_SUITE_END()
