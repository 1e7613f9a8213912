// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/xtensor.hpp>
#include <chromatid/io/binary_file.hpp>
#include <chromatid/io/npy_header.hpp>
#include <chromatid/io/pending_file.hpp>

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// xtensor writes the files. It does not read them: its reader believes what a header says, so that a truncated file passes for an array of
// whatever the memory held, and it misreads the length of headers of 128 bytes and more.

namespace chromatid {

namespace detail {

/// Whether every value of `From` is a value of `To`, or `To` rounds it.
template <class From, class To>
inline constexpr bool takes_numbers =
    std::floating_point<To> || (std::integral<From> && (std::is_signed_v<To> || !std::is_signed_v<From>) &&
                                std::numeric_limits<From>::digits <= std::numeric_limits<To>::digits);

/// Calls `f` with a value of the C++ type that a type of numpy is; false for a type without one.
template <class F>
bool with_npy_type(std::string_view type, const F& f) {
    const auto is = [&](std::string_view name, auto value) { return type == name && (f(value), true); };
    return is("f4", float{}) || is("f8", double{}) || is("i1", std::int8_t{}) || is("i2", std::int16_t{}) || is("i4", std::int32_t{}) ||
           is("i8", std::int64_t{}) || is("u1", std::uint8_t{}) || is("u2", std::uint16_t{}) || is("u4", std::uint32_t{}) ||
           is("u8", std::uint64_t{}) || is("b1", std::uint8_t{});
}

template <class U>
void read_npy_elements(const BinaryFile& file, const NpyHeader& header, std::span<U> elements) {
    file.read(header.data, {reinterpret_cast<std::uint8_t*>(elements.data()), elements.size_bytes()}, "the array");
    if (header.swapped)
        for (U& element : elements) {
            const auto bytes = std::as_writable_bytes(std::span(&element, 1));
            std::reverse(bytes.begin(), bytes.end());
        }
}

/// \param array  row-major, without gaps
template <class E>
void write_npy_file(const std::filesystem::path& path, const E& array) {
    PendingFile file(path);
    try {
        xt::dump_npy(file.temporary().string(), array);
        read_npy_header(BinaryFile(file.temporary()));  // xtensor does not look whether all of it could be written
    } catch (const std::runtime_error&) {
        throw IoError(file.target() + ": cannot write the array: is the folder there, and is there room on the disk?");
    }
    file.commit();
}

}  // namespace detail

/// Reads an array from numpy's .npy file: any rank, C or Fortran order, either byte order. The result is row-major.
///
/// A floating-point `T` takes every number type and rounds; an integer `T` takes the integers that it holds without loss.
///
/// \throws IoError where the system cannot read; FormatError, with the byte, for what is no .npy file, for a file shorter or longer than
///         its header says, and for elements that `T` does not take (float16, complex, text, records)
template <class T = float>
xt::xarray<T, xt::layout_type::row_major> read_npy(const std::filesystem::path& path) {
    const detail::BinaryFile file(path);
    const detail::NpyHeader header = detail::read_npy_header(file);
    xt::xarray<T, xt::layout_type::row_major> result;
    bool taken = false;
    detail::with_npy_type(header.plain_type(), [&]<class U>(U) {
        if constexpr (detail::takes_numbers<U, T>) {
            taken = true;
            if constexpr (std::same_as<U, T>)
                if (!header.fortran_order) {
                    result.resize(header.shape);
                    return detail::read_npy_elements(file, header, std::span<T>(result.data(), result.size()));
                }
            xt::xarray<U, xt::layout_type::dynamic> stored;
            stored.resize(header.shape, header.fortran_order ? xt::layout_type::column_major : xt::layout_type::row_major);
            detail::read_npy_elements(file, header, std::span<U>(stored.data(), stored.size()));
            result = xt::cast<T>(stored);
        }
    });
    if (!taken)
        file.fail(header.data,
                  "elements of '" + header.type + "' do not fit the array asked for: convert them, as with .astype('float32')");
    return result;
}

/// Writes an xtensor, evaluated if need be, as a .npy file that numpy loads; the file appears whole or not at all. A `Tensor` or `View`
/// goes through `as_xtensor`.
/// \throws IoError where the file cannot be written
template <XtensorExpression E>
void write_npy(const std::filesystem::path& path, const E& array) {
    using T = std::remove_const_t<typename E::value_type>;
    if constexpr (XtensorInMemory<E>)
        if (is_row_major(array)) {
            const std::vector<std::size_t> shape(array.shape().begin(), array.shape().end());
            const T* data = array.data() + array.data_offset();
            return detail::write_npy_file(path, xt::adapt<xt::layout_type::row_major>(data, array.size(), xt::no_ownership(), shape));
        }
    detail::write_npy_file(path, xt::xarray<T, xt::layout_type::row_major>(array));
}

}  // namespace chromatid
