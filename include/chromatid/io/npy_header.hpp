// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/io/binary_file.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chromatid::detail {

/// What a .npy file says of its array. Format versions 1 to 3: "\x93NUMPY", version, length of a Python dictionary, the dictionary, the
/// elements; numpy.lib.format describes it.
struct NpyHeader {
    std::string type;        ///< as numpy writes it: "<f4" is a little-endian float of 4 bytes
    bool swapped = false;    ///< elements are of the other byte order than this machine's
    bool fortran_order = false;
    std::vector<std::size_t> shape;
    std::uint64_t data = 0;  ///< byte at which the elements begin

    /// Kind and size of the elements without their byte order: "f4".
    std::string_view plain_type() const { return std::string_view(type).substr(1); }
};

/// Reads the dictionary, whose keys may stand in any order.
class NpyHeaderParser {
  public:
    explicit NpyHeaderParser(const BinaryFile& file) : file_(file) {
        constexpr std::string_view magic("\x93NUMPY", 6);
        const auto start = file.read(0, 8, "the start of a .npy file");
        if (!std::string_view(reinterpret_cast<const char*>(start.data()), start.size()).starts_with(magic))
            file.fail(0, "this is no .npy file: it does not begin with \\x93NUMPY");
        const int version = start[6];
        if (version < 1 || version > 3)
            file.fail(6, "format version " + std::to_string(version) + " of .npy is unknown; 1, 2 and 3 are known");
        const std::uint64_t bytes = version == 1 ? 2 : 4;
        std::uint64_t length = 0;
        const auto digits = file.read(8, bytes, "the length of the header");
        for (std::uint64_t i = 0; i < bytes; ++i) length |= std::uint64_t{digits[i]} << (8 * i);
        begin_ = 8 + bytes;
        const auto text = file.read(begin_, length, "the header");
        text_.assign(text.begin(), text.end());
    }

    NpyHeader parse() const {
        NpyHeader header;
        header.data = begin_ + text_.size();
        read_type(header);
        const std::string_view order = value_of("fortran_order");
        header.fortran_order = order.starts_with("True");
        if (!header.fortran_order && !order.starts_with("False")) fail(order, "'fortran_order' is neither True nor False");
        read_shape(header);
        return header;
    }

  private:
    void read_type(NpyHeader& header) const {
        const std::string_view value = value_of("descr");
        const char quote = value.empty() ? '\0' : value.front();
        if (quote != '\'' && quote != '"') fail(value, "the elements are records; an array of one number type is needed");
        header.type = value.substr(1, value.find(quote, 1) - 1);
        constexpr bool little = std::endian::native == std::endian::little;
        if (header.type.size() < 3 || std::string_view("<>|=").find(header.type[0]) == std::string_view::npos)
            fail(value, "the type '" + header.type + "' is unknown");
        header.swapped = header.type[0] == (little ? '>' : '<');
    }

    void read_shape(NpyHeader& header) const {
        std::string_view value = value_of("shape");
        const auto skip = [&](std::string_view letters) { value.remove_prefix(std::min(value.find_first_not_of(letters), value.size())); };
        if (!value.starts_with('(')) fail(value, "'shape' is no tuple");
        value.remove_prefix(1);
        for (skip(" "); !value.starts_with(')'); skip(" ,L")) {
            std::size_t extent = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), extent);
            if (error != std::errc()) fail(value, "'shape' holds something that is no size");
            header.shape.push_back(extent);
            value.remove_prefix(static_cast<std::size_t>(end - value.data()));
        }
    }

    /// The text from the value of a key on.
    std::string_view value_of(const std::string& key) const {
        const std::string_view text = text_;
        std::size_t at = std::min(text.find("'" + key + "'"), text.find('"' + key + '"'));
        if (at == std::string_view::npos) file_.fail(begin_, "the header has no '" + key + "'");
        at = text.find_first_not_of(" :", at + key.size() + 2);
        return at == std::string_view::npos ? text.substr(text.size()) : text.substr(at);
    }

    [[noreturn]] void fail(std::string_view rest, const std::string& what) const { file_.fail(begin_ + text_.size() - rest.size(), what); }

    const BinaryFile& file_;
    std::uint64_t begin_ = 0;
    std::string text_;
};

/// \throws FormatError where the header cannot be understood, or the file is not as long as it says
inline NpyHeader read_npy_header(const BinaryFile& file) {
    NpyHeader header = NpyHeaderParser(file).parse();
    std::uint64_t bytes = 0;
    const std::string_view digits = header.plain_type().substr(1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), bytes).ec != std::errc())
        file.fail(header.data, "the type '" + header.type + "' is unknown");
    std::string shape;
    bool overflow = false;
    for (const std::size_t extent : header.shape) {
        overflow = __builtin_mul_overflow(bytes, std::uint64_t{extent}, &bytes) || overflow;
        shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
    }
    const std::uint64_t held = file.size() - header.data;
    if (overflow || bytes != held)
        file.fail(header.data, "the header announces (" + shape + ") elements of '" + header.type + "', but " + std::to_string(held) +
                                   " bytes follow" + (overflow || bytes > held ? " (truncated?)" : ", more than that"));
    return header;
}

}  // namespace chromatid::detail
