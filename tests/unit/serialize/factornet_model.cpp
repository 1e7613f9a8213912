// SPDX-License-Identifier: MIT
#include <chromatid/core/philox.hpp>
#include <chromatid/serialize/factornet_load.hpp>
#include <chromatid/serialize/factornet_save.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/compare.hpp"
#include "tests/unit/serialize/instances.hpp"
#include "tests/unit/serialize/small_networks.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace bdata = boost::unit_test::data;
namespace fs = std::filesystem;

namespace {

using Double = Cpu<double>;
using Structure = FactorNetSizes::Structure;

/// A network with random parameters, and the names that go with `small_sizes`.
struct Example {
    FactorNetSizes sizes;
    ModelDirectory names;
    AnyModel<Double> model;

    explicit Example(const fs::path& folder, std::uint64_t seed = 3, const FactorNetSizes& wanted = small_sizes(Structure::recurrent, true))
        : sizes(wanted),
          names(folder, {"MAX", "CTCF"}, {"DGF_fwd", "DGF_rev"},
                wanted.side > 0 ? std::vector<std::string>{"GEPC1", "GEPC2", "GEPC3"} : std::vector<std::string>{}, wanted.side > 0),
          model(make_factornet<Double>(sizes, names.swapped_tracks())) {
        Draw draw(seed);
        for (double& p : model.parameters()) p = draw.number();
    }
    void save() const { save_factornet(model, sizes, names, {{"seed", 420}, {"cells", {"K562"}}}); }
};

bool same_parameters(const AnyModel<Double>& a, const AnyModel<Double>& b) { return std::ranges::equal(a.parameters(), b.parameters()); }

/// A folder with a model whose files a test may damage.
struct Saved : Scratch {
    Example example{path()};

    Saved() { example.save(); }
    fs::path architecture() const { return path() / "model.json"; }
    fs::path weights() const { return path() / "weights.safetensors"; }
    auto load() const { return load_factornet<Double>(path()); }
    nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(content_of(architecture())); }
    void write(const nlohmann::ordered_json& json) const { file("model.json", json.dump()); }
};

/// One change of model.json and what the message must say.
struct Change {
    const char* place;
    nlohmann::ordered_json value;
    const char* words;

    friend std::ostream& operator<<(std::ostream& to, const Change& c) { return to << c.place << " = " << c.value; }
};

