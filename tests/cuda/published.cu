// SPDX-License-Identifier: MIT
// Published FactorNet weights on a device against their reference outputs; skipped where there is no device or no shared data.

#include "tests/cuda/on_both.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/test/unit_test.hpp>

namespace {

boost::test_tools::assertion_result with_weights(boost::unit_test::test_unit_id id) {
    const boost::test_tools::assertion_result device = chromatid::test::on_a_device(id);
    return device ? chromatid::test::shared_data_present(id) : device;
}

}  // namespace

#if __has_include(<hdf5.h>) && __has_include(<nlohmann/json.hpp>) && __has_include(<zlib.h>)

#include <chromatid/cuda.cuh>

#include <chromatid/serialize/keras1_model.hpp>

#include "tests/support/npz.hpp"
#include "tests/support/random_arrays.hpp"
#include "tests/support/relative_error.hpp"

#include <filesystem>
#include <string>

using namespace chromatid;
using namespace chromatid::test;

namespace {

template <class Precision>
void outputs_are_published() {
    Index models = 0;
    for (const auto& entry : std::filesystem::directory_iterator(shared_data() / "factornet/vectors")) {
        if (entry.path().extension() != ".npz") continue;
        ++models;
        // "MAX__onePeak_Unique35_DGF__final" belongs to models/MAX/onePeak_Unique35_DGF/final_model.hdf5
        const std::string name = entry.path().stem().string();
        const auto first = name.find("__"), second = name.find("__", first + 2);
        const auto folder = shared_data() / "factornet/models" / name.substr(0, first) / name.substr(first + 2, second - first - 2);
        const auto loaded = load_keras1<Cuda<float, Precision>>(folder / "model.json", folder / (name.substr(second + 2) + "_model.hdf5"),
                                                               {.kernels = KernelConvention::theano});
        const Npz npz(entry.path());
        const Tensor<double>&letters = npz["seq"], &tracks = npz["tracks"], &expected = npz["pred"];
        Tensor<float> x({letters.extent(0), letters.extent(1), 4 + tracks.extent(2)});
        for (Index i = 0; i < letters.extent(0); ++i)
            for (Index t = 0; t < letters.extent(1); ++t) {
                if (letters(i, t) < 4) x(i, t, static_cast<Index>(letters(i, t))) = 1.0F;
                for (Index c = 0; c < tracks.extent(2); ++c) x(i, t, 4 + c) = static_cast<float>(tracks(i, t, c));
            }
        const Tensor<float> y = npz.has("meta") ? loaded.model.predict(x, converted<float>(npz["meta"])) : loaded.model.predict(x);
        BOOST_TEST_INFO_SCOPE(name << ", " << Precision::name());
        BOOST_TEST(relative_error(std::span<const float>(y.span()), std::span<const double>(expected.span())) <
                   2 * precision_error<Precision>);
    }
    BOOST_TEST(models > 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(published)

BOOST_AUTO_TEST_CASE(exact_outputs_are_those_published, *boost::unit_test::precondition(with_weights)) { outputs_are_published<Exact32>(); }
BOOST_AUTO_TEST_CASE(f16_outputs_are_those_published, *boost::unit_test::precondition(with_weights)) { outputs_are_published<F16>(); }

BOOST_AUTO_TEST_SUITE_END()

#else

static boost::test_tools::assertion_result libraries_present(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(false);
    result.message() << "built without HDF5, JSON and zlib";
    return result;
}

BOOST_AUTO_TEST_SUITE(published)
BOOST_AUTO_TEST_CASE(outputs_are_those_published, *boost::unit_test::precondition(libraries_present)) {}
BOOST_AUTO_TEST_SUITE_END()

#endif
