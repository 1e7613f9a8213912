// SPDX-License-Identifier: MIT
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/sequential.hpp>
#include <chromatid/serialize/model_directory.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "tests/support/shared_data.hpp"
#include "tests/unit/io/scratch.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace utf = boost::unit_test;

namespace {

using Names = std::vector<std::string>;

/// A directory with all four lists.
struct Directory : Scratch {
    Directory() {
        file("chip.txt", "MAX\nCTCF\n");
        file("feature.txt", "bigwig\nmeta\ngencode\n");
        file("bigwig.txt", "Unique35\nATAC_fwd\nDGF\r\nATAC_rev\n");
        file("meta.txt", "GEPC1\n\nGEPC2");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(model_directory)

BOOST_AUTO_TEST_CASE(names_are_read_in_their_order) {
    const Directory folder;
    const ModelDirectory directory(folder.path());
    BOOST_TEST(directory.tasks() == (Names{"MAX", "CTCF"}), boost::test_tools::per_element());
    BOOST_TEST(directory.tracks() == (Names{"Unique35", "ATAC_fwd", "DGF", "ATAC_rev"}), boost::test_tools::per_element());
    BOOST_TEST(directory.meta() == (Names{"GEPC1", "GEPC2"}), boost::test_tools::per_element());
    BOOST_TEST(directory.has_annotations());
    BOOST_TEST(directory.channels() == 8);
    BOOST_TEST(directory.side_size() == 8);
    BOOST_TEST(directory.task("CTCF") == 1);
}

BOOST_AUTO_TEST_CASE(stranded_tracks_are_paired) {
    const Directory folder;
    BOOST_TEST(ModelDirectory(folder.path()).swapped_tracks() == (std::vector<Index>{1, 3}), boost::test_tools::per_element());
    folder.file("bigwig.txt", "ATAC_fwd\n");
    BOOST_CHECK_EXCEPTION(ModelDirectory(folder.path()), UsageError, says("ATAC_rev"));
}

BOOST_AUTO_TEST_CASE(only_listed_features_are_read) {
    const Directory folder;
    folder.file("feature.txt", "bigwig\n");
    std::filesystem::remove(folder / "meta.txt");
    const ModelDirectory directory(folder.path());
    BOOST_TEST(directory.meta().empty());
    BOOST_TEST(directory.side_size() == 0);
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_wrong_is_named) {
    const Directory folder;
    const auto check = [&](const char* file, const char* content, const std::string& words) {
        folder.file(file, content);
        BOOST_CHECK_EXCEPTION(ModelDirectory(folder.path()), FormatError, says(words));
    };
    BOOST_CHECK_EXCEPTION(ModelDirectory(folder / "nowhere"), IoError, says("model directory"));
    BOOST_CHECK_EXCEPTION(ModelDirectory(folder / "chip.txt"), IoError, says("model directory"));
    BOOST_CHECK_EXCEPTION(ModelDirectory(folder.path()).task("REST"), UsageError, says("the model predicts MAX, CTCF, not REST"));
    check("bigwig.txt", "a.bw DGF\n", "bigwig.txt: line 1: a line holds one name, this one has 2 words");
    check("feature.txt", "bigwig\nmotifs\n", "feature.txt: line 2: \"motifs\" is not one of bigwig, meta, gencode");
    check("chip.txt", "MAX\nMAX\n", "chip.txt: line 2: \"MAX\" is listed twice");
    check("chip.txt", "\n", "chip.txt: lists nothing");
    std::filesystem::remove(folder / "chip.txt");
    BOOST_CHECK_EXCEPTION(ModelDirectory(folder.path()), IoError, says("chip.txt"));
}

BOOST_AUTO_TEST_CASE(a_network_of_other_sizes_is_refused) {
    const Directory folder;
    const ModelDirectory directory(folder.path());
    const auto model = [](Index channels, Index side, Index tasks) {
        using Net = Sequential<Flatten, SideInput<dyn>, Dense<dyn>>;
        return Model<Net, Shape<dyn, dyn>>(Net(Flatten{}, SideInput<dyn>(side), Dense<dyn>(tasks)), Shape<dyn, dyn>(10, channels));
    };
    BOOST_CHECK_NO_THROW(directory.check(model(8, 8, 2)));
    BOOST_CHECK_NO_THROW(directory.check(AnyModel<>(model(8, 8, 2))));
    BOOST_CHECK_EXCEPTION(directory.check(model(6, 8, 2)), ModelError, says("bigwig.txt: says 8 input channels"));
    BOOST_CHECK_EXCEPTION(directory.check(model(8, 2, 2)), ModelError, says("feature.txt: says 8 values of side input"));
    BOOST_CHECK_EXCEPTION(directory.check(model(8, 8, 1)), ModelError, says("chip.txt: says 2 outputs"));
}

BOOST_AUTO_TEST_CASE(a_published_directory_is_read, *utf::precondition(shared_data_present)) {
    const ModelDirectory directory(shared_data() / "factornet/models/GABPA/metaGENCODE_RNAseq_Unique35_DGF");
    BOOST_TEST(directory.tasks() == Names{"GABPA"}, boost::test_tools::per_element());
    BOOST_TEST(directory.tracks() == (Names{"Unique35", "DGF"}), boost::test_tools::per_element());
    BOOST_TEST(directory.meta().size() == 8U);
    BOOST_TEST(directory.side_size() == 14);
    BOOST_TEST(directory.swapped_tracks().empty());
}

BOOST_AUTO_TEST_SUITE_END()
