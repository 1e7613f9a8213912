// SPDX-License-Identifier: MIT
// Published FactorNet models against reference outputs: data/factornet/vectors, float64, true convolution.
#include <chromatid/serialize/keras1_model.hpp>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/support/compare.hpp"
#include "tests/support/npz.hpp"
#include "tests/support/random_arrays.hpp"
#include "tests/support/shared_data.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace utf = boost::unit_test;

namespace {

template <class T>
constexpr double tolerance = std::is_same_v<T, float> ? 2e-6 : 1e-12;

/// One vector file: "MAX__onePeak_Unique35_DGF__final" belongs to models/MAX/onePeak_Unique35_DGF/final_model.hdf5.
struct Golden {
    std::string name;
    std::filesystem::path directory, weights;
    Npz npz;

    explicit Golden(const std::filesystem::path& vectors) : name(vectors.stem().string()), npz(vectors) {
        const auto first = name.find("__"), second = name.find("__", first + 2);
        directory = shared_data() / "factornet/models" / name.substr(0, first) / name.substr(first + 2, second - first - 2);
        weights = directory / (name.substr(second + 2) + "_model.hdf5");
    }

    template <class B>
    Keras1Model<B> load(KernelConvention kernels = KernelConvention::theano) const {
        return load_keras1<B>(directory / "model.json", weights, {.kernels = kernels});
    }
    /// One-hot letters, an unknown one as zeros, then the tracks.
    template <class T>
    Tensor<T> input() const {
        const Tensor<double>&letters = npz["seq"], &tracks = npz["tracks"];
        const Index n = letters.extent(0), length = letters.extent(1), count = tracks.extent(2);
        Tensor<T> x({n, length, 4 + count});
        for (Index i = 0; i < n; ++i)
            for (Index t = 0; t < length; ++t) {
                if (letters(i, t) < 4) x(i, t, static_cast<Index>(letters(i, t))) = T{1};
                for (Index c = 0; c < count; ++c) x(i, t, 4 + c) = static_cast<T>(tracks(i, t, c));
            }
        return x;
    }
    template <class T>
    Tensor<T> side() const { return npz.has("meta") ? converted<T>(npz["meta"]) : Tensor<T>(); }
};

const std::vector<Golden>& goldens() {
    static const std::vector<Golden> all = [] {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(shared_data() / "factornet/vectors"))
            if (entry.path().extension() == ".npz") files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        return std::vector<Golden>(files.begin(), files.end());
    }();
    return all;
}

template <class M, class T>
Tensor<T> predict(const M& model, const Tensor<T>& x, const Tensor<T>& side) {
    return side.size() == 0 ? model.predict(x) : model.predict(x, side);
}

/// Largest distance between elements; infinite where sizes differ or one is not a number.
template <class A>
double deviation(View<const A> found, View<const double> wanted) {
    if (found.size() != wanted.size()) return HUGE_VAL;
    double largest = 0;
    for (Index i = 0; i < found.size(); ++i) {
        const double distance = std::abs(static_cast<double>(found.data()[i]) - wanted.data()[i]);
        largest = distance <= largest ? largest : std::isnan(distance) ? HUGE_VAL : distance;
    }
    return largest;
}

double largest_of(const Tensor<double>& values) {
    double largest = 0;
    for (const double v : values.span()) largest = std::max(largest, std::abs(v));
    return largest;
}

/// What `trace` shows, by the names of the vectors: both strands' outputs, and the stages of the first window's forward strand.
template <class T>
std::map<std::string, Tensor<T>> stages(const AnyModel<Cpu<T>>& model, const Tensor<T>& x, const Tensor<T>& side) {
    const std::map<std::string, std::string> name_of{{"conv1d_1", "conv0"}, {"time_distributed_dense_1", "td0"}, {"max_pool1d_1", "pool0"},
                                                     {"bilstm_1", "rnn0"},  {"dense_1", "dense0"}};
    const std::string last = model.description().layers().back().name;
    std::map<std::string, Tensor<T>> seen;
    Tensor<T> y({x.extent(0), model.output_shape()[0]});
    const View<const T> side_view = side.size() == 0 ? View<const T>() : side.view();
    model.trace(x, side_view, y, [&](const LayerDescription& layer, View<const T> out) {
        const auto keep = [&](const std::string& name, View<const T> values) {
            Tensor<T> copy(values.extents());
            std::ranges::copy(values.span(), copy.data());
            seen[name] = copy;
        };
        const Index windows = out.extent(0) / 2;
        if (layer.name == last) {
            keep("p_fwd", out.rows(0, windows));
            keep("p_rev", out.rows(windows, windows));
        } else if (const auto name = name_of.find(layer.name); name != name_of.end()) {
            const View<const T> first(out.data(), out.extents().subspan(1));
            constexpr Index steps_in_file = 8;  // of the layers before pooling
            keep(name->second, name->second == "conv0" || name->second == "td0" ? first.rows(0, steps_in_file) : first);
        }
    });
    seen["pred"] = y;
    return seen;
}

