// SPDX-License-Identifier: MIT
#include <chromatid/network/factornet.hpp>

#include <boost/test/unit_test.hpp>

#include <concepts>

using namespace chromatid;

namespace {

using Sizes = FactorNetSizes;

constexpr Sizes published = {
    .length = 1002, .filters = 32, .width = 34, .position_units = 32, .pool = 17, .lstm_units = 32, .dense_units = 64};

}  // namespace

BOOST_AUTO_TEST_SUITE(factornet)

BOOST_AUTO_TEST_CASE(the_paper_and_the_published_models_have_their_parameter_counts) {
    constexpr Sizes paper = {.dense_units = 128, .side = 6, .side_dense_units = 128};
    static_assert(paper.parameter_count() == 654'657);
    static_assert(published.parameter_count() == 257'857);
    constexpr Sizes with_metadata = {.length = 1002,
                                     .filters = 128,
                                     .width = 34,
                                     .position_units = 128,
                                     .pool = 17,
                                     .lstm_units = 64,
                                     .dense_units = 128,
                                     .side = 14,
                                     .side_dense_units = 128};
    static_assert(with_metadata.parameter_count() == 1'094'017);
    constexpr Sizes multi_task = {.length = 1002,
                                  .tracks = 1,
                                  .filters = 128,
                                  .width = 34,
                                  .position_units = 128,
                                  .pool = 17,
                                  .lstm_units = 128,
                                  .dense_units = 256,
                                  .tasks = 19};
    static_assert(multi_task.parameter_count() == 4'042'259);
}

BOOST_AUTO_TEST_CASE(the_static_network_has_the_same_count_and_shape) {
    using Net = StaticFactorNet<32, 34, 17, 32, 64>;
    static_assert(parameter_count(Net(), Shape<1002, 6>()) == published.parameter_count());
    static_assert(std::same_as<OutputShape<Net, Shape<1002, 6>>, Shape<1>>);
    using MultiTask = StaticFactorNet<128, 34, 17, 128, 256, 19>;
    static_assert(parameter_count(MultiTask(), Shape<1002, 5>()) == 4'042'259);
    static_assert(std::same_as<OutputShape<MultiTask, Shape<1002, 5>>, Shape<19>>);
}

BOOST_AUTO_TEST_CASE(the_paper_network_with_annotations_has_its_count) {
    using PaperNet = ReverseComplementSiamese<
        Sequential<Conv1D<32, 26, ReLU>, Dropout, TimeDistributedDense<32, ReLU>, MaxPool1D<13>, BiLSTM<32, HardSigmoidGates>, Dropout,
                   Flatten, Dense<128, ReLU>, SideInput<6>, Dense<128, ReLU>, Dropout, Dense<1, Sigmoid>>>;
    static_assert(parameter_count(PaperNet(), Shape<1000, 6>()) == 654'657);
}

BOOST_AUTO_TEST_SUITE_END()
