// SPDX-License-Identifier: MIT
#include <chromatid/core/parameter.hpp>
#include <chromatid/core/shape.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <concepts>
#include <string>
#include <type_traits>

using namespace chromatid;

namespace {

auto says(std::string words) {
    return [words](const ShapeError& e) { return std::string(e.what()) == words; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(extents_and_shapes)

BOOST_AUTO_TEST_CASE(static_sizes_take_no_memory) {
    static_assert(std::is_empty_v<Shape<1000, 6>>);
    static_assert(Extents<2, 3>::is_static && Extents<2, 3>::rank_dynamic == 0);
    static_assert(sizeof(Extents<dyn, 3>) == sizeof(std::array<Index, 2>));
    static_assert(!Extents<dyn, 3>::is_static && Extents<dyn, 3>::rank_dynamic == 1);
}

BOOST_AUTO_TEST_CASE(only_the_dynamic_sizes_need_values) {
    const Extents<dyn, 3, dyn> e(2, 4);
    BOOST_TEST(e.values() == (std::array<Index, 3>{2, 3, 4}), boost::test_tools::per_element());
    static_assert(std::same_as<decltype(e.extent<1>()), Extent<3>>);
    static_assert(std::same_as<decltype(e.extent<2>()), Extent<dyn>>);
    BOOST_TEST(e.extent<0>().value() == 2);
    BOOST_TEST(e.extent<2>().value() == 4);
}

BOOST_AUTO_TEST_CASE(all_sizes_may_be_given) {
    const Extents<dyn, 3, dyn> e(2, 3, 4);
    BOOST_TEST(e.values() == (std::array<Index, 3>{2, 3, 4}), boost::test_tools::per_element());
    BOOST_CHECK_NO_THROW((Extents<2, 3>(2, 3)));
}

BOOST_AUTO_TEST_CASE(a_value_that_contradicts_its_type_is_refused) {
    BOOST_CHECK_EXCEPTION((Extents<dyn, 3>(2, 4)), ShapeError, says("size 4 given where the type says 3"));
    BOOST_CHECK_EXCEPTION((Extents<2, 3>(2, 4)), ShapeError, says("size 4 given where the type says 3"));
    BOOST_CHECK_EXCEPTION((Shape<5>(6)), ShapeError, says("size 6 given where the type says 5"));
}

BOOST_AUTO_TEST_CASE(sizes_that_are_not_positive_are_refused) {
    BOOST_CHECK_EXCEPTION(Extents<dyn>(0), ShapeError, says("a size must be positive, not 0"));
    BOOST_CHECK_EXCEPTION(Extents<dyn>(-3), ShapeError, says("a size must be positive, not -3"));
    BOOST_CHECK_EXCEPTION(Extents<dyn>{dyn}, ShapeError, says("a size must be positive, not -1"));
}

BOOST_AUTO_TEST_CASE(too_few_or_too_many_values_do_not_compile) {
    static_assert(!std::constructible_from<Extents<dyn, 3, dyn>>);
    static_assert(!std::constructible_from<Extents<dyn, 3, dyn>, int>);
    static_assert(!std::constructible_from<Extents<dyn, 3, dyn>, int, int, int, int>);
    static_assert(!std::constructible_from<Extents<2, 3>, int>);
    static_assert(!std::convertible_to<int, Extents<dyn>>, "one number is not a size by itself");
}

BOOST_AUTO_TEST_CASE(a_shape_of_static_extents_is_static) {
    static_assert(std::same_as<decltype(shape(extent<75>, extent<32>)), Shape<75, 32>>);
    static_assert(std::same_as<decltype(shape(Extent<dyn>(75), extent<32>)), Shape<dyn, 32>>);
    BOOST_TEST(shape(Extent<dyn>(75), extent<32>).values()[0] == 75);
}

BOOST_AUTO_TEST_CASE(first_and_last_extents_have_names) {
    static_assert(std::same_as<decltype(length(Shape<75, 32>{})), Extent<75>>);
    static_assert(std::same_as<decltype(channels(Shape<75, 32>{})), Extent<32>>);
    static_assert(length(Shape<9>{}).value() == channels(Shape<9>{}).value());
}

BOOST_AUTO_TEST_CASE(size_is_the_number_of_elements) {
    static_assert(Shape<75, 32>{}.size() == 2400);
    static_assert(std::same_as<decltype(element_count(Shape<75, 32>{})), Extent<2400>>);
    const Shape<dyn, 32> s(3);
    BOOST_TEST(s.size() == 96);
    static_assert(std::same_as<decltype(element_count(s)), Extent<dyn>>);
    BOOST_TEST(element_count(s).value() == 96);
}

BOOST_AUTO_TEST_CASE(ranks_are_known_to_the_compiler_even_of_dynamic_shapes) {
    static_assert(decltype(rank_is<2>(Shape<dyn, dyn>(1, 1)))::truth == Truth::yes);
    static_assert(decltype(rank_is<1>(Shape<dyn, dyn>(1, 1)))::truth == Truth::no);
    static_assert(AnyShape<Shape<dyn>> && AnyShape<const Shape<3>&> && !AnyShape<Extents<3>> && !AnyShape<int>);
}

BOOST_AUTO_TEST_CASE(text_is_that_of_a_tuple) {
    BOOST_TEST(to_string(Shape<75, 32>{}) == "(75, 32)");
    BOOST_TEST(to_string(Shape<dyn>(7)) == "(7)");
    const std::array<Index, 3> extents{26, 6, 32};
    BOOST_TEST(to_string(std::span<const Index>(extents)) == "(26, 6, 32)");
    BOOST_TEST(to_string(std::span<const Index>{}) == "()");
}

BOOST_AUTO_TEST_CASE(a_parameter_knows_its_extents_and_size) {
    constexpr ParameterSpec kernel("kernel", Initializer::glorot_uniform(3, 4), 26, 6, 32);
    static_assert(kernel.size() == 26 * 6 * 32 && kernel.extents().size() == 3 && kernel.extents()[1] == 6 && kernel.name() == "kernel");
    static_assert(kernel.initializer().kind == Initializer::Kind::glorot_uniform && kernel.initializer().fan_out == 4);
    static_assert(ParameterSpec("scale", Initializer::zeros()).size() == 1, "no extents: one number");
}

BOOST_AUTO_TEST_SUITE_END()
