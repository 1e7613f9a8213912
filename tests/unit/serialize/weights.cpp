// SPDX-License-Identifier: MIT
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/sequential.hpp>
#include <chromatid/serialize/weights.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "tests/unit/io/scratch.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Net = Sequential<Conv1D<2, 3>, Flatten, Dense<1>>;
template <class T>
using Small = Model<Net, Shape<4, 5>, Cpu<T>>;

/// Parameters 1, 2, 3, ...
template <class M>
void number(M& model) {
    std::iota(model.parameters().begin(), model.parameters().end(), 1.0F);
}
template <class M>
std::vector<double> parameters_of(const M& model) {
    return {model.parameters().begin(), model.parameters().end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(weights)

BOOST_AUTO_TEST_CASE(arrays_have_the_names_and_shapes_of_the_layers) {
    const Scratch folder;
    Small<float> model;
    number(model);
    save_weights(model, folder / "a");
    const SafetensorsFile file(folder / "a");
    BOOST_REQUIRE_EQUAL(file.arrays().size(), 4U);
    const Tensor<float> kernel = file.read<float>("conv1d_1.kernel"), bias = file.read<float>("conv1d_1.bias");
    BOOST_TEST(kernel.extents()[0] == 3);
    BOOST_TEST(kernel.extents()[1] == 5);
    BOOST_TEST(kernel.extents()[2] == 2);
    BOOST_TEST(kernel(0, 0, 1) == 2.0F);
    BOOST_TEST(bias.data()[0] == 31.0F);
    BOOST_TEST(file.array("dense_1.kernel").extents == (std::vector<Index>{4, 1}), boost::test_tools::per_element());
    BOOST_TEST(file.read<float>("dense_1.bias").data()[0] == 37.0F);
    BOOST_TEST(file.text("chromatid_version") == version);
}

BOOST_AUTO_TEST_CASE(models_of_any_kind_and_width_exchange_them) {
    const Scratch folder;
    Small<float> model;
    number(model);
    save_weights(model, folder / "float");
    Small<double> wide;
    load_weights(wide, folder / "float");
    BOOST_TEST(parameters_of(wide) == parameters_of(model), boost::test_tools::per_element());
    wide.parameters()[0] = 1.0 / 3.0;
    save_weights(AnyModel<Cpu<double>>(std::move(wide)), folder / "double");
    AnyModel<> any{Small<float>()};
    load_weights(any, folder / "double");
    BOOST_TEST(any.parameters()[0] == 1.0F / 3.0F);
    BOOST_TEST(any.parameters()[1] == 2.0F);
}

BOOST_AUTO_TEST_CASE(nan_comes_back_as_it_was) {
    const Scratch folder;
    Small<float> model;
    model.parameters()[3] = std::numeric_limits<float>::quiet_NaN();
    save_weights(model, folder / "a");
    Small<float> other;
    load_weights(other, folder / "a");
    BOOST_TEST(other.parameters()[3] != other.parameters()[3]);
}

BOOST_AUTO_TEST_CASE(a_prefix_tells_weights_from_their_neighbours) {
    const Scratch folder;
    Small<float> model;
    number(model);
    SafetensorsWriter writer(folder / "a");
    add_weights(writer, model, "model.");
    writer.add("moments", std::vector<float>{1, 2});
    writer.commit();
    Small<float> other;
    load_weights(other, SafetensorsFile(folder / "a"), "model.");
    BOOST_TEST(parameters_of(other) == parameters_of(model), boost::test_tools::per_element());
    BOOST_CHECK_THROW(load_weights(other, folder / "a"), ModelError);
}

BOOST_AUTO_TEST_CASE(all_that_does_not_fit_is_listed_and_nothing_is_loaded) {
    const Scratch folder;
    SafetensorsWriter writer(folder / "a");
    writer.add("conv1d_1.kernel", {3, 2, 5}, std::vector<float>(30));
    writer.add("conv1d_1.bias", std::vector<float>(2));
    writer.add("dense_1.weight", {4, 1}, std::vector<float>(4));
    writer.add("dense_1.bias", std::vector<float>(1));
    writer.add("self_test.y", {1, 1}, std::vector<float>(1));  // is not missed and not too much
    writer.commit();
    Small<float> model;
    number(model);
    const std::vector<double> before = parameters_of(model);
    for (const char* words :
         {"/a: these are not the weights of this network", "missing: dense_1.kernel (4, 1)\n",
          "not in the network: dense_1.weight (4, 1)\n", "of another shape: conv1d_1.kernel is (3, 2, 5), the network needs (3, 5, 2)"})
        BOOST_CHECK_EXCEPTION(load_weights(model, folder / "a"), ModelError, says(words));
    BOOST_TEST(parameters_of(model) == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(whole_numbers_and_damage_are_refused) {
    const Scratch folder;
    Small<float> model;
    SafetensorsWriter writer(folder / "a");
    writer.add("conv1d_1.kernel", {3, 5, 2}, std::vector<std::int32_t>(30));
    writer.add("conv1d_1.bias", std::vector<float>(2));
    writer.add("dense_1.kernel", {4, 1}, std::vector<float>(4));
    writer.add("dense_1.bias", std::vector<float>(1));
    writer.commit();
    BOOST_CHECK_EXCEPTION(load_weights(model, folder / "a"), FormatError, says("\"conv1d_1.kernel\" is of type I32, expected is F32"));
    save_weights(model, folder / "b");
    std::string content = content_of(folder / "b");
    content.back() = '\x01';
    folder.file("b", content);
    BOOST_CHECK_EXCEPTION(load_weights(model, folder / "b"), FormatError, says("/b: damaged: its arrays have the digest"));
}

BOOST_AUTO_TEST_SUITE_END()
