// SPDX-License-Identifier: MIT
#include <chromatid/serialize/keras1_model.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/shared_data.hpp"
#include "tests/unit/serialize/instances.hpp"
#include "tests/unit/serialize/small_networks.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace bdata = boost::unit_test::data;
namespace utf = boost::unit_test;

namespace {

using Double = Cpu<double>;

/// A model directory whose files a test may damage.
struct Directory : Scratch {
    ReferenceFactorNet net;

    explicit Directory(const Keras1FileOptions& options = {}, bool with_side = true)
        : net(small_sizes(FactorNetSizes::Structure::recurrent, with_side), 7) {
        write_model(*this, net, options);
    }
    std::filesystem::path weights() const { return path() / "final_model.hdf5"; }
    auto load() const { return load_keras1<Double>(path()); }
};

/// One change of the architecture and what the message must say.
struct Change {
    const char* place;
    nlohmann::json value;
    std::vector<std::string> words;

    friend std::ostream& operator<<(std::ostream& to, const Change& c) { return to << c.place << " = " << c.value; }
};

const std::vector<Change> changes{
    {"/class_name", "Sequential", {"Sequential", "one input for each strand"}},
    {"/keras_version", "2.0.1", {"Keras 2.0.1"}},
    {"/config/layers/11/config/batch_input_shape", {nullptr, nullptr}, {"input_3", "batch_input_shape", "null"}},
    {"/config/layers/11/config/batch_input_shape", {nullptr, 1, 9}, {"input_3", "batch_input_shape", "2 extents"}},
    {"/config/layers/1/config/batch_input_shape", {nullptr, 40, 6}, {"input_1 and input_2 have different shapes"}},
    {"/config/layers/2/class_name", "Convolution2D", {"convolution1d_1", "Convolution2D", "not part of any FactorNet"}},
    {"/config/layers/2/config/border_mode", "same", {"convolution1d_1", "border_mode", "\"same\"", "\"valid\""}},
    {"/config/layers/2/config/subsample_length", 2, {"convolution1d_1", "subsample_length is 2"}},
    {"/config/layers/2/config/activation", "tanh", {"convolution1d_1", "activation", "\"tanh\"", "\"relu\""}},
    {"/config/layers/2/config/bias", false, {"convolution1d_1", "bias"}},
    {"/config/layers/2/config/nb_filter", 0, {"convolution1d_1", "nb_filter has 0"}},
    {"/config/layers/2/config/nb_filter", 2.5, {"convolution1d_1", "nb_filter has 2.5"}},
    {"/config/layers/2/config/nb_filter", 99'999'999, {"convolution1d_1", "nb_filter has 99999999"}},
    {"/config/layers/2/config/nb_filter", 999'999, {"describes", "do not fit into"}},
    {"/config/layers/2/config/filter_length", 42, {"model.json", "the kernel is wider than the sequence"}},
    {"/config/layers/2/config/filter_length", 9, {"final_model.hdf5", "convolution1d_1", "(8, 1, 6, 5)", "(9, 1, 6, 5)"}},
    {"/config/layers/3/config/p", 1.0, {"dropout_1", "p is 1.0"}},
    {"/config/layers/3/config/p", "a", {"dropout_1", "p is \"a\""}},
    {"/config/layers/4/config/layer", nlohmann::json::object(), {"model.json", "not the architecture"}},
    {"/config/layers/4/config/layer/class_name", "Highway", {"timedistributed_1", "Highway"}},
    {"/config/layers/5/config/stride", 3, {"maxpooling1d_1", "stride is 3", "only 6"}},
    {"/config/layers/6/config/merge_mode", "sum", {"bidirectional_1", "merge_mode", "\"sum\""}},
    {"/config/layers/6/config/layer/config/inner_activation", "tanh", {"forward_lstm_1", "inner_activation", "tanh"}},
    {"/config/layers/6/config/layer/config/return_sequences", false, {"forward_lstm_1", "return_sequences"}},
    {"/config/layers/6/config/layer/config/output_dim", 4, {"bidirectional_1", "(4, 3)", "(4, 4)"}},
    {"/config/layers/9/config/activation", "linear", {"dense_2", "activation", "\"linear\""}},
    {"/config/layers/12/config/mode", "sum", {"merge_1", "mode", "\"sum\""}},
    {"/config/layers/12/inbound_nodes/0/1", {"dense_2", 0, 0}, {"merge_1", "dense_2", "InputLayer"}},
    {"/config/layers/16/config/activation", "softmax", {"dense_4", "\"softmax\""}},
    {"/config/layers/17/config/mode", "max", {"merge_3", "mode", "\"max\"", "\"ave\""}},
    {"/config/layers/17/inbound_nodes/0/1", {"dense_2", 1, 0}, {"the two strands differ"}},
    {"/config/layers/9/inbound_nodes/0/0", {"dense_2", 0, 0}, {"dense_2", "feeds itself"}},
    {"/config/layers/9/inbound_nodes/0/0", {"nobody", 0, 0}, {"nobody", "not among its layers"}},
    {"/config/layers/2/inbound_nodes/1/0", {"input_1", 0, 0}, {"both read input_1"}},
    {"/config/layers/2/config/name", 7, {"model.json", "not the architecture"}},
    {"/config/layers/2/config/name", "dropout_1", {"two layers are named dropout_1"}},
    {"/config/output_layers", nlohmann::json::array(), {"0 outputs"}},
    {"/config/layers", "none", {"model.json", "not the architecture of a Keras 1 model"}},
};

/// One kind of damage to the weights and what the message must say.
struct Damage {
    const char* name;
    std::function<void(Hdf5Writer&)> apply;
    std::vector<std::string> words;

    friend std::ostream& operator<<(std::ostream& to, const Damage& d) { return to << d.name; }
};

Tensor<double> with_a_nan() {
    Tensor<double> b({5});
    b(Index{3}) = std::numeric_limits<double>::quiet_NaN();
    return b;
}

const std::vector<Damage> damages{
    {"missing dataset", [](Hdf5Writer& f) { f.remove("/dense_2/dense_2_W"); }, {"/dense_2/dense_2_W", "no such dataset"}},
    {"missing group", [](Hdf5Writer& f) { f.remove("/timedistributed_1"); }, {"/timedistributed_1", "no such group"}},
    {"renamed layer", [](Hdf5Writer& f) { f.rename("/dense_2", "/dense_9"); }, {"/dense_2", "no such group"}},
    {"no list of layers", [](Hdf5Writer& f) { f.remove_attribute("/", "layer_names"); }, {"layer_names", "not weights of a Keras 1 model"}},
    {"no list of arrays", [](Hdf5Writer& f) { f.remove_attribute("/dense_2", "weight_names"); }, {"/dense_2", "no attribute weight_names"}},
    {"group instead of a dataset",
     [](Hdf5Writer& f) {
         f.remove("/dense_2/dense_2_W");
         f.group("/dense_2/dense_2_W");
     },
     {"/dense_2/dense_2_W", "cannot read it as a dataset"}},
    {"wrong shape",
     [](Hdf5Writer& f) {
         f.remove("/convolution1d_1/convolution1d_1_b");
         f.dataset("/convolution1d_1/convolution1d_1_b", Tensor<double>({6}));
     },
     {"/convolution1d_1/convolution1d_1_b", "shape (6)", "conv1d_1", "needs (5)"}},
    {"integers",
     [](Hdf5Writer& f) {
         f.remove("/convolution1d_1/convolution1d_1_b");
         f.dataset("/convolution1d_1/convolution1d_1_b", Tensor<double>({5}), true);
     },
     {"/convolution1d_1/convolution1d_1_b", "floating-point"}},
    {"not a number",
     [](Hdf5Writer& f) {
         f.remove("/convolution1d_1/convolution1d_1_b");
         f.dataset("/convolution1d_1/convolution1d_1_b", with_a_nan());
     },
     {"/convolution1d_1/convolution1d_1_b", "number 3 is nan"}},
    {"too few arrays",
     [](Hdf5Writer& f) {
         f.remove_attribute("/dense_2", "weight_names");
         f.texts("/dense_2", "weight_names", {"dense_2_W"});
     },
     {"dense_2", "has 1 arrays", "dense_1", "needs 2"}},
    {"an array twice",
     [](Hdf5Writer& f) {
         f.remove_attribute("/dense_2", "weight_names");
         f.texts("/dense_2", "weight_names", {"dense_2_W", "dense_2_W"});
     },
     {"/dense_2", "\"dense_2_W\" twice"}},
    {"an empty name",
     [](Hdf5Writer& f) {
         f.remove_attribute("/dense_2", "weight_names");
         f.texts("/dense_2", "weight_names", {"", "dense_2_W"});
     },
     {"/dense_2", "empty name"}},
    {"a layer too few",
     [](Hdf5Writer& f) {
         f.remove_attribute("/dense_2", "weight_names");
         f.texts("/dense_2", "weight_names", {});
     },
     {"weights for 5 layers", "dense_3", "6 layers with parameters"}},
    {"another Keras", [](Hdf5Writer& f) { f.text("/", "keras_version", "2.2.4"); }, {"written by Keras 2.2.4"}},
};

/// What stderr receives while `work` runs.
std::string stderr_of(const Scratch& folder, const std::function<void()>& work) {
    const std::filesystem::path path = folder / "stderr.txt";
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), kept = ::dup(2);
    ::dup2(file, 2);
    work();
    ::dup2(kept, 2);
    ::close(file);
    ::close(kept);
    return content_of(path);
}

/// Whether an error says every word.
auto says_all(const std::vector<std::string>& words) {
    return [words](const Error& e) { return std::ranges::all_of(words, [&](const std::string& w) { return says(w)(e); }); };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(keras1_errors)

BOOST_DATA_TEST_CASE(an_architecture_that_is_no_factornet_is_refused, bdata::make(changes), change) {
    const Directory directory;
    nlohmann::json architecture = Keras1File(directory.net).architecture();
    architecture[nlohmann::json::json_pointer(change.place)] = change.value;
    directory.file("model.json", architecture.dump());
    BOOST_CHECK_EXCEPTION(directory.load(), Error, says_all(change.words));
}

BOOST_AUTO_TEST_CASE(a_missing_setting_is_named) {
    const Directory directory;
    nlohmann::json architecture = Keras1File(directory.net).architecture();
    architecture["config"]["layers"][2]["config"].erase("border_mode");
    directory.file("model.json", architecture.dump());
    BOOST_CHECK_EXCEPTION(directory.load(), ModelError, says_all({"convolution1d_1", "has no setting border_mode"}));
}

BOOST_AUTO_TEST_CASE(a_window_without_a_length_is_refused) {
    const Directory directory;
    nlohmann::json architecture = Keras1File(directory.net).architecture();
    for (const std::size_t input : {0U, 1U}) architecture["config"]["layers"][input]["config"]["batch_input_shape"] = {nullptr, nullptr, 6};
    directory.file("model.json", architecture.dump());
    BOOST_CHECK_EXCEPTION(directory.load(), ModelError, says_all({"input_1", "batch_input_shape has null"}));
}

BOOST_AUTO_TEST_CASE(layers_in_another_order_are_named) {
    const Directory directory;
    nlohmann::json architecture = Keras1File(directory.net).architecture();
    nlohmann::json& layers = architecture["config"]["layers"];
    layers[5]["class_name"] = "Flatten";
    directory.file("model.json", architecture.dump());
    BOOST_CHECK_EXCEPTION(directory.load(), ModelError, says_all({"maxpooling1d_1 (Flatten)", "where a MaxPooling1D layer was expected"}));
}

BOOST_AUTO_TEST_CASE(a_cut_off_architecture_is_refused) {
    const Directory directory;
    const std::string text = content_of(directory / "model.json");
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 1}) {
        directory.file("model.json", text.substr(0, size));
        BOOST_CHECK_EXCEPTION(directory.load(), FormatError, says_all({"model.json", "parse error"}));
    }
}

