// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/description.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace chromatid {

/// A table of the layers as Keras prints it: name and type, output shape, number of parameters; below the total, and of a model the layers
/// that run as one.
inline std::string summary(const Description& description) {
    const auto padded = [](std::string text, std::size_t width) {
        text.resize(std::max(text.size(), width), ' ');
        return text;
    };
    const std::string rule(88, '=');
    std::string table = padded("Layer (type)", 58) + padded("Output shape", 18) + "Parameters\n" + rule + "\n";
    for (const LayerDescription& layer : description.layers())
        table += padded(layer.name + " (" + layer.text + ")", 58) + padded(to_string(std::span<const Index>(layer.output)), 18) +
                 std::to_string(layer.parameter_count()) + "\n";
    table += rule + "\nTotal parameters: " + std::to_string(description.parameter_count()) + "\n";
    for (const Description::FusedRun& run : description.fused()) {
        table += "Fused:";
        for (Index i = run.first; i < run.first + run.count; ++i)
            table += (i > run.first ? " + " : " ") + description.layers()[static_cast<std::size_t>(i)].name;
        table += "\n";
    }
    return table;
}

/// The same for a recipe and an input shape, without a model.
template <class Net, AnyShape In>
std::string summary(const Net& net, const In& in) { return summary(describe(net, in)); }

}  // namespace chromatid
