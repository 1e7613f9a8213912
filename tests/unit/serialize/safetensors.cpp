// SPDX-License-Identifier: MIT
#include <chromatid/serialize/safetensors.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/random_arrays.hpp"
#include "tests/unit/io/scratch.hpp"

using namespace chromatid;
using namespace chromatid::test;
using namespace std::string_literals;
namespace bdata = boost::unit_test::data;

namespace {

/// The bytes of a number, little-endian.
template <class T>
std::string bytes_of(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

/// A file put together by hand: the header's length, the header, the data.
std::string by_hand(const std::string& header, const std::string& data) { return bytes_of(std::uint64_t{header.size()}) + header + data; }

/// A header and what the message about it must say.
struct BadHeader {
    const char* header;
    const char* words;

    friend std::ostream& operator<<(std::ostream& to, const BadHeader& c) { return to << c.header; }
};

constexpr std::array bad_headers{
    // the data behind each is 8 bytes long
    BadHeader{R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})", "byte 68: the header is not JSON"},
    BadHeader{R"(["a"])", "byte 8: this is not a safetensors file: no JSON object"},
    BadHeader{R"({"a": 5})", "\"a\" in the header is 5, not an object"},
    BadHeader{
        R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})",
        "names \"a\" twice"},
    BadHeader{R"({"a": {"dtype": "F32", "dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", "names \"dtype\" twice"},
    BadHeader{R"({"a": {"dtype": "F31", "shape": [2], "data_offsets": [0, 8]}})", "array \"a\" has the unknown dtype \"F31\""},
    BadHeader{R"({"a": {"dtype": 32, "shape": [2], "data_offsets": [0, 8]}})", "a dtype that is not text"},
    BadHeader{R"({"a": {"shape": [2], "data_offsets": [0, 8]}})", "array \"a\" has no dtype"},
    BadHeader{R"({"a": {"dtype": "F32", "data_offsets": [0, 8]}})", "array \"a\" has no shape"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [2]}})", "array \"a\" has no data_offsets"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": 2, "data_offsets": [0, 8]}})", "a shape that is not a list"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}})", "the extent -2"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [2.5], "data_offsets": [0, 8]}})", "the extent 2.5"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 8]}})", "is too large"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [1e999], "data_offsets": [0, 8]}})", "a number in the header is too large"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}})", "takes 12 bytes, its data_offsets span 8"},
    BadHeader{R"({"a": {"dtype": "F64", "shape": [2], "data_offsets": [0, 8]}})", "takes 16 bytes, its data_offsets span 8"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}})", "ends at byte 0, before it begins at 8"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}})", "data_offsets [0], expected are two"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, -8]}})", "expected are two whole numbers"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}})", "ends at byte 12 of the data, the file holds 8"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})", "begins at byte 4 of the data, which leaves a hole"},
    BadHeader{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})", "4 bytes belong to no array"},
    BadHeader{
        R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})",
        "array \"b\" begins at byte 4 of the data, inside the array before it"},
    BadHeader{R"({"__metadata__": {"x": 1}, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", "metadata \"x\" is not text"},
    BadHeader{R"({"__metadata__": "x", "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", "not an object"},
    BadHeader{R"({"a": {"b": {"c": {"d": {"e": 1}}}}})", "nested too deeply"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors)

BOOST_AUTO_TEST_CASE(a_file_written_by_hand_is_read) {
    const Scratch folder;
    // as Python's safetensors.numpy.save writes {"b": int64, "a": float32}: widest first, blanks up to a multiple of 8
    const std::string header =
        R"({"__metadata__":{"format":"np"},"b":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}})" +
        "    "s;
    const SafetensorsFile file(
        folder.file("a.safetensors", by_hand(header, bytes_of(std::int64_t{-5}) + bytes_of(1.5F) + bytes_of(-2.0F))));
    BOOST_TEST(file.arrays().size() == 2U);
    BOOST_TEST(file.text("format") == "np");
    const Tensor<float> a = file.read<float>("a");
    BOOST_TEST(a.extents().size() == 2U);
    BOOST_TEST(a.extent(1) == 2);
    BOOST_TEST(a(0, 0) == 1.5F);
    BOOST_TEST(a(0, 1) == -2.0F);
    const Tensor<std::int64_t> b = file.read<std::int64_t>("b");
    BOOST_TEST(b.extents().empty());
    BOOST_TEST(b.data()[0] == -5);
    BOOST_CHECK_NO_THROW(file.verify());  // without a digest there is nothing to compare
}

BOOST_AUTO_TEST_CASE(the_bytes_written_are_those_of_the_format) {
    const Scratch folder;
    SafetensorsWriter writer(folder / "a");
    writer.add("u", std::vector<std::uint8_t>{1, 2, 3});
    writer.add("d", {1, 1}, std::array{0.5});
    writer.text("k", "v");
    const std::string digest = writer.commit();
    std::string header =
        R"({"__metadata__":{"digest":")" + digest +
        R"(","k":"v"},"d":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},"u":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}})";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    BOOST_TEST(content_of(folder / "a") == by_hand(header, bytes_of(0.5) + "\x01\x02\x03"));
    BOOST_TEST(folder.files() == 1);
}

