// SPDX-License-Identifier: MIT
#include <chromatid/network/concat.hpp>
#include <chromatid/network/model.hpp>

#include "tests/support/factornet.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

// The mistakes of tests/compile_fail with sizes known at run time only: the same words, and the same position, layer and shape.

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// What a model of the network says when it is made.
template <class Net, AnyShape In>
std::string complaint(const Net& net, const In& in) {
    try {
        Model<Net, In> model(net, in);
    } catch (const ShapeError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shape_errors)

BOOST_AUTO_TEST_CASE(a_window_wider_than_the_sequence) {
    const auto net = [](Index window) { return Sequential(Conv1D<32, 26>{}, MaxPool1D<13>{}, MaxPool1D<dyn>(window)); };
    BOOST_TEST(complaint(net(75), Shape<1000, 6>{}) == "");
    BOOST_TEST(complaint(net(100), Shape<1000, 6>{}) ==
               "layer 2, MaxPool1D<100>, reached by (75, 32): MaxPool1D: the window is wider than the sequence");
}

BOOST_AUTO_TEST_CASE(a_kernel_wider_than_the_sequence) {
    const Sequential<Conv1D<32, 26>, Conv1D<32, 5, Dilation<4>>> net;
    BOOST_TEST(complaint(net, Shape<dyn, 6>(42)) == "");
    BOOST_TEST(complaint(net, Shape<dyn, 6>(41)) ==
               "layer 1, Conv1D<32, 5, Dilation<4>>, reached by (16, 32): Conv1D: the kernel is wider than the sequence");
}

BOOST_AUTO_TEST_CASE(branches_of_unequal_length) {
    using Branches = Concat<Conv1D<8, 5>, Conv1D<8, dyn>>;
    const auto net = [](Index width) { return Sequential(Dropout{}, Branches(Conv1D<8, 5>{}, Conv1D<8, dyn>(width))); };
    BOOST_TEST(complaint(net(5), Shape<100, 6>{}) == "");
    BOOST_TEST(complaint(net(7), Shape<100, 6>{}) ==
               "layer 1, Concat, reached by (100, 6): Concat: the branches put out different lengths");
    BOOST_TEST(complaint(net(101), Shape<100, 6>{}) ==
               "layer 1, Concat, reached by (100, 6): layer 1, Conv1D<8, 101>, reached by (100, 6): Conv1D: the kernel is wider than the "
               "sequence");
}

BOOST_AUTO_TEST_CASE(fewer_channels_than_letters) {
    using Net = ReverseComplementSiamese<Sequential<Flatten, Dense<1>>>;
    BOOST_TEST(complaint(Net{}, Shape<100, dyn>(4)) == "");
    BOOST_TEST(complaint(Net{}, Shape<100, dyn>(3)) == "ReverseComplementSiamese: fewer channels than the alphabet has letters");
}

BOOST_AUTO_TEST_CASE(a_mistake_in_a_network_in_a_network_names_both_positions) {
    const Sequential net(Dropout{}, Sequential(Conv1D<4, 2>{}, MaxPool1D<dyn>(9)));
    BOOST_TEST(complaint(net, Shape<8, 6>{}) ==
               "layer 1, Sequential, reached by (8, 6): layer 1, MaxPool1D<9>, reached by (7, 4): "
               "MaxPool1D: the window is wider than the sequence");
}

BOOST_AUTO_TEST_CASE(a_siamese_names_the_layers_of_its_network) {
    const auto net = dynamic_factornet(32, 26, 1000, 32, 128);
    BOOST_TEST(complaint(net, Shape<dyn, dyn>(1000, 6)) ==
               "layer 3, MaxPool1D<1000>, reached by (975, 32): MaxPool1D: the window is wider than the sequence");
}

BOOST_AUTO_TEST_CASE(a_size_of_zero) {
    BOOST_CHECK_THROW((Conv1D<dyn, 26>(0)), ShapeError);
    BOOST_CHECK_THROW((MaxPool1D<dyn>(0)), ShapeError);
    BOOST_CHECK_THROW((MaxPool1D<3, Stride<dyn>>(0)), ShapeError);
    BOOST_CHECK_THROW((Shape<dyn, 6>(0)), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_value_that_contradicts_the_type) {
    BOOST_CHECK_THROW((Conv1D<32, dyn>(33, 26, 1, 1)), ShapeError);
    BOOST_CHECK_NO_THROW((Conv1D<32, dyn>(32, 26, 1, 1)));
    BOOST_CHECK_THROW((Dense<5>(6)), ShapeError);
    BOOST_CHECK_THROW((Shape<1000, 6>(1000, 5)), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
