// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace chromatid::detail {

/// One layer of a Keras 1 architecture, with settings that are looked at one by one. Every failure is a ModelError with file, layer and
/// setting.
class Keras1Layer {
  public:
    static constexpr Index largest_size = 1'000'000;

    /// \param from  the layer's object in the JSON
    Keras1Layer(std::string file, const nlohmann::json& from)
        : file_(std::move(file)),
          name_(from.at("config").at("name").get<std::string>()),
          class_name_(from.at("class_name").get<std::string>()),
          settings_(from.at("config")),
          inbound_(from.value("inbound_nodes", nlohmann::json::array())) {}

    const std::string& name() const { return name_; }
    const std::string& class_name() const { return class_name_; }
    /// What feeds the layer: for each use of it a list of [layer, use, 0].
    const nlohmann::json& inbound() const { return inbound_; }

    [[noreturn]] void fail(const std::string& what) const {
        throw ModelError(file_ + ": layer " + name_ + " (" + class_name_ + "): " + what);
    }

    const nlohmann::json& setting(const char* key) const {
        const auto found = settings_.find(key);
        if (found == settings_.end()) fail(std::string("has no setting ") + key);
        return *found;
    }
    /// A setting that must have this one value.
    void expect(const char* key, const nlohmann::json& wanted) const {
        const nlohmann::json& found = setting(key);
        if (found != wanted) fail(std::string(key) + " is " + found.dump() + ", only " + wanted.dump() + " is supported here");
    }
    /// A whole number, at least 1.
    Index size(const char* key) const { return size_of(key, setting(key)); }
    /// Extent `axis` of the shape of an input layer, the batch being axis 0.
    Index input_extent(std::size_t axis, std::size_t rank) const {
        const nlohmann::json& shape = setting("batch_input_shape");
        if (!shape.is_array() || shape.size() != rank)
            fail("batch_input_shape is " + shape.dump() + ", expected are " + std::to_string(rank) + " extents, the batch among them");
        return size_of("batch_input_shape", shape[axis]);
    }
    /// A share in [0, 1).
    float rate(const char* key) const {
        const nlohmann::json& found = setting(key);
        const double value = found.is_number() ? found.get<double>() : -1.0;
        if (!(value >= 0.0 && value < 1.0)) fail(std::string(key) + " is " + found.dump() + ", expected is a share from 0 to below 1");
        return static_cast<float>(value);
    }
    std::string text(const char* key) const {
        const nlohmann::json& found = setting(key);
        if (!found.is_string()) fail(std::string(key) + " is " + found.dump() + ", expected is a text");
        return found.get<std::string>();
    }
    /// The layer inside a wrapper, which must be of this class.
    Keras1Layer wrapped(const char* wanted_class) const {
        Keras1Layer inner(file_, setting("layer"));
        if (inner.class_name_ != wanted_class)
            fail("wraps a layer of class " + inner.class_name_ + ", only " + wanted_class + " is supported here");
        return inner;
    }

  private:
    Index size_of(const char* key, const nlohmann::json& found) const {
        const Index value = found.is_number_integer() ? found.get<Index>() : 0;
        if (value < 1 || value > largest_size)
            fail(std::string(key) + " has " + found.dump() + ", expected is a whole number from 1 to " + std::to_string(largest_size));
        return value;
    }

    std::string file_, name_, class_name_;
    nlohmann::json settings_, inbound_;
};

}  // namespace chromatid::detail
