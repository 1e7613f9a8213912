// SPDX-License-Identifier: MIT
#include <chromatid/io/meme.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <tests/support/shared_data.hpp>
#include <tests/unit/io/scratch.hpp>
#include <vector>

using namespace chromatid;
using chromatid::test::says;
using chromatid::test::Scratch;
using chromatid::test::shared_data;
using chromatid::test::shared_data_present;
namespace utf = boost::unit_test;

namespace {

const std::string head = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n";

std::vector<MemeMotif> read(const std::string& text) {
    const Scratch scratch;
    return read_meme(scratch.file("m.meme", text));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_meme)

BOOST_AUTO_TEST_CASE(motifs_have_names_sites_and_probabilities) {
    const auto motifs =
        read(head +
             "MOTIF MA1 Max\n\nletter-probability matrix: alength= 4 w= 2 nsites= 20 E= 1e-3\n 0.5 0.5 0 0\n0\t0.25\t0.25\t0.5\t\n\nURL x\n"
             "MOTIF alone\nletter-probability matrix:\n1 0 0 0\n.1 .2 .3 .4\n\n1 2 3 4 passed over\n");
    BOOST_TEST_REQUIRE(motifs.size() == 2u);
    BOOST_TEST(motifs[0].id == "MA1");
    BOOST_TEST(motifs[0].name == "Max");
    BOOST_TEST(motifs[0].sites == 20);
    BOOST_TEST(motifs[0].width() == 2);
    BOOST_TEST(motifs[0].probabilities[1][3] == 0.5);
    BOOST_TEST(motifs[1].name == "alone");
    BOOST_TEST(motifs[1].width() == 2);
    BOOST_TEST(motifs[1].probabilities[1][2] == 0.3, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(factors_are_found_in_any_case_by_name_then_by_id_the_last_one) {
    const auto motifs = read(head +
                             "MOTIF a MAX\nletter-probability matrix:\n1 0 0 0\nMOTIF b max\nletter-probability matrix:\n0 1 0 0\nMOTIF c "
                             "x\nletter-probability matrix:\n0 0 1 0\n");
    BOOST_TEST_REQUIRE(find_motif(motifs, "Max") != nullptr);
    BOOST_TEST(find_motif(motifs, "Max")->id == "b");
    BOOST_TEST(find_motif(motifs, "C")->id == "c");
    BOOST_TEST(find_motif(motifs, "YY1") == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_no_motif_file_is_refused_with_its_line) {
    BOOST_CHECK_EXCEPTION(read(""), FormatError, says("m.meme: a file in MEME's format begins with \"MEME version\", this one is empty"));
    BOOST_CHECK_EXCEPTION(read(">seq\nACGT\n"), FormatError, says("m.meme: line 1: a file in MEME's format begins"));
    BOOST_CHECK_EXCEPTION(read(head), FormatError, says("m.meme: holds no motif"));
    BOOST_CHECK_EXCEPTION(read("MEME version 4\nALPHABET= ACDEFGHIKLMNPQRSTVWY\n"), FormatError,
                          says("line 2: the alphabet is \"ACDEFGHIKLMNPQRSTVWY\": only motifs of ACGT"));
    BOOST_CHECK_EXCEPTION(read(head + "MOTIF\n"), FormatError, says("line 7: the motif has no name"));
    BOOST_CHECK_EXCEPTION(read(head + "MOTIF a\nMOTIF b\n"), FormatError, says("line 8: motif a has no letter-probability matrix"));
    BOOST_CHECK_EXCEPTION(read(head + "MOTIF a\n"), FormatError, says("motif a has no letter-probability matrix"));
    BOOST_CHECK_EXCEPTION(read(head + "letter-probability matrix: w= 1\n"), FormatError,
                          says("line 7: a matrix comes before the first MOTIF"));
    const std::string begin = head + "MOTIF a\nletter-probability matrix: alength= 4 w= 2\n";
    BOOST_CHECK_EXCEPTION(read(begin + "1 0 0 0\n"), FormatError, says("the matrix of a ends 1 rows too soon"));
    BOOST_CHECK_EXCEPTION(read(begin + "1 0 0 0\n\n"), FormatError, says("line 10: the matrix of a ends 1 rows too soon"));
    BOOST_CHECK_EXCEPTION(read(begin + "1 0 0\n"), FormatError,
                          says("line 9: a row has probabilities of A, C, G and T, this one has 3 columns"));
    BOOST_CHECK_EXCEPTION(read(begin + "0.5 x 0 0\n"), FormatError, says("line 9: probability \"x\" is not a number"));
    BOOST_CHECK_EXCEPTION(read(begin + "0.5 -0.5 1 0\n"), FormatError, says("line 9: probability -0.5 is not between 0 and 1"));
    BOOST_CHECK_EXCEPTION(read(begin + "0.5 nan 0.5 0\n"), FormatError, says("is not between 0 and 1"));
    BOOST_CHECK_EXCEPTION(read(begin + "0.5 0.1 0 0\n"), FormatError, says("line 9: the probabilities of a row add up to 0.6"));
    BOOST_CHECK_EXCEPTION(read(begin + "none\n"), FormatError, says("line 9: a row of probabilities is expected, not \"none\""));
    BOOST_CHECK_EXCEPTION(read(head + "MOTIF a\nletter-probability matrix: alength= 20 w= 2\n"), FormatError,
                          says("line 8: the matrix has 20 letters: only DNA"));
    BOOST_CHECK_EXCEPTION(read(head + "MOTIF a\nletter-probability matrix: w= 0\n"), FormatError,
                          says("line 8: a motif of width 0 is none"));
    BOOST_CHECK_EXCEPTION(read(begin + "1 0 0 0\n1 0 0 0\nletter-probability matrix:\n"), FormatError,
                          says("line 11: motif a has a second matrix"));
    BOOST_CHECK_EXCEPTION(read_meme("/nowhere/m.meme"), IoError, says("/nowhere/m.meme: cannot open"));
}

BOOST_AUTO_TEST_CASE(hocomoco_and_jaspar_are_read, *utf::precondition(shared_data_present)) {
    const auto hocomoco = read_meme(shared_data() / "factornet/resources/HOCOMOCOv9.meme");
    std::set<std::string> names;
    for (const MemeMotif& m : hocomoco) names.insert(m.name);
    BOOST_TEST(names.size() == 402u);
    BOOST_TEST_REQUIRE(find_motif(hocomoco, "MAX") != nullptr);
    BOOST_TEST(find_motif(hocomoco, "YY1") == nullptr);
    BOOST_TEST(find_motif(hocomoco, "AHR")->width() == 9);
    BOOST_TEST(find_motif(hocomoco, "AHR")->sites == 154);
    BOOST_TEST(read_meme(shared_data() / "motifs/jaspar_2024_consensus.meme").size() == 182u);
}

BOOST_AUTO_TEST_SUITE_END()
