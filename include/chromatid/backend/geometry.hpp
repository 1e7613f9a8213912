// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <array>

namespace chromatid {

/// Sizes of a one-dimensional convolution over channels-last arrays.
///
///     y[b, t, f] = bias[f] + sum_{j < width, c} x[b, t * stride + j * dilation - padding, c] * kernel[j, c, f]
///
/// Positions of x outside [0, length) count as 0.
struct Conv1DGeometry {
    Index batch, length, channels;
    Index out_length, filters, width;
    Index stride = 1, dilation = 1, padding = 0;
};

/// Sizes of a maximum over windows: y[b, t, c] = max_{j < window} x[b, t * stride + j, c].
struct Pool1DGeometry {
    Index batch, length, channels;
    Index out_length, window, stride;
};

/// Sizes of one direction of an LSTM. The output of each step goes to `units` neighbouring channels of `out_channels`, beginning at
/// `out_offset`.
struct LstmGeometry {
    Index batch, length, inputs, units;
    Index out_channels, out_offset;
    bool backwards;  ///< read the sequence from its end; step t of the output has then consumed positions t to length - 1

    /// Elements of weights, bias and states of a few rows, packed for kernels.
    constexpr Index packed() const { return ((inputs + 2 * units + 1) * 4 + 54) * (units + 15); }
    /// Scratch elements: the gates' input projections of all steps, the states h and c, and what is packed.
    constexpr Index scratch() const { return batch * (length * 4 * units + 2 * units) + packed(); }

    /// Elements kept from the forward to the backward pass: inputs, gates and states of all steps.
    constexpr Index tape() const { return batch * (length * (inputs + 7 * units) + 2 * units); }
    /// Scratch elements of either pass.
    constexpr Index training_scratch() const {
        return batch * (length * (4 * units + 2 * (inputs > units ? inputs : units)) + 4 * units) + packed();
    }
};

/// The parameters of one direction of an LSTM, or their gradients; gates in the order i, f, c, o, each `units` wide.
template <class T>
struct LstmParameters {
    T* kernel;     ///< (inputs, 4 units)
    T* recurrent;  ///< (units, 4 units)
    T* bias;       ///< (4 units)
};

/// What the two directions of a bidirectional LSTM have each for itself, the one that begins at the start of a sequence first.
template <class T>
using BothLstms = std::array<T, 2>;

/// Masks of an LSTM's dropout, scaled by 1 / (1 - rate): row b holds those of the gates i, f, c, o side by side. Null where nothing is
/// dropped.
template <class T>
struct LstmMasks {
    const T* input;  ///< (batch, 4, inputs)
    const T* state;  ///< (batch, 4, units)
};

}  // namespace chromatid
