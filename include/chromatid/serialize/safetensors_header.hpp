// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/binary_file.hpp>
#include <chromatid/serialize/safetensors_layout.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chromatid::detail {

/// The header of a safetensors file, every number of which is checked against the file's size. Failures are FormatErrors with file and
/// byte.
class SafetensorsHeader {
    using Json = nlohmann::json;

  public:
    explicit SafetensorsHeader(const BinaryFile& file) : file_(file) {
        refuse_foreign();
        file_.expect(0, prefix, "the length of a safetensors header");
        const std::uint64_t length = ByteReader(file_.read(0, prefix, "the header's length"), false).next<std::uint64_t>();
        if (length > safetensors_largest_header)
            file_.fail(0, "this is not a safetensors file: its header would have " + std::to_string(length) + " bytes, the format allows " +
                              std::to_string(safetensors_largest_header));
        file_.expect(prefix, length, "the header");
        data_ = prefix + length;
        const std::vector<std::uint8_t> text = file_.read(prefix, length, "the header");
        if (text.empty() || text.front() != '{')
            file_.fail(prefix, "this is not a safetensors file: no JSON object follows the header's length");
        read(parse(text));
        check_layout();
    }

    /// First byte behind the header.
    std::uint64_t data() const { return data_; }
    std::vector<SafetensorsArray>& arrays() { return arrays_; }
    std::map<std::string, std::string>& texts() { return texts_; }

  private:
    static constexpr std::uint64_t prefix = 8;
    static constexpr int deepest = 3;  // {"array": {"shape": [2]}}

    void refuse_foreign() const {
        using namespace std::string_view_literals;
        static constexpr std::array<std::pair<std::string_view, const char*>, 8> foreign{{
            {"\x89HDF\r\n\x1a\n"sv, "an HDF5 file, such as Keras writes"},
            {"PK\x03\x04"sv, "a zip archive: a PyTorch file (torch.save) or NumPy's .npz"},
            {"\x80\x02"sv, "a Python pickle: an old PyTorch file"},
            {"\x80\x04"sv, "a Python pickle"},
            {"\x93NUMPY"sv, "a NumPy .npy file"},
            {"\x1f\x8b"sv, "compressed with gzip"},
            {"GGUF"sv, "a GGUF file"},
            {"version https://git-lfs"sv, "a pointer of Git LFS, not the file it stands for"},
        }};
        const std::uint64_t n = std::min<std::uint64_t>(file_.size(), 32);
        const std::string start = ByteReader(file_.read(0, n, "the first bytes"), false).text(static_cast<std::size_t>(n));
        for (const auto& [magic, what] : foreign)
            // such bytes can be a header's length: that file has { behind its length
            if (start.starts_with(magic) && !(n > prefix && start[prefix] == '{'))
                throw FormatError(file_.path(), "byte 0", std::string("this is not a safetensors file but ") + what);
    }

    Json parse(const std::vector<std::uint8_t>& text) const {
        std::map<int, std::set<std::string>> keys;
        const auto see = [&](int depth, Json::parse_event_t event, Json& value) {
            if (depth > deepest) file_.fail(prefix, "the header is nested too deeply");
            if (event == Json::parse_event_t::object_start) keys[depth + 1].clear();
            if (event == Json::parse_event_t::key && !keys[depth].insert(value.get<std::string>()).second)
                file_.fail(prefix, "the header names \"" + value.get<std::string>() + "\" twice");
            return true;
        };
        try {
            return Json::parse(text.begin(), text.end(), see);
        } catch (const Json::parse_error& error) {
            file_.fail(prefix + std::max<std::uint64_t>(error.byte, 1) - 1, std::string("the header is not JSON: ") + error.what());
        } catch (const Json::out_of_range& error) {
            file_.fail(prefix, std::string("a number in the header is too large: ") + error.what());
        }
    }

    void read(const Json& header) {
        for (const auto& [name, value] : header.items()) {
            if (!value.is_object()) file_.fail(prefix, "\"" + name + "\" in the header is " + value.dump() + ", not an object");
            if (name == safetensors_metadata) read_texts(value);
            else arrays_.push_back(read_array(name, value));
        }
        std::stable_sort(arrays_.begin(), arrays_.end(),
                         [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    }

    void read_texts(const Json& values) {
        for (const auto& [key, value] : values.items()) {
            if (!value.is_string()) file_.fail(prefix, "metadata \"" + key + "\" is not text");
            texts_.emplace(key, value.get<std::string>());
        }
    }

    SafetensorsArray read_array(const std::string& name, const Json& from) const {
        const auto fail = [&](const std::string& what) { file_.fail(prefix, "array \"" + name + "\" " + what); };
        const auto get = [&](const char* key) -> const Json& {
            if (!from.contains(key)) fail(std::string("has no ") + key);
            return from[key];
        };
        const Json &type = get("dtype"), &shape = get("shape"), &offsets = get("data_offsets");
        if (!type.is_string()) fail("has a dtype that is not text");
        SafetensorsArray array{name, type.get<std::string>(), {}, 0, 0};
        const auto* known =
            std::find_if(safetensors_types.begin(), safetensors_types.end(), [&](const auto& t) { return t.first == array.type; });
        if (known == safetensors_types.end()) fail("has the unknown dtype \"" + array.type + "\"");
        std::uint64_t bytes = known->second;
        if (!shape.is_array()) fail("has a shape that is not a list");
        for (const Json& extent : shape) {
            const std::uint64_t n = extent.is_number_unsigned() ? extent.get<std::uint64_t>() : huge;
            if (n > static_cast<std::uint64_t>(std::numeric_limits<Index>::max())) fail("has the extent " + extent.dump());
            if (n != 0 && bytes > huge / n) fail("is too large: shape " + shape.dump());
            array.extents.push_back(static_cast<Index>(n));
            bytes *= n;
        }
        if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
            fail("has data_offsets " + offsets.dump() + ", expected are two whole numbers");
        array.begin = offsets[0].get<std::uint64_t>();
        array.end = offsets[1].get<std::uint64_t>();
        if (array.end < array.begin) fail("ends at byte " + offsets[1].dump() + ", before it begins at " + offsets[0].dump());
        if (array.end - array.begin != bytes)
            fail("of type " + array.type + " and shape " + shape.dump() + " takes " + std::to_string(bytes) +
                 " bytes, its data_offsets span " + std::to_string(array.end - array.begin));
        return array;
    }

    /// Arrays must follow each other without overlap or hole, up to the end of the file.
    void check_layout() const {
        std::uint64_t next = 0;
        for (const SafetensorsArray& a : arrays_) {
            if (a.begin != next)
                file_.fail(data_ + std::min(next, file_.size() - data_),
                           "array \"" + a.name + "\" begins at byte " + std::to_string(a.begin) + " of the data, " +
                               (a.begin < next ? "inside the array before it" : "which leaves a hole behind the array before it"));
            next = a.end;
            if (next > file_.size() - data_)
                file_.fail(file_.size(), "array \"" + a.name + "\" ends at byte " + std::to_string(next) + " of the data, the file holds " +
                                             std::to_string(file_.size() - data_) + " (truncated download?)");
        }
        if (next != file_.size() - data_)
            file_.fail(data_ + next, std::to_string(file_.size() - data_ - next) + " bytes belong to no array");
    }

    static constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();

    const BinaryFile& file_;
    std::uint64_t data_ = 0;
    std::vector<SafetensorsArray> arrays_;
    std::map<std::string, std::string> texts_;
};

}  // namespace chromatid::detail
