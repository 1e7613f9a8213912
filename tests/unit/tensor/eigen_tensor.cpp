// SPDX-License-Identifier: MIT
#include <chromatid/chromatid.hpp>
#include <chromatid/tensor/eigen_tensor.hpp>

#include <boost/test/unit_test.hpp>

#include <concepts>
#include <numeric>

using namespace chromatid;

namespace {

template <int Rank>
using RowMajor = Eigen::Tensor<float, Rank, Eigen::RowMajor>;

/// The largest value of each channel.
using Net = GlobalMaxPool1D;

RowMajor<3> counting(Index n, Index length, Index channels) {
    RowMajor<3> x(n, length, channels);
    std::iota(x.data(), x.data() + x.size(), 0.0F);
    return x;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(eigen_tensor)

BOOST_AUTO_TEST_CASE(row_major_tensors_are_read_in_place) {
    const RowMajor<3> x = counting(2, 3, 4);
    const View<const float> view = read_array<float>(x);
    BOOST_TEST(view.data() == x.data());
    BOOST_TEST(view.rank() == 3U);
    BOOST_TEST(view(1, 2, 3) == 23.0F);
    const Eigen::TensorMap<const RowMajor<3>> map(x.data(), 4, 3, 2);
    BOOST_TEST(View<const float>(read_array<float>(map)).data() == x.data());
}

BOOST_AUTO_TEST_CASE(column_major_tensors_are_copied_row_by_row) {
    Eigen::Tensor<float, 3> x(2, 3, 4);
    for (Index i = 0; i < 2; ++i)
        for (Index j = 0; j < 3; ++j)
            for (Index k = 0; k < 4; ++k) x(i, j, k) = static_cast<float>(100 * i + 10 * j + k);
    const Tensor<float> copy = read_array<float>(x);
    BOOST_TEST(copy(1, 2, 3) == 123.0F);
    BOOST_TEST(copy.data()[1] == 1.0F);
    BOOST_TEST(copy.extent(2) == 4);
}

BOOST_AUTO_TEST_CASE(double_tensors_are_converted) {
    Eigen::Tensor<double, 2, Eigen::RowMajor> x(1, 2);
    x.setValues({{0.5, 1.5}});
    BOOST_TEST(read_array<float>(x)(0, 1) == 1.5F);
}

BOOST_AUTO_TEST_CASE(a_model_gives_a_tensor_of_the_static_rank) {
    const Model<Net, Shape<3, 4>> model;
    const auto y = model.predict(counting(2, 3, 4));
    static_assert(std::same_as<std::remove_const_t<decltype(y)>, RowMajor<2>>);
    BOOST_TEST(y(0, 0) == 8.0F);
    BOOST_TEST(y(1, 3) == 23.0F);
    const AnyModel<> any = Model<Net, Shape<3, 4>>();
    static_assert(std::same_as<decltype(any.predict(counting(2, 3, 4))), Tensor<float>>);
}

BOOST_AUTO_TEST_CASE(results_are_written_in_place) {
    Cpu<float>::Context on;
    RowMajor<2> y(2, 4);
    Model<Net, Shape<3, 4>>().infer(on, counting(2, 3, 4), View<const float>{}, y);
    BOOST_TEST(y(1, 0) == 20.0F);
}

BOOST_AUTO_TEST_CASE(a_wrong_rank_is_refused) {
    const Model<Net, Shape<3, 4>> model;
    BOOST_CHECK_THROW(model.predict(RowMajor<2>(3, 4)), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
