// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/serialize/safetensors_layout.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chromatid {

/// Writes a safetensors file: named arrays and a table of texts, which Python's `safetensors` and ours read. The file appears whole or not
/// at all.
///
///     SafetensorsWriter file("run/checkpoint.safetensors");
///     file.add("moments", {n}, moments);
///     file.text("epoch", "3");
///     file.commit();
///
/// Equal arrays and texts give equal bytes. The writer keeps copies until `commit()`, and adds the text "digest", see
/// `SafetensorsFile::verify`.
class SafetensorsWriter {
  public:
    /// Nothing is written before `commit()`.
    explicit SafetensorsWriter(std::filesystem::path path) : path_(std::move(path)) {}

    /// Adds an array, row-major.
    /// \param values  contiguous, as many as the extents say: a vector, span, or array
    /// \throws ShapeError for another number of values, UsageError for a name that is taken
    template <std::ranges::contiguous_range R>
        requires SafetensorsValue<std::ranges::range_value_t<R>>
    void add(const std::string& name, std::span<const Index> extents, const R& values) {
        using T = std::ranges::range_value_t<R>;
        Index size = 1;
        for (const Index e : extents) size *= e;
        const auto count = static_cast<std::size_t>(std::ranges::size(values));
        if (size != static_cast<Index>(count))
            throw ShapeError("array \"" + name + "\" of shape " + to_string(extents) + " was given " + std::to_string(count) + " values");
        if (name == detail::safetensors_metadata || std::ranges::any_of(arrays_, [&](const Held& a) { return a.said.name == name; }))
            throw UsageError(path_.string() + ": the name \"" + name + "\" is taken");
        Held held{{name, detail::safetensors_type<T>(), {extents.begin(), extents.end()}, 0, 0}, sizeof(T), {}};
        held.bytes.resize(count * sizeof(T));
        if (count > 0) std::memcpy(held.bytes.data(), std::ranges::data(values), held.bytes.size());
        arrays_.push_back(std::move(held));
    }
    template <std::ranges::contiguous_range R>
        requires SafetensorsValue<std::ranges::range_value_t<R>>
    void add(const std::string& name, std::initializer_list<Index> extents, const R& values) {
        add(name, std::span(extents.begin(), extents.size()), values);
    }
    /// A list of numbers.
    template <std::ranges::contiguous_range R>
        requires SafetensorsValue<std::ranges::range_value_t<R>>
    void add(const std::string& name, const R& values) {
        add(name, {static_cast<Index>(std::ranges::size(values))}, values);
    }

    /// Adds to the table of texts, or replaces what is there. UTF-8.
    void text(const std::string& key, std::string value) { texts_[key] = std::move(value); }

    /// Writes the file, brings it to disk and gives it its name.
    /// \return the digest of the arrays
    /// \throws IoError, and a target that was there stays as it was; UsageError where a name or text is not UTF-8
    std::string commit() {
        // Arrays of wide elements first: all lie on multiples of their element's size.
        std::stable_sort(arrays_.begin(), arrays_.end(), [](const Held& a, const Held& b) { return a.element > b.element; });
        std::uint64_t next = 0;
        std::vector<SafetensorsArray> said;
        for (Held& held : arrays_) {
            held.said.begin = next;
            next = held.said.end = next + held.bytes.size();
            said.push_back(held.said);
        }
        Digest digest = detail::digest_of_layout(said);
        for (const Held& held : arrays_) digest.add(held.bytes);
        texts_[detail::safetensors_digest] = digest.text();

        const std::string header = header_text(said);
        std::array<char, sizeof(std::uint64_t)> length;
        const std::uint64_t n = header.size();
        std::memcpy(length.data(), &n, length.size());
        OutputFile file(path_);
        file.write({length.data(), length.size()});
        file.write(header);
        for (const Held& held : arrays_) file.write({reinterpret_cast<const char*>(held.bytes.data()), held.bytes.size()});
        file.commit();
        return digest.text();
    }

  private:
    struct Held {
        SafetensorsArray said;
        std::size_t element;  // bytes
        std::vector<std::uint8_t> bytes;
    };

    std::string header_text(std::span<const SafetensorsArray> arrays) const {
        nlohmann::ordered_json header;
        header[detail::safetensors_metadata] = texts_;
        for (const SafetensorsArray& a : arrays)
            header[a.name] = {{"dtype", a.type}, {"shape", a.extents}, {"data_offsets", {a.begin, a.end}}};
        std::string text;
        try {
            text = header.dump();
        } catch (const nlohmann::json::exception& error) {
            throw UsageError(path_.string() + ": a name or text is not UTF-8: " + error.what());
        }
        text.resize((text.size() + 7) / 8 * 8, ' ');
        return text;
    }

    std::filesystem::path path_;
    std::vector<Held> arrays_;
    std::map<std::string, std::string> texts_;
};

}  // namespace chromatid
