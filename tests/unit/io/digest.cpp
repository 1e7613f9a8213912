// SPDX-License-Identifier: MIT
#include <chromatid/io/digest.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

using namespace chromatid;

namespace {

std::string of(std::string_view text) {
    Digest digest;
    digest.add(text);
    return digest.text();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_digest)

BOOST_AUTO_TEST_CASE(it_is_the_published_fnv_1a) {
    BOOST_TEST(of("") == "fnv1a64:cbf29ce484222325");
    BOOST_TEST(of("a") == "fnv1a64:af63dc4c8601ec8c");
    BOOST_TEST(of("foobar") == "fnv1a64:85944171f73967e8");
}

BOOST_AUTO_TEST_CASE(bytes_and_text_are_the_same) {
    Digest digest;
    digest.add(std::array<std::uint8_t, 3>{'f', 'o', 'o'});
    digest.add("bar");
    BOOST_TEST(digest.text() == of("foobar"));
}

BOOST_AUTO_TEST_CASE(items_of_a_list_are_told_apart) {
    Digest a, b;
    for (const std::string_view item : {"a", "bc"}) a.add_item(item);
    for (const std::string_view item : {"ab", "c"}) b.add_item(item);
    BOOST_TEST(a.text() != b.text());
}

BOOST_AUTO_TEST_SUITE_END()
