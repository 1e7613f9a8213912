// SPDX-License-Identifier: MIT
#include <chromatid/network/concat.hpp>
#include <chromatid/network/summary.hpp>

#include "tests/support/factornet.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

template <class Net>
std::vector<std::string> names(const Net& net) {
    std::vector<std::string> all;
    const Description description = describe(net, Shape<50, 6>{});
    for (const LayerDescription& layer : description.layers()) all.push_back(layer.name);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(description)

BOOST_AUTO_TEST_CASE(layers_are_numbered_by_kind) {
    BOOST_TEST(names(Sequential<Conv1D<3, 2>, MaxPool1D<2>, Conv1D<3, 2>, BiLSTM<2>, TimeDistributedDense<2>>{}) ==
                   (std::vector<std::string>{"conv1d_1", "max_pool1d_1", "conv1d_2", "bilstm_1", "time_distributed_dense_1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(composites_describe_their_layers) {
    BOOST_TEST(
        names(ReverseComplementSiamese<Sequential<Concat<Conv1D<3, 2>, Sequential<Conv1D<3, 2>>>, Sequential<Flatten, Dense<2>>>>{}) ==
            (std::vector<std::string>{"conv1d_1", "conv1d_2", "flatten_1", "dense_1"}),
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_given_name_is_kept) {
    BOOST_TEST(names(Sequential<Conv1D<3, 2, Name<"motifs">>, Conv1D<3, 2>>{}) == (std::vector<std::string>{"motifs", "conv1d_1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_two_layers_have_one_name) {
    const auto check = [](const auto& net) {
        const std::vector<std::string> all = names(net);
        BOOST_TEST(std::set<std::string>(all.begin(), all.end()).size() == all.size());
    };
    check(Sequential<Conv1D<3, 2, Name<"a">>, Conv1D<3, 2, Name<"a">>, Conv1D<3, 2, Name<"a_2">>>{});
    check(Sequential<Conv1D<3, 2, Name<"a_2">>, Conv1D<3, 2, Name<"a">>, Conv1D<3, 2, Name<"a">>>{});
    check(Sequential<Conv1D<3, 2, Name<"conv1d_1">>, Conv1D<3, 2>, Conv1D<3, 2>>{});
    check(Sequential<Conv1D<3, 2>, Conv1D<3, 2, Name<"conv1d_2">>, Conv1D<3, 2>>{});
}

BOOST_AUTO_TEST_CASE(the_summary_is_a_table_of_layers_shapes_and_counts) {
    const std::string table = summary(dynamic_factornet(32, 26, 13, 32, 128), Shape<dyn, dyn>(1000, 6));
    const std::string rule(88, '=');
    const std::string expected =
        "Layer (type)                                              Output shape      Parameters\n" + rule + "\n" +
        "conv1d_1 (Conv1D<32, 26>)                                 (975, 32)         5024\n"
        "dropout_1 (Dropout(0.1))                                  (975, 32)         0\n"
        "time_distributed_dense_1 (TimeDistributedDense<32>)       (975, 32)         1056\n"
        "max_pool1d_1 (MaxPool1D<13>)                              (75, 32)          0\n"
        "bilstm_1 (BiLSTM<32, HardSigmoidGates>)                   (75, 64)          16640\n"
        "dropout_2 (Dropout(0.5))                                  (75, 64)          0\n"
        "flatten_1 (Flatten)                                       (4800)            0\n"
        "dense_1 (Dense<128>)                                      (128)             614528\n"
        "dropout_3 (Dropout(0.5))                                  (128)             0\n"
        "dense_2 (Dense<1>)                                        (1)               129\n" +
        rule + "\nTotal parameters: 637377\n";
    BOOST_TEST(table == expected);
}

BOOST_AUTO_TEST_SUITE_END()
