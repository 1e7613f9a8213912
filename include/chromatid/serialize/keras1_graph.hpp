// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/serialize/keras1_layer.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chromatid::detail {

/// The layers that one strand passes in a Keras 1 siamese network, from its input layer to the one before the strands are merged.
struct Keras1Strand {
    std::vector<Keras1Layer> layers;
    std::optional<Keras1Layer> side;  ///< input layer that a "concat" merge joins
};

/// The graph of a Keras 1 `Model` whose output is the mean of two strands. Every layer but inputs and merges must serve both strands.
class Keras1Graph {
  public:
    /// \param file  where the text comes from, for messages
    /// \throws nlohmann::json::exception where the text is not the JSON of a Keras model, ModelError for one that is not such a network
    Keras1Graph(std::string file, const std::string& text) : file_(std::move(file)) {
        const nlohmann::json model = nlohmann::json::parse(text);
        if (model.contains("keras_version")) version_ = model.at("keras_version").get<std::string>();
        if (!version_.empty() && !version_.starts_with("1."))
            throw ModelError(file_ + ": written by Keras " + version_ + "; this reads architectures of Keras 1");
        if (const auto kind = model.at("class_name").get<std::string>(); kind != "Model")
            throw ModelError(file_ + ": the architecture is a " + kind + ", expected is a Model with one input for each strand");
        read(model.at("config"));
    }

    const std::string& file() const { return file_; }
    /// "1.1.1"; empty where the text does not say.
    const std::string& version() const { return version_; }
    /// The forward strand's way; the reverse strand passes the same layers.
    const Keras1Strand& strand() const { return strands_[0]; }

  private:
    void read(const nlohmann::json& config) {
        for (const nlohmann::json& entry : config.at("layers")) {
            Keras1Layer layer(file_, entry);
            const std::string name = layer.name();
            if (!layers_.emplace(name, std::move(layer)).second) throw ModelError(file_ + ": two layers are named " + name);
        }
        const nlohmann::json& outputs = config.at("output_layers");
        if (outputs.size() != 1)
            throw ModelError(file_ + ": the model has " + std::to_string(outputs.size()) + " outputs, expected is one");
        const Keras1Layer& merge = layer(outputs.at(0));
        if (merge.class_name() != "Merge") merge.fail("is the output, expected is a Merge of both strands");
        merge.expect("mode", "ave");
        const nlohmann::json& ends = feeds(merge, outputs.at(0));
        if (ends.size() != 2) merge.fail("merges " + std::to_string(ends.size()) + " arrays, expected are two strands");
        for (std::size_t i = 0; i < 2; ++i) strands_[i] = follow(ends.at(i));
        compare();
    }

    const Keras1Layer& layer(const nlohmann::json& reference) const {
        const auto name = reference.at(0).get<std::string>();
        const auto found = layers_.find(name);
        if (found == layers_.end()) throw ModelError(file_ + ": layer " + name + " is fed into the network but not among its layers");
        return found->second;
    }

    /// What one use of a layer reads: references to other layers.
    static const nlohmann::json& feeds(const Keras1Layer& layer, const nlohmann::json& reference) {
        return layer.inbound().at(reference.at(1).get<std::size_t>());
    }

    /// Goes from a strand's last layer back to its input.
    Keras1Strand follow(nlohmann::json reference) const {
        Keras1Strand strand;
        for (;;) {
            const Keras1Layer& at = layer(reference);
            if (strand.layers.size() == layers_.size()) at.fail("feeds itself");
            strand.layers.insert(strand.layers.begin(), at);
            if (at.class_name() == "InputLayer") return strand;
            const nlohmann::json& sources = feeds(at, reference);
            const bool joins = at.class_name() == "Merge";
            if (sources.size() != (joins ? 2 : 1))
                at.fail("reads " + std::to_string(sources.size()) + " arrays, expected " + (joins ? "are two" : "is one"));
            if (joins) {
                at.expect("mode", "concat");
                if (const nlohmann::json& axis = at.setting("concat_axis"); axis != -1 && axis != 1)
                    at.fail("concat_axis is " + axis.dump() + ", expected is -1");
                const Keras1Layer& side = layer(sources.at(1));
                if (side.class_name() != "InputLayer") at.fail("joins " + side.name() + " behind the features, expected is an InputLayer");
                if (strand.side) at.fail("is a second place where a side input joins, only one is supported here");
                strand.side = side;
            }
            reference = sources.at(0);
        }
    }

    void compare() const {
        const auto& [forward, reverse] = strands_;
        const auto differ = [&](const std::string& what) { throw ModelError(file_ + ": the two strands differ: " + what); };
        if (forward.layers.size() != reverse.layers.size()) differ("one passes more layers than the other");
        for (std::size_t i = 0; i < forward.layers.size(); ++i) {
            const Keras1Layer &f = forward.layers[i], &r = reverse.layers[i];
            if (f.class_name() == "InputLayer") {
                if (f.name() == r.name()) differ("both read " + f.name());
                if (f.setting("batch_input_shape") != r.setting("batch_input_shape"))
                    differ(f.name() + " and " + r.name() + " have different shapes");
            } else if (f.class_name() == "Merge" ? r.class_name() != "Merge" : f.name() != r.name())
                differ("one passes " + f.name() + ", the other " + r.name() + "; they must share their layers");
        }
        if (forward.side && forward.side->name() != reverse.side->name())
            differ("they join " + forward.side->name() + " and " + reverse.side->name());
    }

    std::string file_, version_;
    std::map<std::string, Keras1Layer> layers_;
    std::array<Keras1Strand, 2> strands_;
};

}  // namespace chromatid::detail
