// SPDX-License-Identifier: MIT
#include <chromatid/core/extent.hpp>

#include <boost/test/unit_test.hpp>

#include <concepts>
#include <type_traits>

using namespace chromatid;

BOOST_AUTO_TEST_SUITE(extent_of_a_shape)

BOOST_AUTO_TEST_CASE(arithmetic_between_static_extents_stays_static) {
    static_assert(std::same_as<decltype(extent<7> + extent<5>), Extent<12>>);
    static_assert(std::same_as<decltype(extent<7> - extent<5>), Extent<2>>);
    static_assert(std::same_as<decltype(extent<7> * extent<5>), Extent<35>>);
    static_assert(std::same_as<decltype(extent<7> / extent<5>), Extent<1>>);
    static_assert(std::same_as<decltype(ceil_div(extent<7>, extent<5>)), Extent<2>>);
    static_assert(std::same_as<decltype(ceil_div(extent<10>, extent<5>)), Extent<2>>);
    static_assert(std::is_empty_v<Extent<7>>);
}

BOOST_AUTO_TEST_CASE(arithmetic_with_a_run_time_extent_is_run_time_and_gives_the_same_number) {
    const Extent<dyn> seven(7), five(5);
    static_assert(std::same_as<decltype(seven + extent<5>), Extent<dyn>>);
    BOOST_TEST((seven + extent<5>).value() == 12);
    BOOST_TEST((extent<7> - five).value() == 2);
    BOOST_TEST((seven * five).value() == 35);
    BOOST_TEST((seven / five).value() == 1);
    BOOST_TEST(ceil_div(seven, five).value() == 2);
}

BOOST_AUTO_TEST_CASE(a_difference_is_never_below_zero) {
    static_assert(std::same_as<decltype(extent<5> - extent<7>), Extent<0>>);
    BOOST_TEST((Extent<dyn>(5) - extent<7>).value() == 0);
}

BOOST_AUTO_TEST_CASE(a_quotient_by_zero_is_zero) {
    static_assert(std::same_as<decltype(extent<5> / extent<0>), Extent<0>>);
    BOOST_TEST(ceil_div(Extent<dyn>(5), Extent<dyn>(0)).value() == 0);
}

BOOST_AUTO_TEST_CASE(relations_are_decided_by_the_compiler_where_both_sides_are_static) {
    static_assert(decltype(extent<5> <= extent<5>)::truth == Truth::yes);
    static_assert(decltype(extent<6> <= extent<5>)::truth == Truth::no);
    static_assert(decltype(extent<6> == extent<5>)::truth == Truth::no);
    static_assert(decltype(known<true>)::truth == Truth::yes);
    static_assert((extent<5> == extent<5>).holds());
    static_assert(!known<false>.holds());
}

BOOST_AUTO_TEST_CASE(relations_with_a_run_time_side_are_decided_at_run_time) {
    const Extent<dyn> five(5);
    static_assert(decltype(five <= extent<6>)::truth == Truth::unknown);
    BOOST_TEST((five <= extent<6>).holds());
    BOOST_TEST((five <= extent<5>).holds());
    BOOST_TEST(!(extent<6> <= five).holds());
    BOOST_TEST((five == extent<5>).holds());
    BOOST_TEST(!(five == extent<6>).holds());
}

BOOST_AUTO_TEST_CASE(a_static_extent_refuses_another_value) {
    BOOST_TEST(Extent<3>(3).value() == 3);
    BOOST_CHECK_EXCEPTION(Extent<3>(4), ShapeError,
                          [](const ShapeError& e) { return std::string(e.what()) == "size 4 given where the type says 3"; });
}

namespace {
template <Index N>
void at_most_five(Extent<N> n) { CHROMATID_EXPECT(n <= extent<5>, "more than five"); }
}  // namespace

BOOST_AUTO_TEST_CASE(a_violated_expectation_throws_its_words) {
    BOOST_CHECK_NO_THROW(at_most_five(extent<5>));
    BOOST_CHECK_NO_THROW(at_most_five(Extent<dyn>(5)));
    BOOST_CHECK_EXCEPTION(at_most_five(Extent<dyn>(6)), ShapeError,
                          [](const ShapeError& e) { return std::string(e.what()) == "more than five"; });
}

BOOST_AUTO_TEST_SUITE_END()