BOOST_AUTO_TEST_CASE(every_type_and_every_bit_comes_back) {
    const Scratch folder;
    const std::vector<float> f{std::bit_cast<float>(0x7fc12345U), std::bit_cast<float>(0xffa00001U), -0.0F,
                               std::numeric_limits<float>::denorm_min()};
    const std::vector<double> d{std::bit_cast<double>(0x7ff8dead12345678U), -std::numeric_limits<double>::infinity()};
    const std::vector<std::int32_t> i{std::numeric_limits<std::int32_t>::min(), 7};
    const std::vector<std::int64_t> l{std::numeric_limits<std::int64_t>::min()};
    const std::vector<std::uint8_t> b{0, 255};
    const std::vector<std::uint64_t> u{std::numeric_limits<std::uint64_t>::max()};
    SafetensorsWriter writer(folder / "a");
    writer.add("f", {2, 2}, f);
    writer.add("d", d);
    writer.add("i", std::span(i));
    writer.add("l", l);
    writer.add("b", b);
    writer.add("u", u);
    writer.add("none", {0, 5}, std::vector<float>());
    writer.text("quotes \" and \u00e4", "line\nbreak");
    writer.commit();

    const SafetensorsFile file(folder / "a");
    file.verify();
    const auto same = [&](const char* name, const auto& wanted) {
        const auto found = file.read<typename std::decay_t<decltype(wanted)>::value_type>(name);
        return static_cast<std::size_t>(found.size()) == wanted.size() &&
               std::memcmp(found.data(), wanted.data(), found.span().size_bytes()) == 0;
    };
    BOOST_TEST(same("f", f));
    BOOST_TEST(same("d", d));
    BOOST_TEST(same("i", i));
    BOOST_TEST(same("l", l));
    BOOST_TEST(same("b", b));
    BOOST_TEST(same("u", u));
    BOOST_TEST(file.array("none").extents == (std::vector<Index>{0, 5}), boost::test_tools::per_element());
    BOOST_TEST(file.text("quotes \" and \u00e4") == "line\nbreak");
}

BOOST_AUTO_TEST_CASE(arrays_lie_at_multiples_of_their_elements_size) {
    const Scratch folder;
    SafetensorsWriter writer(folder / "a");
    writer.add("bytes", std::vector<std::uint8_t>(3));
    writer.add("floats", std::vector<float>(1));
    writer.add("doubles", std::vector<double>(1));
    writer.commit();
    const std::string content = content_of(folder / "a");
    std::uint64_t header = 0;
    std::memcpy(&header, content.data(), sizeof header);
    BOOST_TEST(header % 8 == 0U);
    const SafetensorsFile file(folder / "a");
    BOOST_TEST(file.array("doubles").begin == 0U);
    BOOST_TEST(file.array("floats").begin == 8U);
    BOOST_TEST(file.array("bytes").begin == 12U);
}

