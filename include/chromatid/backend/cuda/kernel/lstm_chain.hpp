// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/gates.hpp>
#include <chromatid/backend/cuda/kernel/four.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

namespace chromatid::cuda {

/// One direction of a recurrence, as its kernels see it. All arrays have a row for each position of each sequence: row = sequence * length
/// + position.
struct LstmChain {
    const float* recurrent = nullptr;  ///< (units, 4 units), gates in the order i, f, c, o
    const float* masks = nullptr;      ///< of the states, (batch, 4, units), or null
    const float* bias = nullptr;       ///< (4 units)
    float* gates = nullptr;            ///< (rows, 4 units): x W; in training the gates are written over it
    float* y = nullptr;                ///< the first channel of this direction
    float* h_before = nullptr;         ///< (rows, units), training: the state that a step began with
    float* c_before = nullptr;
    float* tanh_c = nullptr;           ///< (rows, units), training: tanh of the cell that a step ended with
    bool backwards = false;
};

/// One direction of a recurrence's gradient.
struct LstmChainBackward {
    const float* recurrent = nullptr;
    const float* masks = nullptr;
    const float* gates = nullptr;
    const float* c_before = nullptr;
    const float* tanh_c = nullptr;
    const float* dy = nullptr;  ///< the first channel of this direction
    float* dz = nullptr;        ///< (rows, 4 units): the gradient before the gate functions
    bool backwards = false;
};

/// The directions that one launch runs, chosen by `Block::y()`, over the same sequences.
template <class Chain>
struct LstmChains {
    Chain first, second;
    Index batch, length;
    Index y_width;  ///< from one row of y or dy to the next

    CHROMATID_HOST_DEVICE Chain operator[](Index direction) const { return direction == 0 ? first : second; }
    /// The row of a sequence's first position to be read, and the way to the next.
    CHROMATID_HOST_DEVICE int first_row(Index sequence, bool backwards) const {
        return static_cast<int>(sequence * length + (backwards ? length - 1 : 0));
    }
};

/// One step of one unit of one sequence: c and h become those of this step, and what the chain keeps of them is written.
/// \param z         what goes into the gates i, f, c, o
/// \param real      whether there is such a sequence; nothing is written otherwise
/// \tparam Training  keeps gates, states and cells for the gradient
template <int Units, class Gate, class Math, bool Training>
CHROMATID_HOST_DEVICE void lstm_cell_step(const LstmChain& chain, Index y_width, Index row, int unit, const float (&z)[4], bool real,
                                          float& c, float& h) {
    const float i = gate<Gate, Math>(z[0]), f = gate<Gate, Math>(z[1]);
    const float candidate = cell_tanh<Math>(z[2]), o = gate<Gate, Math>(z[3]);
    const float cell = f * c + i * candidate, bent = cell_tanh<Math>(cell), state = o * bent;
    if (real) {
        chain.y[row * y_width + unit] = state;
        if constexpr (Training) {
            float* kept = chain.gates + row * (4 * Units) + unit;
            kept[0] = i;
            kept[Units] = f;
            kept[2 * Units] = candidate;
            kept[3 * Units] = o;
            chain.h_before[row * Units + unit] = h;
            chain.c_before[row * Units + unit] = c;
            chain.tanh_c[row * Units + unit] = bent;
        }
    }
    c = cell;
    h = state;
}

}  // namespace chromatid::cuda