const std::vector<Change> changes{
    {"/format", "other", "\"format\" is \"other\", expected is \"chromatid FactorNet\""},
    {"/format", 1, "\"format\" is 1, expected is a text"},
    {"/format_version", 2, "written by a newer chromatid (0.1.0, format 2), this one reads format 1"},
    {"/format_version", 0, "\"format_version\" is 0"},
    {"/format_version", "1", "\"format_version\" is \"1\", expected is a whole number"},
    {"/chromatid_version", nullptr, "\"chromatid_version\" is null"},
    {"/names/factors", nlohmann::ordered_json::array(), "at least one factor"},
    {"/names/factors/0", "MAX and more", "\"MAX and more\" cannot be a name"},
    {"/names/factors/0", 5, "\"names.factors\" is not a list of texts"},
    {"/names/factors", {{"a", "MAX"}}, "\"names.factors\" is not a list of texts"},
    {"/names/factors/1", "MAX", "\"MAX\" is listed twice"},
    {"/names/tracks/0", "DGF", "\"DGF_rev\" needs \"DGF_fwd\""},
    {"/names/tracks", {"A", "B"}, "\"swapped_tracks\" does not follow from the tracks' names"},
    {"/names/meta/0", "", "\"\" cannot be a name"},
    {"/names/annotations", "yes", "\"names.annotations\" is \"yes\", expected is true or false"},
    {"/names/more", 1, "\"names.more\" is not a setting of this format"},
    {"/names", 1, "\"names\" is not a JSON object"},
    {"/sizes/structure", "deep", "\"sizes.structure\" is \"deep\", expected is one of recurrent, pooled, global_max"},
    {"/sizes/gates", "soft", "\"sizes.gates\" is \"soft\", expected is one of hard_sigmoid, logistic"},
    {"/sizes/gates", "logistic", "self-test: window 0, output 0: the network computes"},
    {"/sizes/length", 0, "\"sizes.length\" is 0, expected is a whole number from 1 to 1000000"},
    {"/sizes/length", 1e6 + 1, "expected is a whole number"},
    {"/sizes/length", 18446744073709551615U, "\"sizes.length\" is 18446744073709551615"},
    {"/sizes/length", 42, "self-test"},  // as many parameters, but the stored windows are shorter
    {"/sizes/length", 3, "model.json: "},
    {"/sizes/tracks", -1, "\"sizes.tracks\" is -1"},
    {"/sizes/tracks", 3, "bigwig.txt: says 6 input channels"},
    {"/sizes/filters", 1000000, "parameters, which do not fit into"},
    {"/sizes/filters", 6, "of another shape: conv1d_1.kernel is (8, 6, 5), the network needs (8, 6, 6)"},
    {"/sizes/pool", 0, "\"sizes.pool\" is 0"},
    {"/sizes/side", 8, "feature.txt: says 9 values of side input"},
    {"/sizes/dropout/after_conv", 1.0, "\"sizes.dropout.after_conv\" is 1.0, expected is a share"},
    {"/sizes/dropout/after_conv", "none", "\"sizes.dropout.after_conv\" is \"none\""},
    {"/sizes/dropout/more", 0.5, "\"sizes.dropout.more\" is not a setting"},
    {"/sizes/depth", 2, "\"sizes.depth\" is not a setting of this format"},
    {"/weights", "fnv1a64:0", "these are files of two models"},
    {"/training", 5, "\"training\" is not a JSON object"},
    {"/more", 5, "\"more\" is not a setting of this format"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(factornet_model)

BOOST_DATA_TEST_CASE(every_structure_comes_back_to_the_same_bits, bdata::xrange(3) * bdata::make({false, true}), structure, with_side) {
    const Scratch folder;
    FactorNetSizes sizes = small_sizes(static_cast<Structure>(structure), with_side);
    sizes.gates = with_side ? FactorNetSizes::Gates::logistic : FactorNetSizes::Gates::hard_sigmoid;
    sizes.dropout = {.after_conv = 0.0F, .after_features = 1.0F / 3.0F, .after_dense = 0.7F, .lstm_input = 0.2F, .lstm_state = 0.3F};
    const Example example(folder / "new/model", 3, sizes);
    example.save();
    const auto loaded = load_factornet<Double>(folder / "new/model");
    BOOST_TEST((loaded.sizes == sizes));
    BOOST_TEST(same_parameters(loaded.model, example.model));
    BOOST_TEST(loaded.directory.tasks() == example.names.tasks(), boost::test_tools::per_element());
    BOOST_TEST(loaded.directory.tracks() == example.names.tracks(), boost::test_tools::per_element());
    BOOST_TEST(loaded.directory.meta() == example.names.meta(), boost::test_tools::per_element());
    BOOST_TEST(loaded.directory.has_annotations() == with_side);
    BOOST_TEST(loaded.self_test_error == 0.0);
    BOOST_TEST(loaded.chromatid_version == version);
    BOOST_TEST(loaded.training.at("seed") == 420);
    const Tensor<double> x = random_windows(11, 2, sizes.length, sizes.channels()), side = Draw(12).array({2, 9});
    if (with_side) BOOST_TEST(same_bits(loaded.model.predict(x, side), example.model.predict(x, side)));
    else BOOST_TEST(same_bits(loaded.model.predict(x), example.model.predict(x)));
}

BOOST_AUTO_TEST_CASE(upstreams_text_files_lie_beside_it) {
    const Saved folder;
    BOOST_TEST(content_of(folder / "chip.txt") == "MAX\nCTCF\n");
    BOOST_TEST(content_of(folder / "feature.txt") == "bigwig\nmeta\ngencode\n");
    BOOST_TEST(content_of(folder / "bigwig.txt") == "DGF_fwd\nDGF_rev\n");
    BOOST_TEST(content_of(folder / "meta.txt") == "GEPC1\nGEPC2\nGEPC3\n");
    BOOST_TEST(folder.files() == 6);
    BOOST_TEST(ModelDirectory(folder.path()).swapped_tracks() == (std::vector<Index>{0, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_self_test_holds_two_windows_of_letters) {
    const Saved folder;
    const auto test = SelfTest<double>::read(SafetensorsFile(folder.weights()));
    BOOST_TEST(test.x.extents()[0] == 2);
    BOOST_TEST(test.side.extents()[1] == 9);
    BOOST_TEST(test.y.extents()[1] == 2);
    Index counts[4] = {};
    for (Index w = 0; w < 2; ++w)
        for (Index t = 0; t < 41; ++t) {
            double sum = 0;
            for (Index c = 0; c < 4; ++c) sum += test.x(w, t, c), counts[c] += test.x(w, t, c) == 1.0 ? 1 : 0;
            BOOST_TEST(sum == 1.0);
        }
    for (const Index count : counts) BOOST_TEST(count > 5);
    BOOST_TEST(same_bits(test.y, folder.example.model.predict(test.x, test.side)));
}

BOOST_AUTO_TEST_CASE(whose_format_a_directory_has_is_said_by_its_model_json) {
    const Saved folder;
    BOOST_TEST(is_factornet_directory(folder.path()));
    folder.file("model.json", "{\"class_name\": \"Model\"}");
    BOOST_TEST(!is_factornet_directory(folder.path()));
    folder.file("model.json", "{\"class");  // damaged, beside weights of ours
    BOOST_TEST(is_factornet_directory(folder.path()));
    fs::remove(folder.weights());
    BOOST_TEST(!is_factornet_directory(folder.path()));
    BOOST_TEST(!is_factornet_directory(folder / "nowhere"));
}

BOOST_DATA_TEST_CASE(a_changed_model_json_is_refused, bdata::make(changes), change) {
    const Saved folder;
    auto json = folder.json();
    json[nlohmann::ordered_json::json_pointer(change.place)] = change.value;
    folder.write(json);
    BOOST_CHECK_EXCEPTION(folder.load(), Error, says(change.words));
}

BOOST_AUTO_TEST_CASE(nothing_in_model_json_may_be_missing) {
    const Saved folder;
    const auto whole = folder.json();
    int removed = 0;
    for (const char* place : {"", "/sizes", "/sizes/dropout", "/names"})
        for (const auto& [key, value] : whole.at(nlohmann::ordered_json::json_pointer(place)).items()) {
            auto json = whole;
            json.at(nlohmann::ordered_json::json_pointer(place)).erase(key);
            folder.write(json);
            BOOST_CHECK_EXCEPTION(folder.load(), FormatError, says(key + "\" is missing"));
            ++removed;
        }
    BOOST_TEST(removed == 8 + 14 + 7 + 4);
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused_with_its_byte) {
    const Saved folder;
    const std::string whole = content_of(folder.architecture());
    folder.file("model.json", whole.substr(0, 100));
    BOOST_CHECK_EXCEPTION(folder.load(), FormatError, says("model.json: byte 100: this is not JSON"));
    folder.file("model.json", "");
    BOOST_CHECK_EXCEPTION(folder.load(), FormatError, says("model.json: byte 0: this is not JSON"));
    folder.file("model.json", "[1, 1e999]");
    BOOST_CHECK_EXCEPTION(folder.load(), FormatError, says("too large"));
    folder.file("model.json", "[]");
    BOOST_CHECK_EXCEPTION(folder.load(), FormatError, says("the file is not a JSON object"));
    fs::remove(folder.architecture());
    BOOST_CHECK_THROW(folder.load(), IoError);
}

BOOST_AUTO_TEST_CASE(weights_of_another_model_are_refused) {
    const Saved folder;
    const Scratch other;
    Example(other.path(), 4).save();
    fs::copy(other / "weights.safetensors", folder.weights(), fs::copy_options::overwrite_existing);
    BOOST_CHECK_EXCEPTION(folder.load(), ModelError, says("these are files of two models"));
    fs::remove(folder.weights());
    BOOST_CHECK_EXCEPTION(folder.load(), ModelError, says("weights.safetensors: is missing"));
    folder.file("weights.safetensors", "PK\x03\x04");
    BOOST_CHECK_EXCEPTION(folder.load(), FormatError, says("a PyTorch file"));
}

BOOST_AUTO_TEST_CASE(one_wrong_bit_in_the_weights_is_found) {
    const Saved folder;
    std::string content = content_of(folder.weights());
    content[content.size() - 5000] = static_cast<char>(content[content.size() - 5000] ^ 1);
    folder.file("weights.safetensors", content);
    BOOST_CHECK_EXCEPTION(folder.load(), FormatError, says("weights.safetensors: damaged: its arrays have the digest"));
}

BOOST_AUTO_TEST_CASE(an_output_that_differs_is_told_with_its_place) {
    const Saved folder;
    const SafetensorsFile file(folder.weights());
    auto test = SelfTest<double>::read(file);
    BOOST_TEST(test.verify(folder.example.model, "w") == 0.0);
    test.y(1, 1) += 0.9e-5;
    BOOST_TEST(test.verify(folder.example.model, "w") <= 1e-5);
    test.y(1, 1) += 0.9e-5;
    BOOST_CHECK_EXCEPTION(test.verify(folder.example.model, "w"), ModelError,
                          says("w: self-test: window 1, output 1: the network computes"));
    test.y(1, 1) = std::numeric_limits<double>::quiet_NaN();
    BOOST_CHECK_EXCEPTION(test.verify(folder.example.model, "w"), ModelError, says("stored is nan"));
}

BOOST_AUTO_TEST_CASE(a_network_that_gives_nan_is_not_saved) {
    const Saved folder;
    Example broken(folder.path(), 4);
    broken.model.parameters().back() = std::numeric_limits<double>::quiet_NaN();
    BOOST_CHECK_EXCEPTION(broken.save(), ModelError, says("not saved: the network's outputs are not finite"));
    BOOST_TEST(same_parameters(folder.load().model, folder.example.model));
}

BOOST_AUTO_TEST_CASE(sizes_or_names_of_another_model_are_refused) {
    const Scratch folder;
    const Example example(folder / "model");
    FactorNetSizes other = example.sizes;
    other.filters = 6;
    BOOST_CHECK_EXCEPTION(save_factornet(example.model, other, example.names), ModelError,
                          says("the sizes given are not those of the model"));
    const ModelDirectory names(folder / "model", {"MAX"}, {"DGF_fwd", "DGF_rev"}, {"GEPC1", "GEPC2", "GEPC3"}, true);
    BOOST_CHECK_EXCEPTION(save_factornet(example.model, example.sizes, names), ModelError, says("chip.txt: says 1 outputs"));
    BOOST_CHECK_EXCEPTION(save_factornet(example.model, example.sizes, example.names, 5), UsageError, says("must be a JSON object"));
    BOOST_TEST(folder.files() == 0);
}

BOOST_AUTO_TEST_CASE(wherever_a_writer_stops_there_is_a_whole_model) {
    const Saved folder;
    const Scratch newer;
    const Example other(newer.path(), 4);
    other.save();
    fs::copy(newer / "weights.safetensors", folder / "weights.next.safetensors");  // stopped before model.json
    BOOST_TEST(same_parameters(folder.load().model, folder.example.model));
    fs::copy(newer / "model.json", folder.architecture(), fs::copy_options::overwrite_existing);  // stopped behind it
    BOOST_TEST(same_parameters(folder.load().model, other.model));
    BOOST_TEST(folder.load().weights == folder / "weights.next.safetensors");
    Example(folder.path(), 5).save();  // the next writer
    BOOST_TEST(!fs::exists(folder / "weights.next.safetensors"));
    BOOST_TEST(same_parameters(folder.load().model, Example(newer.path(), 5).model));
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_model) {
    const Saved folder;
    for (const rlim_t limit : {100U, 500U, 3000U}) {
        {
            const FileSizeLimit full(limit);
            BOOST_CHECK_THROW(Example(folder.path(), 4).save(), IoError);
        }
        BOOST_TEST(same_parameters(folder.load().model, folder.example.model));
    }
    BOOST_TEST(folder.files() == 6);
}

BOOST_AUTO_TEST_CASE(killed_at_any_moment_a_writer_leaves_the_old_model_or_the_new_one) {
    const Saved folder;
    const Example second(folder.path(), 4);
    Draw draw(9);
    int seconds = 0;
    for (int round = 0; round < 40; ++round) {
        int ready[2];
        BOOST_REQUIRE(::pipe(ready) == 0);
        const pid_t writer = ::fork();
        BOOST_REQUIRE(writer >= 0);
        if (writer == 0) {
            for (bool is_second = false;; is_second = !is_second) {
                if (::write(ready[1], "s", 1) != 1) ::_exit(1);
                (is_second ? second : folder.example).save();
            }
        }
        char begun = 0;
        for (Index saves = draw.index(1, 6); saves > 0; --saves) BOOST_REQUIRE(::read(ready[0], &begun, 1) == 1);
        volatile std::uint32_t work = 1;  // so that the writer gets somewhere
        for (Index i = draw.index(0, 100'000); i > 0; --i) work = Philox::block({1, 2}, {work, 0, 0, 0})[0];
        ::kill(writer, SIGKILL);
        ::waitpid(writer, nullptr, 0);
        ::close(ready[0]);
        ::close(ready[1]);
        const auto left = folder.load();
        const bool is_second = same_parameters(left.model, second.model);
        seconds += is_second ? 1 : 0;
        BOOST_TEST((is_second || same_parameters(left.model, folder.example.model)));
    }
    BOOST_TEST_MESSAGE("40 killed writers: " << seconds << " left the second model");
    BOOST_TEST(seconds > 0);
    folder.example.save();
    BOOST_TEST(same_parameters(folder.load().model, folder.example.model));
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_refused_or_harmless) {
    const Saved folder;
    const std::string whole = content_of(folder.architecture());
    Draw draw(6);
    int refused = 0;
    for (int round = 0; round < 400; ++round) {
        std::string damaged = whole;
        damaged[static_cast<std::size_t>(draw.index(0, static_cast<Index>(whole.size()) - 1))] = static_cast<char>(draw.index(0, 255));
        folder.file("model.json", damaged);
        try {
            BOOST_TEST(same_parameters(folder.load().model, folder.example.model));
        } catch (const Error&) {
            ++refused;
        }
    }
    BOOST_TEST_MESSAGE("400 damaged model.json: " << refused << " refused");
    BOOST_TEST(refused > 200);
}

BOOST_AUTO_TEST_SUITE_END()