BOOST_AUTO_TEST_CASE(equal_content_gives_equal_bytes) {
    const Scratch folder;
    for (const char* name : {"a", "b"}) {
        SafetensorsWriter writer(folder / name);
        writer.add("x", std::vector<float>{1, 2});
        writer.text("k", "v");
        writer.commit();
    }
    BOOST_TEST(content_of(folder / "a") == content_of(folder / "b"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_refused) {
    const Scratch folder;
    SafetensorsWriter writer(folder / "a");
    writer.add("x", std::vector<float>{1, 2});
    BOOST_CHECK_EXCEPTION(writer.add("x", std::vector<float>{1}), UsageError, says("\"x\" is taken"));
    BOOST_CHECK_EXCEPTION(writer.add("__metadata__", std::vector<float>{1}), UsageError, says("is taken"));
    BOOST_CHECK_EXCEPTION(writer.add("y", {2, 3}, std::vector<float>{1}), ShapeError,
                          says("array \"y\" of shape (2, 3) was given 1 values"));
    writer.text("bad", "\xff");
    BOOST_CHECK_EXCEPTION(writer.commit(), UsageError, says("not UTF-8"));
    BOOST_TEST(folder.files() == 0);
    SafetensorsWriter nowhere(folder / "no/folder/a");
    BOOST_CHECK_THROW(nowhere.commit(), IoError);
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_what_was_there) {
    const Scratch folder;
    folder.file("a", "before");
    SafetensorsWriter writer(folder / "a");
    writer.add("x", std::vector<float>(1 << 16));
    {
        const FileSizeLimit full(1000);
        BOOST_CHECK_EXCEPTION(writer.commit(), IoError, says("/a: cannot write"));
    }
    BOOST_TEST(content_of(folder / "a") == "before");
    BOOST_TEST(folder.files() == 1);
}

BOOST_AUTO_TEST_CASE(another_type_or_number_of_elements_is_refused) {
    const Scratch folder;
    SafetensorsWriter writer(folder / "a");
    writer.add("x", std::vector<float>{1, 2});
    writer.commit();
    const SafetensorsFile file(folder / "a");
    std::vector<float> three(3);
    BOOST_CHECK_EXCEPTION(file.read<double>("x"), FormatError, says("array \"x\" is of type F32, expected is F64"));
    BOOST_CHECK_EXCEPTION(file.read("x", std::span(three)), FormatError, says("array \"x\" has 2 elements, expected are 3"));
    BOOST_CHECK_EXCEPTION(file.read<float>("y"), FormatError, says("holds no array \"y\""));
    BOOST_CHECK_EXCEPTION(file.text("y"), FormatError, says("metadata has no \"y\""));
}

BOOST_AUTO_TEST_CASE(types_that_we_do_not_read_do_not_keep_a_file_shut) {
    const Scratch folder;
    const SafetensorsFile file(folder.file(
        "a", by_hand(R"({"h":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"f":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                     bytes_of(1.0F) + bytes_of(2.0F))));
    BOOST_TEST(file.read<float>("f").data()[0] == 2.0F);
    BOOST_CHECK_EXCEPTION(file.read<float>("h"), FormatError, says("is of type BF16, expected is F32"));
}

BOOST_DATA_TEST_CASE(a_header_that_contradicts_itself_is_refused, bdata::make(bad_headers), bad) {
    const Scratch folder;
    folder.file("a", by_hand(bad.header, "12345678"));
    BOOST_CHECK_EXCEPTION(SafetensorsFile(folder / "a"), FormatError, says(bad.words));
    BOOST_CHECK_EXCEPTION(SafetensorsFile(folder / "a"), FormatError, says("/a: byte "));
}

BOOST_AUTO_TEST_CASE(files_of_other_formats_are_called_by_their_names) {
    const Scratch folder;
    const auto refused = [&](const std::string& content, const char* words) {
        folder.file("a", content);
        BOOST_CHECK_EXCEPTION(SafetensorsFile(folder / "a"), FormatError, says(words));
    };
    refused("\x89HDF\r\n\x1a\n and more", "not a safetensors file but an HDF5 file");
    refused("PK\x03\x04 and more", "PyTorch file");
    refused("\x80\x02}q\x01 and more", "an old PyTorch file");
    refused("\x93NUMPY\x01", "a NumPy .npy file");
    refused("\x1f\x8b\x08 and more", "compressed with gzip");
    refused("GGUF and more", "a GGUF file");
    refused("version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS");
    refused("", "the length of a safetensors header of 8 bytes does not fit a file of 0 bytes");
    refused("1234567", "does not fit a file of 7 bytes");
    refused("chip.txt is text", "its header would have");
    refused(bytes_of(std::uint64_t{100'000'001}) + "{", "the format allows 100000000");
    refused(bytes_of(std::uint64_t{100}) + "{}", "the header of 100 bytes does not fit a file of 10 bytes (truncated download?)");
    refused(bytes_of(std::uint64_t{0}), "no JSON object");
    BOOST_CHECK_THROW(SafetensorsFile(folder / "absent"), IoError);
    BOOST_CHECK_THROW(SafetensorsFile(folder.path()), IoError);
}

BOOST_AUTO_TEST_CASE(a_header_as_long_as_the_magic_of_another_format_is_read) {
    const Scratch folder;
    std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    header.resize(0x280, ' ');  // its length begins with the bytes of a pickle
    BOOST_CHECK_NO_THROW(SafetensorsFile(folder.file("a", by_hand(header, bytes_of(1.0F)))));
}

BOOST_AUTO_TEST_CASE(every_truncation_is_found) {
    const Scratch folder;
    SafetensorsWriter writer(folder / "a");
    writer.add("x", std::vector<float>{1, 2, 3});
    writer.add("y", std::vector<double>{4, 5});
    writer.commit();
    const std::string whole = content_of(folder / "a");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        folder.file("b", whole.substr(0, n));
        BOOST_CHECK_THROW(SafetensorsFile(folder / "b"), FormatError);
    }
    folder.file("b", whole + "x");
    BOOST_CHECK_EXCEPTION(SafetensorsFile(folder / "b"), FormatError, says("1 bytes belong to no array"));
}

BOOST_AUTO_TEST_CASE(damaged_bytes_throw_or_are_found_by_the_digest) {
    const Scratch folder;
    SafetensorsWriter writer(folder / "a");
    writer.add("x", {3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
    writer.add("y", std::vector<std::uint64_t>{4, 5});
    writer.text("epoch", "3");
    writer.commit();
    const std::string whole = content_of(folder / "a");
    const std::size_t data = whole.size() - 6 * sizeof(float) - 2 * sizeof(std::uint64_t);
    Draw draw(5);
    int refused = 0, opened = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string damaged = whole;
        const int changes = static_cast<int>(draw.index(1, 4));
        bool is_in_data = true;
        for (int i = 0; i < changes; ++i) {
            const auto at = static_cast<std::size_t>(draw.index(0, static_cast<Index>(whole.size()) - 1));
            is_in_data &= at >= data;
            damaged[at] = static_cast<char>(draw.index(0, 255));
        }
        folder.file("b", damaged);
        try {
            const SafetensorsFile file(folder / "b");
            for (const SafetensorsArray& array : file.arrays())
                if (array.type == "F32") (void)file.read<float>(array.name);
            if (is_in_data && damaged != whole) BOOST_CHECK_THROW(file.verify(), FormatError);
            ++opened;
        } catch (const Error&) {
            ++refused;
        }
    }
    BOOST_TEST_MESSAGE("3000 damaged files: " << refused << " refused, " << opened << " opened");
    BOOST_TEST(refused > 500);
    BOOST_TEST(opened > 50);
}

BOOST_AUTO_TEST_CASE(many_nested_brackets_are_no_danger) {
    const Scratch folder;
    for (const std::string& nest : {std::string(1'000'000, '['), [] {
             std::string text;
             for (int i = 0; i < 100'000; ++i) text += "{\"a\":";
             return text;
         }()}) {
        folder.file("a", by_hand("{\"a\":" + nest, ""));
        BOOST_CHECK_THROW(SafetensorsFile(folder / "a"), FormatError);
    }
}

BOOST_AUTO_TEST_SUITE_END()
