// SPDX-License-Identifier: MIT
#include <chromatid/chromatid.hpp>
#include <chromatid/tensor/eigen.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <concepts>
#include <numeric>

using namespace chromatid;

namespace {

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

using Net = Sequential<Dense<2>>;

/// y0 = x0 + 10 x1 + 100 x2, y1 = 1
Model<Net, Shape<3>> counting_model() {
    Model<Net, Shape<3>> model;
    const float weights[] = {1, 0, 10, 0, 100, 0, 0, 1};
    std::copy(std::begin(weights), std::end(weights), model.parameters().begin());
    return model;
}

RowMajor<float> two_rows() {
    RowMajor<float> x(2, 3);
    x << 1, 2, 3, 4, 5, 6;
    return x;
}

template <class T, class A>
const T* pointer_read(const A& a) {
    const auto read = read_array<T>(a);
    return View<const T>(read).data();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(eigen)

BOOST_AUTO_TEST_CASE(row_major_matrices_are_read_in_place) {
    const RowMajor<float> x = two_rows();
    BOOST_TEST(pointer_read<float>(x) == x.data());
    const auto read = read_array<float>(x);
    const View<const float> view = read;
    BOOST_TEST(view.rank() == 2U);
    BOOST_TEST(view.extent(0) == 2);
    BOOST_TEST(view.extent(1) == 3);
    BOOST_TEST(view(1, 0) == 4.0F);
}

BOOST_AUTO_TEST_CASE(maps_and_whole_rows_are_read_in_place) {
    const RowMajor<float> x = two_rows();
    BOOST_TEST(pointer_read<float>(Eigen::Map<const RowMajor<float>>(x.data(), 3, 2)) == x.data());
    BOOST_TEST(pointer_read<float>(x.bottomRows(1)) == x.data() + 3);
}

BOOST_AUTO_TEST_CASE(vectors_have_rank_one) {
    const Eigen::VectorXf column = Eigen::VectorXf::LinSpaced(4, 0, 3);
    const auto read = read_array<float>(column);
    BOOST_TEST(View<const float>(read).rank() == 1U);
    BOOST_TEST(View<const float>(read).extent(0) == 4);
    BOOST_TEST(View<const float>(read).data() == column.data());
    BOOST_TEST(View<const float>(read_array<float>(Eigen::RowVector3f(1, 2, 3))).rank() == 1U);
}

BOOST_AUTO_TEST_CASE(column_major_matrices_are_copied_row_by_row) {
    const Eigen::MatrixXf x = two_rows();
    const auto read = read_array<float>(x);
    BOOST_TEST(read.is_copy());
    const View<const float> view = read;
    const float expected[] = {1, 2, 3, 4, 5, 6};
    BOOST_TEST(std::equal(view.data(), view.data() + 6, expected));
}

BOOST_AUTO_TEST_CASE(blocks_with_gaps_and_expressions_are_copied) {
    const RowMajor<float> x = two_rows();
    const auto block = read_array<float>(x.rightCols(2));
    BOOST_TEST(block.is_copy());
    BOOST_TEST(View<const float>(block)(1, 0) == 5.0F);
    const auto doubled = read_array<float>(2 * x);
    BOOST_TEST(View<const float>(doubled)(1, 2) == 12.0F);
}

BOOST_AUTO_TEST_CASE(double_matrices_enter_a_float_model) {
    const RowMajor<double> x = two_rows().cast<double>();
    const auto y = counting_model().predict(x);
    static_assert(std::same_as<std::remove_const_t<decltype(y)>, RowMajor<float>>);
    BOOST_TEST(y(0, 0) == 321.0F);
    BOOST_TEST(y(1, 0) == 654.0F);
}

BOOST_AUTO_TEST_CASE(matrices_give_matrices_and_arrays_give_arrays) {
    const auto model = counting_model();
    const Eigen::MatrixXf x = two_rows();
    const auto y = model.predict(x);
    static_assert(std::same_as<std::remove_const_t<decltype(y)>, RowMajor<float>>);
    BOOST_TEST(y(1, 0) == 654.0F);
    BOOST_TEST(y(1, 1) == 1.0F);
    const Eigen::ArrayXXf a = x.array();
    static_assert(std::same_as<decltype(model.predict(a)), Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>);
    BOOST_TEST(model.predict(a)(0, 0) == 321.0F);
    BOOST_TEST(AnyModel<>(counting_model()).predict(x)(0, 0) == 321.0F);
}

BOOST_AUTO_TEST_CASE(results_are_written_in_place) {
    const auto model = counting_model();
    Cpu<float>::Context on;
    RowMajor<float> y(2, 2);
    model.infer(on, two_rows(), View<const float>{}, y);
    BOOST_TEST(y(1, 0) == 654.0F);
    RowMajor<float> wide = RowMajor<float>::Zero(3, 2);
    model.infer(on, two_rows(), View<const float>{}, wide.bottomRows(2));
    BOOST_TEST(wide(0, 0) == 0.0F);
    BOOST_TEST(wide(2, 0) == 654.0F);
}

BOOST_AUTO_TEST_CASE(writing_into_a_column_major_matrix_is_refused) {
    Cpu<float>::Context on;
    Eigen::MatrixXf y(2, 2);
    BOOST_CHECK_THROW(counting_model().infer(on, two_rows(), View<const float>{}, y), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_wrong_rank_or_width_is_refused) {
    const auto model = counting_model();
    BOOST_CHECK_THROW(model.predict(Eigen::VectorXf(6)), ShapeError);
    BOOST_CHECK_THROW(model.predict(Eigen::MatrixXf(2, 4)), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_result_of_rank_three_is_refused) {
    const Model<TimeDistributedDense<2>, Shape<5, 3>> model;
    BOOST_CHECK_THROW(model.predict(Eigen::MatrixXf(5, 3)), ShapeError);
    const Index extents[] = {1, 5, 2};
    BOOST_CHECK_THROW(ArrayTraits<Eigen::MatrixXf>::make<float>(extents), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_matrix_is_a_side_input) {
    const Model<Sequential<SideInput<2>>, Shape<1>> model;
    Tensor<float> x{2, 1};
    Eigen::MatrixXd side(2, 2);
    side << 1, 2, 3, 4;
    const auto y = model.predict(x, side);
    BOOST_TEST(y(1, 0) == 0.0F);
    BOOST_TEST(y(1, 1) == 3.0F);
    BOOST_TEST(y(1, 2) == 4.0F);
}

BOOST_AUTO_TEST_CASE(forward_and_backward_take_matrices) {
    const auto model = counting_model();
    Cpu<float>::Context on;
    auto tape = model.tape(2);
    const RowMajor<float> x = two_rows();
    RowMajor<float> y(2, 2), dy = RowMajor<float>::Ones(2, 2), dx(2, 3);
    std::vector<float> gradients(model.parameters().size());
    model.forward(on, x, View<const float>{}, y, tape);
    model.backward(on, x, View<const float>{}, y, dy, dx, gradients, tape);
    BOOST_TEST(y(1, 0) == 654.0F);
    BOOST_TEST(dx(1, 2) == 100.0F);
    BOOST_TEST(gradients[0] == 5.0F);  // x0 of both rows
}

BOOST_AUTO_TEST_CASE(views_become_maps_without_a_copy) {
    Tensor<float> x{2, 3};
    std::iota(x.span().begin(), x.span().end(), 1.0F);
    const auto map = as_eigen(x.view());
    BOOST_TEST(map.data() == x.data());
    BOOST_TEST(map(1, 0) == 4.0F);
    const Tensor<float> cube{1, 2, 3};
    BOOST_CHECK_THROW(as_eigen(cube.view()), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