BOOST_DATA_TEST_CASE(damaged_weights_are_refused_and_leave_the_network_alone, bdata::make(damages), damage) {
    const Directory directory;
    {
        Hdf5Writer file(directory.weights(), Hdf5Writer::Mode::change);
        damage.apply(file);
    }
    BOOST_CHECK_EXCEPTION(directory.load(), Error, says_all(damage.words));
    AnyModel<Double> model = make_factornet<Double>(directory.net.sizes);
    std::ranges::fill(model.parameters(), 0.5);
    BOOST_CHECK_EXCEPTION(load_keras1_weights(model, directory.weights()), Error, says("final_model.hdf5"));
    BOOST_TEST(std::ranges::count(model.parameters(), 0.5) == static_cast<std::ptrdiff_t>(model.parameters().size()));
}

BOOST_AUTO_TEST_CASE(weights_of_another_network_are_refused) {
    const Directory with_side, without({}, false);
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(without / "model.json", with_side.weights()), ModelError,
                          says_all({"weights for 6 layers", "5 layers with parameters"}));
}

BOOST_AUTO_TEST_CASE(files_that_are_missing_or_foreign_are_told_apart) {
    const Directory directory;
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(directory / "model.json", directory / "nothing.hdf5"), IoError,
                          says("nothing.hdf5: cannot open"));
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(directory / "nothing"), IoError, says("nothing: cannot open"));
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(directory / "model.json", directory.path()), IoError, says("directory"));
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(directory / "model.json", directory / "model.json"), FormatError, says("not an HDF5 file"));
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(directory.weights(), directory.weights()), FormatError, says("not the architecture"));
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(directory.weights()), FormatError, says("model.json"));
    const Scratch empty;
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(empty.path()), ModelError, says_all({"best_model.hdf5", "final_model.hdf5"}));
}

