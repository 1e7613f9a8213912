// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace chromatid::detail {

/// An object of a JSON file whose members are taken one by one; what is missing, of another kind or left over is a FormatError with its
/// name.
class JsonObject {
  public:
    using Json = nlohmann::ordered_json;

    /// \param name  of the object in the file, for messages: "sizes"; empty for the whole
    JsonObject(std::string file, std::string name, const Json& json) : file_(std::move(file)), name_(std::move(name)), json_(json) {
        if (!json_.is_object()) throw FormatError(file_, "", (name_.empty() ? "the file" : "\"" + name_ + "\"") + " is not a JSON object");
    }

    [[noreturn]] void fail(const std::string& key, const std::string& what) const {
        throw FormatError(file_, "", "\"" + (name_.empty() ? "" : name_ + ".") + key + "\" " + what);
    }
    bool has(const std::string& key) const { return json_.contains(key); }
    const Json& take(const std::string& key) {
        if (!has(key)) fail(key, "is missing");
        taken_.insert(key);
        return json_.at(key);
    }
    std::string text(const std::string& key) {
        const Json& value = take(key);
        if (!value.is_string()) fail(key, "is " + value.dump() + ", expected is a text");
        return value.get<std::string>();
    }
    bool flag(const std::string& key) {
        const Json& value = take(key);
        if (!value.is_boolean()) fail(key, "is " + value.dump() + ", expected is true or false");
        return value.get<bool>();
    }
    Index number(const std::string& key, Index lowest, Index highest) {
        const Json& value = take(key);
        const bool is_known =
            value.is_number_integer() && (!value.is_number_unsigned() || value.get<std::uint64_t>() <= static_cast<std::uint64_t>(highest));
        if (!is_known || value.get<Index>() < lowest || value.get<Index>() > highest)
            fail(key,
                 "is " + value.dump() + ", expected is a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
        return value.get<Index>();
    }
    float share(const std::string& key) {
        const Json& value = take(key);
        const double share = value.is_number() ? value.get<double>() : -1.0;
        if (!(share >= 0.0 && static_cast<float>(share) < 1.0F))
            fail(key, "is " + value.dump() + ", expected is a share from 0 to below 1");
        return static_cast<float>(share);
    }
    std::vector<std::string> texts(const std::string& key) {
        std::vector<std::string> list;
        const Json& values = take(key);
        for (const Json& value : values) {
            if (!values.is_array() || !value.is_string()) fail(key, "is not a list of texts");
            list.push_back(value.get<std::string>());
        }
        return list;
    }
    JsonObject object(const std::string& key) { return {file_, (name_.empty() ? "" : name_ + ".") + key, take(key)}; }
    /// \throws FormatError where there are members that nobody took
    void expect_no_more() const {
        for (const auto& [key, value] : json_.items())
            if (!taken_.contains(key)) fail(key, "is not a setting of this format");
    }

  private:
    std::string file_, name_;
    const Json& json_;
    std::set<std::string> taken_;
};

}  // namespace chromatid::detail
