// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/tensor.hpp>

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace chromatid::test {

/// The arrays of a .npz file, a zip of .npy files, stored or deflated. Numbers of uint8, float32 or float64, little-endian and row-major,
/// become float64; arrays of text are left out.
class Npz {
  public:
    explicit Npz(const std::filesystem::path& path) : name_(path.string()) {
        std::ifstream file(path, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
        // The end record closes the file; it says how many entries the directory has and where it begins.
        constexpr std::size_t end_size = 22;
        if (bytes_.size() < end_size || number<std::uint32_t>(bytes_.size() - end_size) != 0x06054b50)
            fail("is not a zip file without comment");
        const std::size_t entries = number<std::uint16_t>(bytes_.size() - end_size + 10);
        std::size_t at = number<std::uint32_t>(bytes_.size() - end_size + 16);
        for (std::size_t i = 0; i < entries; ++i) {
            const std::size_t name = number<std::uint16_t>(at + 28), extra = number<std::uint16_t>(at + 30),
                              comment = number<std::uint16_t>(at + 32);
            const std::string key = text(at + 46, name);
            const std::string content =
                unpack(number<std::uint16_t>(at + 10), number<std::uint32_t>(at + 20), number<std::uint32_t>(at + 24),
                       number<std::uint32_t>(at + 42), number<std::uint32_t>(at + 16));
            add_array(key.substr(0, key.rfind(".npy")), content);
            at += 46 + name + extra + comment;
        }
    }

    bool has(const std::string& key) const { return arrays_.contains(key); }
    /// Whether the file has the array in float32.
    bool is_single(const std::string& key) const { return singles_.contains(key); }
    const Tensor<double>& operator[](const std::string& key) const {
        const auto found = arrays_.find(key);
        if (found == arrays_.end()) fail("has no array " + key);
        return found->second;
    }

  private:
    [[noreturn]] void fail(const std::string& what) const { throw std::runtime_error(name_ + " " + what); }

    std::string text(std::size_t at, std::size_t size) const {
        if (at > bytes_.size() || size > bytes_.size() - at) fail("is cut off");
        return bytes_.substr(at, size);
    }
    template <class Number>
    Number number(std::size_t at) const {
        Number n;
        std::memcpy(&n, text(at, sizeof n).data(), sizeof n);
        return n;
    }

    std::string unpack(unsigned method, std::size_t packed, std::size_t size, std::size_t local, std::uint32_t checksum) const {
        const std::size_t begin = local + 30 + number<std::uint16_t>(local + 26) + number<std::uint16_t>(local + 28);
        std::string in = text(begin, packed), out(size, '\0');
        if (method == 0) out = in;
        else {
            z_stream stream{};
            stream.next_in = reinterpret_cast<Bytef*>(in.data());
            stream.avail_in = static_cast<uInt>(in.size());
            stream.next_out = reinterpret_cast<Bytef*>(out.data());
            stream.avail_out = static_cast<uInt>(out.size());
            if (method != 8 || inflateInit2(&stream, -MAX_WBITS) != Z_OK) fail("has an entry that is packed in an unknown way");
            const int end = inflate(&stream, Z_FINISH);
            inflateEnd(&stream);
            if (end != Z_STREAM_END) fail("has an entry that does not unpack");
        }
        if (crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(out.size())) != checksum)
            fail("has an entry with a wrong checksum");
        return out;
    }

    /// The value behind a key of the header, which is the text of a Python dict.
    static std::string header_value(const std::string& header, const std::string& key, char open, char close) {
        const std::size_t from = header.find(open, header.find("'" + key + "'") + key.size() + 2) + 1;
        return header.substr(from, header.find(close, from) - from);
    }

    void add_array(const std::string& key, const std::string& content) {
        if (content.size() < 12 || content.compare(0, 6, "\x93NUMPY") != 0) fail("has an entry that is no .npy: " + key);
        const bool is_first_version = content[6] == 1;
        std::uint32_t header_size = 0;
        std::memcpy(&header_size, content.data() + 8, is_first_version ? 2 : 4);
        const std::size_t header_at = is_first_version ? 10 : 12;
        const std::string header = content.substr(header_at, header_size), type = header_value(header, "descr", '\'', '\'');
        if (type.find('U') != std::string::npos || type.find('S') != std::string::npos) return;
        if (header.find("'fortran_order': False") == std::string::npos) fail("has a column-major array: " + key);
        std::vector<Index> extents;
        const std::string shape = header_value(header, "shape", '(', ')');
        for (std::size_t at = 0; (at = shape.find_first_of("0123456789", at)) != std::string::npos; at = shape.find(',', at))
            extents.push_back(static_cast<Index>(std::stoll(shape.substr(at))));
        Tensor<double> array(extents);
        const std::string data = content.substr(header_at + header_size);
        if (type == "|u1") fill<std::uint8_t>(array, data);
        else if (type == "<f4") fill<float>(array, data), singles_.insert(key);
        else if (type == "<f8") fill<double>(array, data);
        else fail("has an array of unknown type " + type + ": " + key);
        arrays_.emplace(key, std::move(array));
    }

    template <class From>
    void fill(Tensor<double>& array, const std::string& data) const {
        if (data.size() != static_cast<std::size_t>(array.size()) * sizeof(From)) fail("has an array of another size than its header says");
        std::vector<From> values(static_cast<std::size_t>(array.size()));
        std::memcpy(values.data(), data.data(), data.size());
        for (std::size_t i = 0; i < values.size(); ++i) array.span()[i] = static_cast<double>(values[i]);
    }

    std::string name_, bytes_;
    std::map<std::string, Tensor<double>> arrays_;
    std::set<std::string> singles_;
};

}  // namespace chromatid::test
