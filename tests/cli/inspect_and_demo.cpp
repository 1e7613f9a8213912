// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "tests/cli/factornet_program.hpp"
#include "tests/support/shared_data.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace utf = boost::unit_test;

namespace {

/// The command after "Example" in a help text, its `try` folder put elsewhere.
std::vector<std::string> example_of(const std::string& command, const std::filesystem::path& folder) {
    const ProgramResult help = factornet({command, "--help"});
    BOOST_REQUIRE_EQUAL(help.code, 0);
    const auto example = help.out.find("Example"), usage = help.out.find("Usage:");
    BOOST_REQUIRE(example < usage);  // style: before the list of options
    const std::string line = help.out.substr(help.out.find("  factornet ", example));
    std::istringstream words(line.substr(0, std::min(line.find('\n'), line.find(" && "))));
    std::vector<std::string> arguments;
    for (std::string word; words >> word;)
        if (word != "factornet") arguments.push_back(word == "try" || word.starts_with("try/") ? (folder / word).string() : word);
    return arguments;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inspect_and_demo)

BOOST_AUTO_TEST_CASE(help_begins_with_an_example_that_works) {
    const Scratch scratch;
    for (const char* command : {"demo", "predict", "inspect", "export"}) {
        const ProgramResult result = factornet(example_of(command, scratch.path()));
        BOOST_TEST(result.code == 0, command << ": " << result.err);
    }
    BOOST_TEST(records_of(scratch / "try/scores.tsv.gz").size() == 3994U);
    BOOST_TEST(contains(factornet({"--help"}).out, "Example:\n  factornet predict "));
    BOOST_TEST(contains(factornet({"--version"}).out, "chromatid "));
}

BOOST_AUTO_TEST_CASE(the_demo_depends_on_its_seed_alone) {
    const Scratch scratch;
    for (const auto& [folder, seed] : {std::pair{"a", "1"}, {"b", "1"}, {"c", "2"}})
        BOOST_REQUIRE_EQUAL(factornet({"demo", (scratch / folder).string(), "--seed", seed}).code, 0);
    for (const char* file :
         {"genome.fa", "chrom.sizes", "windows.bed", "cell/bigwig.txt", "cell/DGF.bw", "model/model.json", "model/chip.txt"})
        BOOST_TEST(content_of(scratch / "a" / file) == content_of(scratch / "b" / file), file);
    BOOST_TEST(content_of(scratch / "a/genome.fa") != content_of(scratch / "c/genome.fa"));
}

BOOST_AUTO_TEST_CASE(the_demos_planted_sites_score_highest_where_the_signal_is) {
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    // Site n lies at 1000 + 2000 n: the motif unless n % 3 = 2, on alternating strands; signal unless n % 3 = 1.
    for (const BedRecord& r : records_of(demo.output)) {
        if (r.interval.chrom != "chrA" || (r.interval.start - 900) % 2000 != 0) continue;
        const auto n = (r.interval.start - 900) / 2000;
        BOOST_TEST((std::stof(r.fields[3]) > 0.5F) == (n % 3 == 0), r.fields[1] << ' ' << r.fields[3]);
    }
}

BOOST_AUTO_TEST_CASE(a_run_says_what_it_does_unless_it_is_to_be_quiet) {
    DemoRun demo;
    const ProgramResult talking = demo.predict({"--json"});
    BOOST_TEST(contains(talking.err, "factornet predict: DEMO with " + (demo.model / "final_model.hdf5").string() +
                                         " (Keras 1.2.2, 561 parameters), on cpu, 1 thread"));
    BOOST_TEST(contains(talking.err, "3,994 windows on 2 chromosomes of"));
    BOOST_TEST(contains(talking.err, " windows/s)"));
    BOOST_TEST(contains(talking.err, "16 masked windows have score 0; wrote " + demo.output.string()));
    const auto json = nlohmann::json::parse(talking.out);
    BOOST_TEST(json.at("windows") == 3994);
    BOOST_TEST(json.at("masked") == 16);
    BOOST_TEST(json.at("threads") == 1);
    BOOST_TEST(json.at("factor") == "DEMO");
    const ProgramResult quiet = demo.predict({"--quiet"});
    BOOST_TEST(quiet.code == 0);
    BOOST_TEST(quiet.out + quiet.err == "");
}

BOOST_AUTO_TEST_CASE(a_run_whose_messages_nobody_reads_still_finishes) {
    DemoRun demo;
    const ProgramResult result = demo.predict({}, [] {
        int ends[2];
        if (::pipe(ends) != 0) ::_exit(126);
        ::close(ends[0]);
        ::dup2(ends[1], STDERR_FILENO);
    });
    BOOST_TEST(result.code == 0);
    BOOST_TEST(records_of(demo.output).size() == 3994U);
}

BOOST_AUTO_TEST_CASE(inspect_shows_a_published_model, *utf::precondition(shared_data_present)) {
    const std::string model = (shared_data() / "factornet/models/GABPA/metaGENCODE_RNAseq_Unique35_DGF").string();
    const ProgramResult text = factornet({"inspect", model});
    BOOST_TEST(text.code == 0);
    for (const char* words :
         {"Keras 1.1.1, 262,913 parameters", "Factors       GABPA", "Tracks        Unique35, DGF", "Metadata      GEPC1, GEPC2", "GEPC8",
          "Annotations   cpg, cds, intron, promoter, utr5, utr3", "window 1002 bp, 32 kernels of width 34, pool 17, LSTM 32 each way",
          "hard_sigmoid", "Total parameters: 262913"})
        BOOST_TEST(contains(text.out, words));
    const auto json = nlohmann::json::parse(factornet({"inspect", "--json", model}).out);
    BOOST_TEST(json.at("parameters") == 262913);
    BOOST_TEST(json.at("tracks") == nlohmann::json({"Unique35", "DGF"}));
    BOOST_TEST(json.at("factors") == nlohmann::json::array({"GABPA"}));
    BOOST_TEST(json.at("metadata").size() == 8U);
    BOOST_TEST(json.at("annotations") == true);
    BOOST_TEST(json.at("structure") == "recurrent");
    BOOST_TEST(json.at("length") == 1002);
    BOOST_TEST(json.at("layers").size() >= 8U);
    int parameters = 0;
    for (const auto& layer : json.at("layers")) parameters += layer.at("parameters").get<int>();
    BOOST_TEST(parameters == 262913);
}

BOOST_AUTO_TEST_CASE(inspect_refuses_what_is_no_model) {
    DemoRun demo;
    BOOST_TEST(factornet({"inspect", demo.cell.string()}).code == 1);
    BOOST_TEST(contains(factornet({"inspect", "nowhere"}).err, "nowhere: cannot open the model directory"));
    BOOST_TEST(factornet({"inspect"}).code == 2);
}

BOOST_AUTO_TEST_SUITE_END()
