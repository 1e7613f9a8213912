// SPDX-License-Identifier: MIT
#include <chromatid/tensor/arena.hpp>
#include <chromatid/tensor/array.hpp>
#include <chromatid/tensor/tensor.hpp>
#include <chromatid/tensor/view.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <concepts>
#include <numeric>
#include <vector>

using namespace chromatid;

BOOST_AUTO_TEST_SUITE(views_and_tensors)

BOOST_AUTO_TEST_CASE(a_view_is_row_major) {
    std::array<int, 24> numbers{};
    std::iota(numbers.begin(), numbers.end(), 0);
    const View<int> v(numbers.data(), {2, 3, 4});
    BOOST_TEST(v.rank() == 3u);
    BOOST_TEST(v.size() == 24);
    BOOST_TEST(v(0, 0, 3) == 3);
    BOOST_TEST(v(0, 1, 0) == 4);
    BOOST_TEST(v(1, 2, 3) == 23);
    v(1, 0, 0) = -7;
    BOOST_TEST(numbers[12] == -7);
}

BOOST_AUTO_TEST_CASE(a_view_of_samples_has_the_batch_in_front) {
    std::array<float, 30> numbers{};
    const View<float> v(numbers.data(), 5, Shape<3, 2>{});
    BOOST_TEST(v.rank() == 3u);
    BOOST_TEST(v.extent(0) == 5);
    BOOST_TEST(v.extent(1) == 3);
    BOOST_TEST(v.extent(2) == 2);
}

BOOST_AUTO_TEST_CASE(rows_are_a_stretch_of_the_first_extent) {
    std::array<int, 12> numbers{};
    std::iota(numbers.begin(), numbers.end(), 0);
    const View<int> v(numbers.data(), {4, 3});
    const View<int> middle = v.rows(1, 2);
    BOOST_TEST(middle.extent(0) == 2);
    BOOST_TEST(middle.span() == (std::vector<int>{3, 4, 5, 6, 7, 8}), boost::test_tools::per_element());
    BOOST_TEST(v.rows(4, 0).size() == 0);
    BOOST_TEST(View<int>(nullptr, {0, 3}).rows(0, 0).size() == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_view_has_no_elements) {
    BOOST_TEST(View<int>{}.size() == 0);
    BOOST_TEST(View<int>{}.rank() == 0u);
}

BOOST_AUTO_TEST_CASE(a_view_turns_read_only_but_never_back) {
    static_assert(std::convertible_to<View<int>, View<const int>>);
    static_assert(!std::convertible_to<View<const int>, View<int>>);
}

BOOST_AUTO_TEST_CASE(more_than_four_extents_are_refused) {
    BOOST_CHECK_NO_THROW((View<int>(nullptr, {1, 2, 3, 4})));
    BOOST_CHECK_THROW((View<int>(nullptr, {1, 2, 3, 4, 5})), ShapeError);
}

BOOST_AUTO_TEST_CASE(a_tensor_starts_at_zero_and_owns_its_elements) {
    Tensor<double> a({2, 3});
    BOOST_TEST(a.size() == 6);
    for (const double v : a.span()) BOOST_TEST(v == 0.0);
    a(1, 2) = 5.0;
    const Tensor<double> b = a;
    a(1, 2) = 6.0;
    BOOST_TEST(b(1, 2) == 5.0);
    BOOST_TEST(b.view()(1, 2) == 5.0);
    BOOST_TEST(b.extent(1) == 3);
    BOOST_TEST(Tensor<double>({0, 3}).size() == 0);
    BOOST_TEST(Tensor<double>().size() == 0);
}

BOOST_AUTO_TEST_CASE(reading_an_array_of_the_same_scalar_copies_nothing) {
    Tensor<float> a({2, 2});
    const View<const float> read = read_array<float>(a);
    BOOST_TEST(read.data() == a.data());
    BOOST_TEST(read_array<float>(a.view()).data() == a.data());
}

BOOST_AUTO_TEST_CASE(reading_an_array_of_another_scalar_converts_it) {
    Tensor<double> a({1, 2});
    a(0, 1) = 0.5;
    const Tensor<float> read = read_array<float>(a);
    BOOST_TEST(read(0, 1) == 0.5F);
    BOOST_TEST(read.extent(1) == 2);
}

BOOST_AUTO_TEST_CASE(writing_goes_into_the_array_itself) {
    Tensor<float> a({2, 2});
    write_array<float>(a)(1, 1) = 3.0F;
    BOOST_TEST(a(1, 1) == 3.0F);
}

BOOST_AUTO_TEST_CASE(only_arrays_are_arrays) {
    static_assert(Array<Tensor<float>> && Array<View<const double>> && !Array<int> && !Array<std::vector<float>>);
}

BOOST_AUTO_TEST_CASE(arena_blocks_begin_on_lines_and_do_not_overlap) {
    static_assert(arena_size(0) == 0 && arena_size(1) == 16 && arena_size(16) == 16 && arena_size(17) == 32);
    alignas(64) std::array<float, 64> memory{};
    Arena<float> arena(memory.data(), 64);
    auto outer = arena.frame();
    float* const a = outer.take(17);
    BOOST_TEST(a == memory.data());
    float* b = nullptr;
    {
        auto inner = arena.frame();
        b = inner.take(5);
        BOOST_TEST(b == memory.data() + 32);
    }
    BOOST_TEST(outer.take(16) == b);  // given back when the inner frame ended
}

BOOST_AUTO_TEST_SUITE_END()