BOOST_DATA_TEST_CASE(cut_off_weights_are_refused, bdata::make({false, true}), full_model) {
    const Directory directory({.full_model = full_model});
    const std::filesystem::path path = directory / (full_model ? "best_model.hdf5" : "final_model.hdf5");
    const std::uintmax_t size = std::filesystem::file_size(path);
    for (const std::uintmax_t left :
         {size - 1, size / 2, size / 3, std::uintmax_t{512}, std::uintmax_t{96}, std::uintmax_t{8}, std::uintmax_t{7}, std::uintmax_t{0}}) {
        std::filesystem::resize_file(path, left);
        BOOST_CHECK_EXCEPTION(directory.load(), FormatError, says(path.filename().string()));
    }
}

BOOST_AUTO_TEST_CASE(hdf5_prints_nothing_and_keeps_the_handler_it_had) {
    const Directory directory;
    H5E_auto2_t before = nullptr, after = nullptr;
    void *data_before = nullptr, *data_after = nullptr;
    H5Eget_auto2(H5E_DEFAULT, &before, &data_before);
    {
        Hdf5Writer file(directory.weights(), Hdf5Writer::Mode::change);
        file.remove("/dense_2");
    }
    const std::string printed = stderr_of(directory, [&] {
        BOOST_CHECK_THROW(directory.load(), FormatError);
        std::filesystem::resize_file(directory.weights(), 1000);
        BOOST_CHECK_THROW(directory.load(), FormatError);
    });
    H5Eget_auto2(H5E_DEFAULT, &after, &data_after);
    BOOST_TEST(printed == "");
    BOOST_TEST((before == after && data_before == data_after));
}

