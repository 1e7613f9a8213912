// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/description.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace chromatid {

/// A table of the layers as Keras prints it: name and type, output shape, number of parameters; the total below.
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
    return table + rule + "\nTotal parameters: " + std::to_string(description.parameter_count()) + "\n";
}

/// The same for a recipe and an input shape, without a model.
template <class Net, AnyShape In>
std::string summary(const Net& net, const In& in) { return summary(describe(net, in)); }

}  // namespace chromatid
