// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/gates.hpp>
#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/host_device.hpp>

// What an LSTM of any size does between its matrix products: one unit of one sample a thread, nothing in shared memory, neighbouring
// threads on neighbouring units. Gates lie in the order i, f, c, o, each `units` wide; z is what the products gave, without the bias.
// Float32 throughout; each place is written by one thread, and sums of the four gates go in their order.

namespace chromatid::cuda {

/// Position that step `step` reads.
inline CHROMATID_HOST_DEVICE Index lstm_position(const LstmGeometry& g, Index step) { return g.backwards ? g.length - 1 - step : step; }

/// One step in inference: element i of (batch, units).
template <class Gate, class Math>
struct LstmCell {
    LstmGeometry g;
    Index position;
    const float *z, *bias;  ///< (batch, length, 4 units), (4 units)
    float *h, *c;           ///< (batch, units) each, of the step before, then of this one
    float* y;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [b, u] = split(i, g.units);
        const Index place = b * g.length + position;
        const float* const zu = z + place * 4 * g.units + u;
        const float in = gate<Gate, Math>(zu[0] + bias[u]), forget = gate<Gate, Math>(zu[g.units] + bias[g.units + u]);
        const float candidate = cell_tanh<Math>(zu[2 * g.units] + bias[2 * g.units + u]);
        const float out = gate<Gate, Math>(zu[3 * g.units] + bias[3 * g.units + u]);
        c[i] = forget * c[i] + in * candidate;
        h[i] = out * cell_tanh<Math>(c[i]);
        y[place * g.out_channels + g.out_offset + u] = h[i];
    }
};

/// One step in training: element i of (batch, units). Keeps what the backward pass reads.
template <class Gate, class Math>
struct LstmTrainingCell {
    LstmGeometry g;
    Index position;
    const float* bias;
    float* gates;           ///< (batch, 4 units): z, then the gates
    const float* c_before;  ///< (batch, units), as the others
    float *c, *tanh_c, *h;
    float* y;
    const float* masks;  ///< (batch, 4, units), or null
    float* masked;       ///< (batch, 4, units): h as each gate of the next step sees it; where there are masks

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [b, u] = split(i, g.units);
        float* const zu = gates + b * 4 * g.units + u;
        const float in = gate<Gate, Math>(zu[0] + bias[u]), forget = gate<Gate, Math>(zu[g.units] + bias[g.units + u]);
        const float candidate = cell_tanh<Math>(zu[2 * g.units] + bias[2 * g.units + u]);
        const float out = gate<Gate, Math>(zu[3 * g.units] + bias[3 * g.units + u]);
        const float state = forget * c_before[i] + in * candidate, bent = cell_tanh<Math>(state), shown = out * bent;
        zu[0] = in, zu[g.units] = forget, zu[2 * g.units] = candidate, zu[3 * g.units] = out;
        c[i] = state, tanh_c[i] = bent, h[i] = shown;
        y[(b * g.length + position) * g.out_channels + g.out_offset + u] = shown;
        if (masks == nullptr) return;
        for (Index k = b * 4 * g.units + u, end = k + 4 * g.units; k < end; k += g.units) masked[k] = masks[k] * shown;
    }
};

/// One step backward, element i of (batch, units): dz of the gates, and dc of the step before, from dh and dc of this one.
///
///     dz_i = dc g i'    dz_f = dc c_before f'    dz_g = dc i (1 - g g)    dz_o = dh tanh(c) o'    dc_before = dc f
template <class Gate>
struct LstmCellBackward {
    LstmGeometry g;
    Index position;
    bool last;  ///< no step comes after this one: dh and dc are 0, and not there
    const float *gates, *c_before, *tanh_c;
    const float* dy;
    const float* dh;  ///< (batch, units), or (batch, 4, units) where masks hold for each gate's share
    const float* masks;
    float *dc, *dz;  ///< (batch, units), (batch, 4 units)

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [b, u] = split(i, g.units);
        const Index first = b * 4 * g.units + u;
        const float* const zu = gates + first;
        const float in = zu[0], forget = zu[g.units], candidate = zu[2 * g.units], out = zu[3 * g.units], bent = tanh_c[i];
        float dhu = dy[(b * g.length + position) * g.out_channels + g.out_offset + u];
        if (!last) {
            if (masks == nullptr) dhu += dh[i];
            else
                for (Index k = first, end = k + 4 * g.units; k < end; k += g.units) dhu += masks[k] * dh[k];
        }
        const float dcu = (last ? 0.0F : dc[i]) + dhu * out * (1.0F - bent * bent);
        float* const to = dz + first;
        to[0] = dcu * candidate * Gate::slope(in);
        to[g.units] = dcu * c_before[i] * Gate::slope(forget);
        to[2 * g.units] = dcu * in * (1.0F - candidate * candidate);
        to[3 * g.units] = dhu * bent * Gate::slope(out);
        dc[i] = dcu * forget;
    }
};

/// The input of an LSTM, step by step instead of sample by sample: element i of (length, batch, inputs).
struct StepByStep {
    LstmGeometry g;
    const float* x;
    float* steps;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, k] = split(i, g.inputs);
        const auto [step, b] = split(row, g.batch);
        steps[i] = x[(b * g.length + lstm_position(g, step)) * g.inputs + k];
    }
};

/// And the gradient back, under the masks of one gate where there are masks: writes dx or adds to it.
struct SampleBySample {
    LstmGeometry g;
    const float* steps;
    const float* masks;  ///< those of the gate for the first sample, or null
    bool add;
    float* dx;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, k] = split(i, g.inputs);
        const auto [step, b] = split(row, g.batch);
        const float value = masks == nullptr ? steps[i] : masks[b * 4 * g.inputs + k] * steps[i];
        float* const to = dx + (b * g.length + lstm_position(g, step)) * g.inputs + k;
        *to = add ? *to + value : value;
    }
};

/// Rows (steps, batch, width) under the masks of one gate, which are the same at all steps.
struct MaskSteps {
    Index batch, width;
    const float* x;
    const float* masks;  ///< those of the gate for the first sample
    float* masked;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, k] = split(i, width);
        masked[i] = x[i] * masks[split(row, batch).column * 4 * width + k];
    }
};

}  // namespace chromatid::cuda
