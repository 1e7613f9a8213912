// SPDX-License-Identifier: MIT
#include <chromatid/serialize/keras1_export.hpp>
#include <chromatid/serialize/keras1_model.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/serialize/instances.hpp"
#include "tests/unit/serialize/small_networks.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace bdata = boost::unit_test::data;

namespace {

using Double = Cpu<double>;

/// A network with random parameters that float holds exactly.
AnyModel<Double> random_model(const FactorNetSizes& sizes) {
    AnyModel<Double> model = make_factornet<Double>(sizes);
    Draw draw(3);
    for (double& p : model.parameters()) p = draw.number();
    return model;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(keras1_export)

BOOST_DATA_TEST_CASE(every_structure_comes_back_to_the_same_bits, bdata::xrange(3) * bdata::make({false, true}), structure, with_side) {
    const Scratch folder;
    FactorNetSizes sizes = small_sizes(static_cast<FactorNetSizes::Structure>(structure), with_side);
    sizes.dropout.after_dense = 1.0F / 3.0F;
    const AnyModel<Double> model = random_model(sizes);
    save_keras1(model, sizes, folder.path());
    const auto loaded = load_keras1<Double>(folder.path());
    BOOST_TEST((loaded.sizes == sizes));
    BOOST_TEST(loaded.keras_version == "1.2.2");
    BOOST_TEST(std::ranges::equal(loaded.model.parameters(), model.parameters()));
    BOOST_TEST(folder.files() == 2);
}

BOOST_AUTO_TEST_CASE(dropout_of_the_lstm_is_kept) {
    const Scratch folder;
    FactorNetSizes sizes = small_sizes();
    sizes.gates = FactorNetSizes::Gates::logistic;
    sizes.dropout.lstm_input = 0.3F;
    sizes.dropout.lstm_state = 0.0F;
    save_keras1(random_model(sizes), sizes, folder.path());
    BOOST_TEST((load_keras1<Double>(folder.path()).sizes == sizes));
    BOOST_TEST(content_of(folder / "model.json").find("\"dropout_W\": 0.3,") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(sizes_of_another_model_are_refused) {
    const Scratch folder;
    FactorNetSizes with_more = small_sizes(FactorNetSizes::Structure::recurrent, true);
    BOOST_CHECK_EXCEPTION(save_keras1(random_model(small_sizes()), with_more, folder.path()), ModelError,
                          says("fewer layers with parameters"));
    BOOST_CHECK_EXCEPTION(save_keras1(random_model(with_more), small_sizes(), folder.path()), ModelError,
                          says("more layers with parameters"));
    BOOST_TEST(folder.files() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
