// SPDX-License-Identifier: MIT
#include <chromatid/chromatid.hpp>
#include <chromatid/tensor/xtensor.hpp>

#include <boost/test/unit_test.hpp>

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/containers/xfixed.hpp>
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xbuilder.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xview.hpp>
#endif

#include <concepts>
#include <type_traits>
#include <vector>

using namespace chromatid;

namespace {

/// The largest value of each channel.
using Net = GlobalMaxPool1D;
using Maximum = Model<Net, Shape<3, 4>>;

/// Elements 0, 1, 2, ... in row-major order.
template <class T = float>
xt::xtensor<T, 3> counting(std::size_t n = 2) { return xt::arange<T>(static_cast<T>(n * 12)).reshape({n, std::size_t{3}, std::size_t{4}}); }

template <class T, class A>
const T* pointer_read(const A& a) {
    const auto read = read_array<T>(a);
    return View<const T>(read).data();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(xtensor)

BOOST_AUTO_TEST_CASE(row_major_containers_are_read_in_place) {
    const xt::xtensor<float, 3> tensor = counting();
    BOOST_TEST(pointer_read<float>(tensor) == tensor.data());
    const xt::xarray<float> array = tensor;
    BOOST_TEST(pointer_read<float>(array) == array.data());
    const xt::xtensor_fixed<float, xt::xshape<2, 3>> fixed = xt::ones<float>({2, 3});
    BOOST_TEST(pointer_read<float>(fixed) == fixed.data());
    const auto read = read_array<float>(tensor);
    const View<const float> view = read;
    BOOST_TEST(view.rank() == 3U);
    BOOST_TEST(view.extent(0) == 2);
    BOOST_TEST(view.extent(2) == 4);
    BOOST_TEST(view(1, 2, 3) == 23.0F);
}

BOOST_AUTO_TEST_CASE(adaptors_are_read_in_place) {
    std::vector<float> memory(24, 1.0F);
    const std::vector<std::size_t> shape = {2, 3, 4};
    BOOST_TEST(pointer_read<float>(xt::adapt(memory, shape)) == memory.data());
    BOOST_TEST(pointer_read<float>(xt::adapt(memory.data(), memory.size(), xt::no_ownership(), shape)) == memory.data());
}

BOOST_AUTO_TEST_CASE(views_of_whole_rows_are_read_in_place) {
    const xt::xtensor<float, 3> x = counting(4);
    const auto rows = xt::view(x, xt::range(1, 3));
    BOOST_TEST(pointer_read<float>(rows) == x.data() + 12);
    const auto one = xt::view(x, 2);
    BOOST_TEST(pointer_read<float>(one) == x.data() + 24);
    BOOST_TEST(View<const float>(read_array<float>(one)).rank() == 2U);
}

BOOST_AUTO_TEST_CASE(views_with_gaps_are_copied) {
    const xt::xtensor<float, 3> x = counting();
    const auto read = read_array<float>(xt::view(x, xt::all(), xt::all(), xt::range(1, 3)));
    BOOST_TEST(read.is_copy());
    const View<const float> view = read;
    BOOST_TEST(view.extent(2) == 2);
    BOOST_TEST(view(1, 2, 0) == 21.0F);
    const auto every_other = read_array<float>(xt::view(x, xt::all(), xt::range(0, 3, 2)));
    BOOST_TEST(View<const float>(every_other)(0, 1, 0) == 8.0F);
}

BOOST_AUTO_TEST_CASE(column_major_containers_are_copied_row_by_row) {
    const xt::xtensor<float, 3, xt::layout_type::column_major> x = counting();
    const auto read = read_array<float>(x);
    BOOST_TEST(read.is_copy());
    for (Index i = 0; i < 24; ++i) BOOST_TEST(View<const float>(read).data()[i] == static_cast<float>(i));
}

BOOST_AUTO_TEST_CASE(other_scalars_and_expressions_are_evaluated) {
    const xt::xtensor<double, 3> x = counting<double>();
    const auto converted = read_array<float>(x);
    BOOST_TEST(converted.is_copy());
    BOOST_TEST(View<const float>(converted)(1, 2, 3) == 23.0F);
    const auto doubled = read_array<float>(2.0 * x);
    BOOST_TEST(View<const float>(doubled)(1, 2, 3) == 46.0F);
    const auto transposed = read_array<float>(xt::transpose(counting()));
    BOOST_TEST(View<const float>(transposed)(3, 2, 1) == 23.0F);
}

BOOST_AUTO_TEST_CASE(extents_of_one_and_zero_are_read) {
    const xt::xtensor<float, 3> none = counting(0);
    BOOST_TEST(View<const float>(read_array<float>(none)).extent(0) == 0);
    BOOST_TEST(Maximum().predict(none).shape(0) == 0U);
    const xt::xtensor<float, 3> column = counting(1);
    BOOST_TEST(!read_array<float>(column).is_copy());
}

BOOST_AUTO_TEST_CASE(a_model_gives_an_xtensor_of_the_static_rank) {
    const auto y = Maximum().predict(counting());
    static_assert(std::same_as<std::remove_const_t<decltype(y)>, xt::xtensor<float, 2>>);
    BOOST_TEST(y.shape(0) == 2U);
    BOOST_TEST(y(0, 0) == 8.0F);
    BOOST_TEST(y(1, 3) == 23.0F);
}

BOOST_AUTO_TEST_CASE(any_model_gives_an_xarray) {
    const AnyModel<> model = Maximum();
    const auto y = model.predict(counting());
    static_assert(std::same_as<std::remove_const_t<decltype(y)>, xt::xarray<float>>);
    BOOST_TEST(y(1, 3) == 23.0F);
}

BOOST_AUTO_TEST_CASE(double_arrays_enter_a_float_model) { BOOST_TEST(Maximum().predict(counting<double>())(1, 3) == 23.0F); }

BOOST_AUTO_TEST_CASE(all_families_give_the_same_bits) {
    Model<Sequential<Conv1D<8, 3, ReLU>, MaxPool1D<2>, BiLSTM<4>, Flatten, Dense<1, Sigmoid>>, Shape<20, 4>> model;
    model.initialize(3);
    Tensor<float> x{5, 20, 4};
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 7) / 7.0F;
    const xt::xarray<float> same = as_xtensor(x.view());
    const auto a = model.predict(x);
    const auto b = model.predict(same);
    for (Index i = 0; i < 5; ++i) BOOST_TEST(a(i, 0) == b(static_cast<std::size_t>(i), 0));
}

BOOST_AUTO_TEST_CASE(results_are_written_in_place) {
    Cpu<float>::Context on;
    xt::xtensor<float, 2> y = xt::zeros<float>({4, 4});
    Maximum().infer(on, counting(), View<const float>{}, xt::view(y, xt::range(2, 4)));
    BOOST_TEST(y(1, 3) == 0.0F);
    BOOST_TEST(y(2, 0) == 8.0F);
    BOOST_TEST(y(3, 3) == 23.0F);
}

BOOST_AUTO_TEST_CASE(writing_into_a_view_with_gaps_is_refused) {
    Cpu<float>::Context on;
    xt::xtensor<float, 2> y = xt::zeros<float>({2, 8});
    BOOST_CHECK_THROW(Maximum().infer(on, counting(), View<const float>{}, xt::view(y, xt::all(), xt::range(0, 4))), ShapeError);
    xt::xtensor<float, 2, xt::layout_type::column_major> columns = xt::zeros<float>({2, 4});
    BOOST_CHECK_THROW(Maximum().infer(on, counting(), View<const float>{}, columns), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_wrong_rank_is_refused) {
    const xt::xtensor<float, 2> flat = xt::zeros<float>({3, 4});
    BOOST_CHECK_THROW(Maximum().predict(flat), ShapeError);
    const xt::xarray<float> five = xt::zeros<float>({1, 1, 1, 3, 4});
    BOOST_CHECK_THROW(Maximum().predict(five), ShapeError);
}

BOOST_AUTO_TEST_CASE(trace_shows_layers_and_side_inputs_are_xtensors) {
    const Model<Sequential<Flatten, SideInput<2>>, Shape<1, 1>> model;
    const xt::xtensor<float, 3> x = xt::ones<float>({2, 1, 1});
    const xt::xtensor<double, 2> side = {{1, 2}, {3, 4}};
    xt::xtensor<float, 2> y = xt::zeros<float>({2, 3});
    std::vector<float> seen;
    model.trace(x, side, y, [&](const LayerDescription&, View<const float> output) { seen.push_back(as_xtensor(output)(1, 0)); });
    BOOST_TEST(y(1, 2) == 4.0F);
    BOOST_TEST(seen == std::vector<float>({1.0F, 1.0F}), boost::test_tools::per_element());
    BOOST_TEST(model.predict(x, side)(0, 1) == 1.0F);
}

BOOST_AUTO_TEST_CASE(views_become_adaptors_without_a_copy) {
    Tensor<float> x{2, 3};
    auto adaptor = as_xtensor(x.view());
    BOOST_TEST(adaptor.data() == x.data());
    adaptor(1, 2) = 5.0F;
    BOOST_TEST(x(1, 2) == 5.0F);
}

BOOST_AUTO_TEST_SUITE_END()
