// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chromatid {

/// One layer of a network as people and files see it.
struct LayerDescription {
    std::string name;                       ///< unique in its network: the name given with `Name<"...">`, or kind and number, "conv1d_1"
    std::string kind;                       ///< the layer's type: "Conv1D"
    std::string text;                       ///< the layer with its sizes: "Conv1D<32, 26>"
    std::vector<Index> output;              ///< shape of one sample's output
    std::vector<ParameterSpec> parameters;  ///< its arrays, in the order of the flat buffer

    Index parameter_count() const {
        Index n = 0;
        for (const ParameterSpec& p : parameters) n += p.size();
        return n;
    }
};

class Description;

/// A layer made of layers: it describes them instead of itself.
template <class L, class In>
concept Composite = requires(const L& layer, const In& in, Description& description) { layer.describe(in, description); };

/// The layers of a network in the order in which they run, composites resolved.
class Description {
  public:
    const std::vector<LayerDescription>& layers() const& { return layers_; }
    std::vector<LayerDescription> layers() && { return std::move(layers_); }

    /// Runs of layers that the model's backend computes as one.
    struct FusedRun {
        Index first, count;  ///< layers
    };
    const std::vector<FusedRun>& fused() const { return fused_; }
    void add_fused(FusedRun run) { fused_.push_back(run); }

    Index parameter_count() const {
        Index n = 0;
        for (const LayerDescription& layer : layers_) n += layer.parameter_count();
        return n;
    }

    /// Appends a layer, or the layers of a composite, for the shape that reaches it.
    template <class L, AnyShape In>
    void add(const L& layer, const In& in) {
        if constexpr (Composite<L, In>) layer.describe(in, *this);
        else {
            const auto out = layer.output_shape(in);
            const auto parameters = parameters_of(layer, in);
            std::string_view given;
            if constexpr (requires { L::given_name(); }) given = L::given_name();
            append(given, L::name(), to_text(layer), out.values(), parameters);
        }
    }

  private:
    void append(std::string_view given, std::string_view kind, std::string text, std::span<const Index> output,
                std::span<const ParameterSpec> parameters) {
        layers_.push_back({unique_name(given, kind),
                           std::string(kind),
                           std::move(text),
                           {output.begin(), output.end()},
                           {parameters.begin(), parameters.end()}});
    }

    std::string unique_name(std::string_view given, std::string_view kind) {
        const std::string base = given.empty() ? snake_case(kind) : std::string(given);
        for (;;) {  // a number more where somebody was given the numbered name
            const int number = ++used_[base];
            std::string name = !given.empty() && number == 1 ? base : base + "_" + std::to_string(number);
            if (names_.insert(name).second) return name;
        }
    }

    /// "MaxPool1D" -> "max_pool1d", "BiLSTM" -> "bilstm"
    static std::string snake_case(std::string_view name) {
        const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
        const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
        std::string text;
        for (std::size_t i = 0; i < name.size(); ++i) {
            const bool begins_word = i > 0 && is_lower(name[i - 1]) && is_upper(name[i]) && i + 1 < name.size() && is_lower(name[i + 1]);
            if (begins_word) text += '_';
            text += static_cast<char>(is_upper(name[i]) ? name[i] - 'A' + 'a' : name[i]);
        }
        return text;
    }

    std::vector<LayerDescription> layers_;
    std::vector<FusedRun> fused_;
    std::map<std::string, int> used_;  // how often each base of a name was numbered
    std::set<std::string> names_;
};

/// Describes a network for an input shape.
template <class Net, AnyShape In>
Description describe(const Net& net, const In& in) {
    Description description;
    description.add(net, in);
    return description;
}

}  // namespace chromatid
