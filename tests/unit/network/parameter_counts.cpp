// SPDX-License-Identifier: MIT
#include <chromatid/network/description.hpp>

#include "tests/support/factornet.hpp"

#include <boost/test/unit_test.hpp>

using namespace chromatid;
using namespace chromatid::test;

namespace {

// the paper's single-task network with six annotation features
using PaperNet = MetadataFactorNet<32, 26, 13, 32, 128, 6>;
static_assert(parameter_count(PaperNet{}, Shape<1000, 6>{}) == 654657);
// published: E2F1/onePeak_Unique35_DGF and GABPA/metaGENCODE_RNAseq_Unique35_DGF
using PublishedNet = FactorNet<32, 34, 17, 32, 64>;
static_assert(parameter_count(PublishedNet{}, Shape<1002, 6>{}) == 257857);
static_assert(parameter_count(MetadataFactorNet<32, 34, 17, 32, 64, 14>{}, Shape<1002, 6>{}) == 262913);
// published: CTCF/metaGENCODE_RNAseq_Unique35_DGF
using LargeNet = MetadataFactorNet<128, 34, 17, 64, 128, 14>;
static_assert(parameter_count(LargeNet{}, Shape<1002, 6>{}) == 1094017);

}  // namespace

BOOST_AUTO_TEST_SUITE(parameter_counts)

BOOST_AUTO_TEST_CASE(published_networks_have_their_published_counts) {
    BOOST_TEST(describe(PaperNet{}, Shape<1000, 6>{}).parameter_count() == 654657);
    BOOST_TEST(describe(PublishedNet{}, Shape<1002, 6>{}).parameter_count() == 257857);
    BOOST_TEST(describe(LargeNet{}, Shape<1002, 6>{}).parameter_count() == 1094017);
}

BOOST_AUTO_TEST_CASE(dynamic_sizes_give_the_same_counts) {
    BOOST_TEST(parameter_count(dynamic_factornet(32, 34, 17, 32, 64), Shape<dyn, dyn>(1002, 6)) == 257857);
    BOOST_TEST(parameter_count(dynamic_factornet(32, 34, 17, 32, 64), Shape<1002, 6>{}) == 257857);
}

BOOST_AUTO_TEST_SUITE_END()
