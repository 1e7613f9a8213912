// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

namespace chromatid {

/// Which way one direction of an LSTM reads, and which half of the output channels it writes.
enum class LstmDirection { forward, backward };

/// Kernel, recurrent kernel and bias of one direction, gates in the order i, f, c, o.
constexpr std::array<ParameterSpec, 3> lstm_parameters(const std::array<std::string_view, 3>& names, Index inputs, Index units) {
    return {ParameterSpec(names[0], Initializer::glorot_uniform(inputs, units), inputs, 4 * units),
            ParameterSpec(names[1], Initializer::orthogonal(units), units, 4 * units),
            ParameterSpec(names[2], Initializer::unit_forget_gate(), 4 * units)};
}

/// "BiLSTM<32>", "BiLSTM<32, HardSigmoidGates>"
template <class Gate>
std::string lstm_text(std::string_view name, Index units) {
    return std::string(name) + "<" + std::to_string(units) + (std::is_same_v<Gate, HardSigmoid> ? ", HardSigmoidGates>" : ">");
}

/// Sizes of one direction for an input shape.
template <AnyShape In>
constexpr LstmGeometry lstm_geometry(const In& in, Index units, Index batch, LstmDirection direction, Index out_channels) {
    const bool backwards = direction == LstmDirection::backward;
    return {.batch = batch, .length = length(in).value(), .inputs = channels(in).value(), .units = units, .out_channels = out_channels,
            .out_offset = backwards ? units : 0, .backwards = backwards};
}

/// Where the parameters of one direction begin, and where those of the next do.
template <class T>
struct LstmPointers : LstmParameters<T> {
    T* next;

    constexpr LstmPointers(T* first, const LstmGeometry& g)
        : LstmParameters<T>{first, first + g.inputs * 4 * g.units, first + (g.inputs + g.units) * 4 * g.units},
          next(this->bias + 4 * g.units) {}
};

template <class T>
LstmPointers(T*, const LstmGeometry&) -> LstmPointers<T>;

}  // namespace chromatid
