// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/binary_file.hpp>
#include <chromatid/serialize/safetensors_header.hpp>
#include <chromatid/serialize/safetensors_layout.hpp>
#include <chromatid/tensor/tensor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// A safetensors file for reading: named arrays and a table of texts. Arrays are read when asked for, by any number of threads.
///
///     const SafetensorsFile file("weights.safetensors");
///     const Tensor<float> kernel = file.read<float>("conv1d_1.kernel");
class SafetensorsFile {
  public:
    /// \throws IoError where the file cannot be read; FormatError with file, byte and reason for a file that is cut off, is of another
    ///         format (which it names), or whose header contradicts itself or the file's size
    explicit SafetensorsFile(const std::filesystem::path& path) : file_(path) {
        detail::SafetensorsHeader header(file_);
        data_ = header.data();
        arrays_ = std::move(header.arrays());
        texts_ = std::move(header.texts());
        for (std::size_t i = 0; i < arrays_.size(); ++i) places_.emplace(arrays_[i].name, i);
    }

    const std::string& path() const { return file_.path(); }
    /// All arrays, in the order of their bytes.
    const std::vector<SafetensorsArray>& arrays() const { return arrays_; }
    bool has(const std::string& name) const { return places_.contains(name); }
    /// \throws FormatError where there is no such array
    const SafetensorsArray& array(const std::string& name) const {
        const auto found = places_.find(name);
        if (found == places_.end()) throw FormatError(path(), "", "holds no array \"" + name + "\"");
        return arrays_[found->second];
    }

    /// The table of texts, `__metadata__`.
    const std::map<std::string, std::string>& texts() const { return texts_; }
    /// \throws FormatError where there is no such text
    const std::string& text(const std::string& key) const {
        const auto found = texts_.find(key);
        if (found == texts_.end()) throw FormatError(path(), "", "its metadata has no \"" + key + "\"");
        return found->second;
    }

    /// An array in memory of its own, bit for bit.
    /// \throws FormatError where there is no such array, or its type is not T
    template <SafetensorsValue T>
    Tensor<T> read(const std::string& name) const {
        Tensor<T> values{std::span<const Index>(array(name).extents)};
        read(name, values.span());
        return values;
    }
    /// An array into memory that is there, bit for bit.
    /// \throws FormatError besides where the number of elements is another one
    template <SafetensorsValue T>
    void read(const std::string& name, std::span<T> values) const {
        const SafetensorsArray& from = array(name);
        if (from.type != detail::safetensors_type<T>())
            fail(from, "is of type " + from.type + ", expected is " + detail::safetensors_type<T>());
        const std::uint64_t bytes = from.end - from.begin;
        if (bytes != values.size_bytes())
            fail(from, "has " + std::to_string(bytes / sizeof(T)) + " elements, expected are " + std::to_string(values.size()));
        file_.read(data_ + from.begin, {reinterpret_cast<std::uint8_t*>(values.data()), values.size_bytes()}, "an array");
    }

    /// The digest of all arrays as they are now, which `SafetensorsWriter` leaves among the texts: "fnv1a64:85944171f73967e8".
    std::string digest() const {
        Digest digest = detail::digest_of_layout(arrays_);
        std::vector<std::uint8_t> piece;
        for (std::uint64_t at = data_; at < file_.size(); at += piece.size()) {
            piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file_.size() - at, 1U << 20)));
            file_.read(at, piece, "an array");
            digest.add(piece);
        }
        return digest.text();
    }
    /// Compares the arrays with the digest among the texts; a file without one passes.
    /// \throws FormatError where they differ
    void verify() const {
        const auto said = texts_.find(detail::safetensors_digest);
        if (said == texts_.end()) return;
        if (const std::string found = digest(); found != said->second)
            throw FormatError(path(), "", "damaged: its arrays have the digest " + found + ", it was written with " + said->second);
    }

  private:
    [[noreturn]] void fail(const SafetensorsArray& array, const std::string& what) const {
        file_.fail(data_ + array.begin, "array \"" + array.name + "\" " + what);
    }

    detail::BinaryFile file_;
    std::uint64_t data_ = 0;
    std::vector<SafetensorsArray> arrays_;
    std::map<std::string, std::string> texts_;
    std::map<std::string, std::size_t> places_;
};

}  // namespace chromatid