BOOST_AUTO_TEST_CASE(damaged_copies_of_a_published_model_are_refused, *utf::precondition(shared_data_present)) {
    const Scratch folder;
    const std::filesystem::path from = shared_data() / "factornet/models/FOXA1/onePeak_DGF";
    const std::filesystem::path weights = folder / "best_model.hdf5";
    const auto fresh_copy = [&] {
        std::filesystem::remove(weights);
        std::filesystem::copy_file(from / "best_model.hdf5", weights);
        std::filesystem::permissions(weights, std::filesystem::perms::owner_all);
    };
    std::filesystem::copy_file(from / "model.json", folder / "model.json");
    fresh_copy();
    BOOST_TEST(load_keras1<Double>(folder.path()).model.parameters().size() == 256'769U);
    for (const std::uintmax_t size : {3'142'455U, 2'000'000U, 1'000'000U, 4'096U, 100U, 0U}) {
        std::filesystem::resize_file(weights, size);
        BOOST_CHECK_EXCEPTION(load_keras1<Double>(folder.path()), FormatError, says("best_model.hdf5"));
    }
    fresh_copy();
    {
        Hdf5Writer file(weights, Hdf5Writer::Mode::change);
        file.remove("/model_weights/bidirectional_1/backward_lstm_1_U_f");
    }
    BOOST_CHECK_EXCEPTION(load_keras1<Double>(folder.path()), FormatError,
                          says("/model_weights/bidirectional_1/backward_lstm_1_U_f: there is no such dataset"));
    BOOST_CHECK_EXCEPTION(
        load_keras1<Double>(folder / "model.json", shared_data() / "factornet/models/MAX/onePeak_Unique35_DGF/final_model.hdf5"),
        ModelError, says_all({"final_model.hdf5", "(34, 1, 6, 64)", "(34, 1, 5, 32)"}));
}

BOOST_AUTO_TEST_SUITE_END()
