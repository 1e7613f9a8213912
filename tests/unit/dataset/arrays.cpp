// SPDX-License-Identifier: MIT
#include <chromatid/dataset/window_encoder.hpp>
#include <chromatid/genome/one_hot.hpp>
#include <chromatid/tensor/eigen.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <vector>

using namespace chromatid;

BOOST_AUTO_TEST_SUITE(arrays_of_windows)

BOOST_AUTO_TEST_CASE(one_hot_rows_go_into_any_array) {
    const std::vector<std::uint8_t> codes{0, 1, 2, 3, 4};
    Tensor<float> tensor{5, 6};
    one_hot(codes, tensor);
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> matrix(5, 4);
    one_hot(codes, matrix);
    for (Index base = 0; base < 5; ++base)
        for (Index letter = 0; letter < 4; ++letter) {
            BOOST_TEST(tensor(base, letter) == (base == letter ? 1.0F : 0.0F));
            BOOST_TEST(matrix(base, letter) == (base == letter ? 1.0 : 0.0));
        }
}

BOOST_AUTO_TEST_CASE(an_array_of_another_shape_is_refused) {
    const std::vector<std::uint8_t> codes{0, 1, 2};
    Tensor<float> narrow{3, 3}, long_one{4, 4}, flat{12};
    BOOST_CHECK_THROW(one_hot(codes, narrow), ShapeError);
    BOOST_CHECK_THROW(one_hot(codes, long_one), ShapeError);
    BOOST_CHECK_THROW(one_hot(codes, flat), ShapeError);
}

BOOST_AUTO_TEST_CASE(windows_go_into_rows_of_a_batch) {
    const GenomePiece piece{{"chr1", 0, 4}, {0, 1, 2, 3}, {{1, 2, 3, 4}}};
    const WindowEncoder encoder(2, 1);
    Tensor<float> batch{2, 2, 5};
    encoder.encode(piece, {"chr1", 1, 3}, batch.view().rows(1, 1));
    const std::vector<float> expected{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 1, 0, 3};
    BOOST_TEST(std::vector<float>(batch.span().begin(), batch.span().end()) == expected, boost::test_tools::per_element());
    Tensor<float> small{2, 4};
    BOOST_CHECK_THROW(encoder.encode(piece, {"chr1", 1, 3}, small), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
