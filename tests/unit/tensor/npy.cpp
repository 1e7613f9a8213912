// SPDX-License-Identifier: MIT
#include <chromatid/io/npy.hpp>
#include <chromatid/tensor/xtensor.hpp>

#include <boost/test/unit_test.hpp>

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xbuilder.hpp>
#include <xtensor/xview.hpp>
#endif

#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <unistd.h>

using namespace chromatid;

namespace {

class Folder {
  public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("chromatid_npy_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }

    std::filesystem::path operator/(const char* name) const { return path_ / name; }
    std::filesystem::path with(const char* name, std::string_view bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }
    std::ptrdiff_t files() const { return std::distance(std::filesystem::directory_iterator(path_), {}); }

  private:
    std::filesystem::path path_;
};

/// A file as numpy.save writes it: the header is padded so that the elements begin at a multiple of 64.
std::string npy(std::string header, std::string_view elements, std::size_t length = 118) {
    header.resize(length - 1, ' ');
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(length % 256);
    bytes += static_cast<char>(length / 256);
    return bytes + header + "\n" + std::string(elements);
}

/// 1.0F to 4.0F as little-endian bytes.
constexpr std::string_view one("\x00\x00\x80\x3f", 4), two("\x00\x00\x00\x40", 4), three("\x00\x00\x40\x40", 4),
    four("\x00\x00\x80\x40", 4);

std::string floats() { return std::string(one) + std::string(two) + std::string(three) + std::string(four); }

/// Whether a call throws `E` and its message holds all of `words`.
template <class E, class F>
bool fails_with(F&& f, std::initializer_list<std::string_view> words) {
    try {
        f();
    } catch (const E& error) {
        const std::string_view message = error.what();
        for (const auto word : words)
            if (message.find(word) == std::string_view::npos) BOOST_ERROR("\"" << message << "\" lacks \"" << word << "\"");
        return true;
    }
    return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(npy_files)

BOOST_AUTO_TEST_CASE(files_of_numpy_are_read) {
    const Folder folder;
    const auto path = folder.with("a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", floats()));
    const auto a = read_npy(path);
    BOOST_TEST(a.dimension() == 2U);
    BOOST_TEST(a(0, 1) == 2.0F);
    BOOST_TEST(a(1, 0) == 3.0F);
}

BOOST_AUTO_TEST_CASE(fortran_order_is_turned_row_major) {
    const Folder folder;
    const auto a = read_npy(folder.with("a.npy", npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", floats())));
    BOOST_TEST(a(0, 1) == 3.0F);
    BOOST_TEST(a(1, 0) == 2.0F);
    BOOST_TEST(a.data()[1] == 3.0F);
}

BOOST_AUTO_TEST_CASE(keys_stand_in_any_order_and_headers_may_be_long) {
    const Folder folder;
    const auto a = read_npy(folder.with("a.npy", npy("{'shape': (4,), 'fortran_order': False, 'descr': '<f4'}", floats(), 246)));
    BOOST_TEST(a.dimension() == 1U);
    BOOST_TEST(a(3) == 4.0F);
}

BOOST_AUTO_TEST_CASE(scalars_have_rank_zero) {
    const Folder folder;
    const auto a = read_npy(folder.with("a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", two)));
    BOOST_TEST(a.dimension() == 0U);
    BOOST_TEST(a() == 2.0F);
}

BOOST_AUTO_TEST_CASE(other_number_types_and_byte_orders_are_converted) {
    const Folder folder;
    const auto big =
        read_npy(folder.with("big.npy", npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", std::string("\x40\x40\0\0", 4))));
    BOOST_TEST(big(0) == 3.0F);
    const auto integers = folder.with("i.npy",
                                      npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }", std::string("\x01\x00\xff\xff", 4)));
    BOOST_TEST(read_npy(integers)(1) == -1.0F);
    BOOST_TEST(read_npy<std::int32_t>(integers)(1) == -1);
    const auto flags = folder.with("b.npy", npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", std::string("\x01\x00", 2)));
    BOOST_TEST(read_npy<double>(flags)(0) == 1.0);
    const auto halves =
        folder.with("d.npy", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", std::string("\0\0\0\0\0\0\xe0\x3f", 8)));
    BOOST_TEST(read_npy<float>(halves)(0) == 0.5F);
}

BOOST_AUTO_TEST_CASE(types_that_do_not_fit_are_refused_by_name) {
    const Folder folder;
    const auto f4 = folder.with("f4.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", floats()));
    BOOST_TEST(fails_with<FormatError>([&] { read_npy<std::int32_t>(f4); }, {"f4.npy", "'<f4'", "astype"}));
    const auto f2 = folder.with("f2.npy", npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", one));
    BOOST_TEST(fails_with<FormatError>([&] { read_npy(f2); }, {"f2.npy", "'<f2'"}));
    const auto record = folder.with("r.npy", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", one));
    BOOST_TEST(fails_with<FormatError>([&] { read_npy(record); }, {"r.npy", "records"}));
}

BOOST_AUTO_TEST_CASE(truncated_files_are_refused_with_file_and_byte) {
    const Folder folder;
    const std::string whole = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", floats());
    BOOST_TEST(fails_with<FormatError>([&] { read_npy(folder.with("t.npy", whole.substr(0, whole.size() - 1))); },
                                       {"t.npy", "byte 128", "(2, 2)", "15 bytes", "truncated"}));
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_CHECK_THROW(read_npy(folder.with("t.npy", std::string_view(whole).substr(0, size))), FormatError);
}

BOOST_AUTO_TEST_CASE(headers_that_lie_are_refused) {
    const Folder folder;
    const auto refused = [&](const std::string& bytes, std::initializer_list<std::string_view> words) {
        BOOST_TEST(fails_with<FormatError>([&] { read_npy(folder.with("x.npy", bytes)); }, words));
    };
    refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", floats()), {"x.npy", "16 bytes"});
    refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", floats()), {"x.npy", "more than that"});
    refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", floats()), {"x.npy", "no size"});
    refused(npy("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (4,), }", floats()), {"x.npy", "'fortran_order'"});
    refused(npy("{'descr': '<f4', 'fortran_order': False}", floats()), {"x.npy", "'shape'"});
    refused(npy("{'descr': 'f', 'fortran_order': False, 'shape': (4,), }", floats()), {"x.npy", "unknown"});
    refused("PK\x03\x04 a zip archive", {"x.npy", "no .npy file"});
    refused(std::string("\x93NUMPY\x09\x00", 8), {"x.npy", "version 9"});
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named) {
    BOOST_TEST(fails_with<IoError>([] { read_npy("/no/such/a.npy"); }, {"/no/such/a.npy", "No such file"}));
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
    const Folder folder;
    const xt::xtensor<double, 3> a = xt::arange<double>(24.0).reshape({2, 3, 4});
    write_npy(folder / "a.npy", a);
    BOOST_TEST((read_npy<double>(folder / "a.npy") == a));
    BOOST_TEST(folder.files() == 1);
    const xt::xtensor<std::int32_t, 1> counts = {1, -2, 3};
    write_npy(folder / "counts.npy", counts);
    BOOST_TEST((read_npy<std::int32_t>(folder / "counts.npy") == counts));
}

BOOST_AUTO_TEST_CASE(views_expressions_and_columns_are_written_by_value) {
    const Folder folder;
    const xt::xtensor<float, 2> a = {{1, 2, 3}, {4, 5, 6}};
    const auto right = xt::view(a, xt::all(), xt::range(1, 3));
    write_npy(folder / "view.npy", right);
    BOOST_TEST((read_npy(folder / "view.npy") == right));
    const auto row = xt::view(a, 1);
    write_npy(folder / "row.npy", row);
    BOOST_TEST((read_npy(folder / "row.npy") == row));
    write_npy(folder / "sum.npy", a + a);
    BOOST_TEST((read_npy(folder / "sum.npy") == 2 * a));
    const xt::xtensor<float, 2, xt::layout_type::column_major> columns = a;
    write_npy(folder / "columns.npy", columns);
    BOOST_TEST((read_npy(folder / "columns.npy") == a));
    Tensor<float> tensor{2, 2};
    tensor(1, 0) = 7.0F;
    write_npy(folder / "tensor.npy", as_xtensor(tensor.view()));
    BOOST_TEST(read_npy(folder / "tensor.npy")(1, 0) == 7.0F);
}

BOOST_AUTO_TEST_CASE(an_unwritable_target_is_named_and_nothing_is_left) {
    const Folder folder;
    const xt::xtensor<float, 1> a = {1, 2};
    BOOST_TEST(fails_with<IoError>([&] { write_npy(folder / "no_such_folder/a.npy", a); }, {"no_such_folder/a.npy"}));
    std::filesystem::create_directories(folder / "a.npy");
    BOOST_CHECK_THROW(write_npy(folder / "a.npy", a), IoError);
    BOOST_TEST(folder.files() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