using Scalars = boost::mpl::list<float, double>;

}  // namespace

BOOST_AUTO_TEST_SUITE(published_models, *utf::precondition(shared_data_present))

BOOST_AUTO_TEST_CASE(there_are_vectors_for_five_models) { BOOST_TEST(goldens().size() >= 7U); }

BOOST_AUTO_TEST_CASE_TEMPLATE(outputs_and_stages_are_those_of_the_reference, T, Scalars) {
    for (const Golden& golden : goldens()) {
        const auto loaded = golden.load<Cpu<T>>();
        const Tensor<T> x = golden.input<T>(), side = golden.side<T>();
        std::map<std::string, Tensor<T>> found = stages(loaded.model, x, side);
        BOOST_TEST(deviation<T>(predict(loaded.model, x, side), golden.npz["pred"]) < tolerance<T>);
        double largest = 0;
        for (const char* stage : {"pred", "p_fwd", "p_rev", "conv0", "td0", "pool0", "rnn0", "dense0"}) {
            // Inner stages reach 37: their deviation is taken relative to their largest number. Some lie in the file rounded to float32.
            const Tensor<double>& wanted = golden.npz[stage];
            const double rounding = golden.npz.is_single(stage) ? 0x1p-24 : 0.0;
            const double distance = deviation<T>(found[stage], wanted) / std::max(1.0, largest_of(wanted));
            BOOST_TEST(distance < tolerance<T> + rounding, golden.name << " " << stage << ": " << distance);
            largest = std::max(largest, distance - rounding);
        }
        BOOST_TEST_MESSAGE(golden.name << (std::is_same_v<T, float> ? ", float: " : ", double: ")
                                       << "largest deviation of outputs and stages, beyond the file's rounding, " << largest
                                       << ", of the outputs " << deviation<T>(found["pred"], golden.npz["pred"]));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(kernels_read_unflipped_give_the_wrong_outputs, T, Scalars) {
    for (const Golden& golden : goldens()) {
        const Tensor<T> y = predict(golden.load<Cpu<T>>(KernelConvention::tensorflow).model, golden.input<T>(), golden.side<T>());
        BOOST_TEST(deviation<T>(y, golden.npz["pred_noflip"]) < tolerance<T>, golden.name);
        BOOST_TEST(deviation<T>(y, golden.npz["pred"]) > 1e-3, golden.name);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_static_network_gives_the_same_bits, T, Scalars) {
    const Golden golden(shared_data() / "factornet/vectors/E2F1__onePeak_Unique35_DGF__final.npz");
    const Tensor<T> x = golden.input<T>();
    Model<StaticFactorNet<32, 34, 17, 32, 64>, Shape<1002, 6>, Cpu<T>> model;
    load_keras1_weights(model, golden.weights);
    const auto loaded = golden.load<Cpu<T>>();
    BOOST_TEST(same_bits(model.predict(x), loaded.model.predict(x)));
}

BOOST_AUTO_TEST_CASE(a_full_model_with_other_gates_is_refused) {
    const auto file = shared_data() / "factornet/models/FOXA1/onePeak_DGF/best_model.hdf5";
    Model<StaticFactorNet<32, 34, 17, 32, 64, 1, LogisticGates>, Shape<1002, 5>> logistic;
    BOOST_CHECK_EXCEPTION(load_keras1_weights(logistic, file), ModelError,
                          [](const ModelError& error) { return std::string(error.what()).find("hard_sigmoid") != std::string::npos; });
    Model<StaticFactorNet<32, 34, 17, 32, 64>, Shape<1002, 5>> hard;
    BOOST_CHECK_NO_THROW(load_keras1_weights(hard, file));
}

BOOST_AUTO_TEST_SUITE_END()
