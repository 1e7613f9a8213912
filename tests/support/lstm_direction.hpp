// SPDX-License-Identifier: MIT
#pragma once

#include "emulated_array.hpp"
#include "random_arrays.hpp"

#include <chromatid/backend/cpu/lstm_plain.hpp>
#include <chromatid/backend/cpu/lstm_training_plain.hpp>
#include <chromatid/backend/geometry.hpp>

#include <cstddef>
#include <vector>

namespace chromatid::test {

/// What an LSTM's dropout masks.
enum class Masked { none, inputs, states, both };

/// Random arrays of one direction of an LSTM, and the direction in double.
struct LstmDirection {
    LstmGeometry g;
    Tensor<double> kernel, recurrent, bias, input_masks, state_masks, dkernel, drecurrent, dbias;  // gradients: what is there before

    LstmDirection(const LstmGeometry& geometry, Masked masked, Draw& draw) : g(geometry) {
        const double scale = g.units >= 128 ? 0.125 : 0.25;  // neither explodes nor dies out
        kernel = draw.array({g.inputs, 4 * g.units}, 0.5);
        recurrent = draw.array({g.units, 4 * g.units}, scale);
        bias = draw.array({4 * g.units}, 0.5);
        dkernel = draw.array(kernel.extents());
        drecurrent = draw.array(recurrent.extents());
        dbias = draw.array(bias.extents());
        input_masks = random_masks(draw, masked == Masked::inputs || masked == Masked::both, g.inputs);
        state_masks = random_masks(draw, masked == Masked::states || masked == Masked::both, g.units);
    }

    LstmMasks<double> masks() const {
        return {input_masks.size() > 0 ? input_masks.data() : nullptr, state_masks.size() > 0 ? state_masks.data() : nullptr};
    }
    template <class Gate>
    void infer_plainly(const Tensor<double>& x, Tensor<double>& y) const {
        std::vector<double> scratch(static_cast<std::size_t>(g.scratch()));
        cpu::lstm_plain<Gate>(g, x.data(), kernel.data(), recurrent.data(), bias.data(), y.data(), scratch.data());
    }
    template <class Gate>
    void train_plainly(const Tensor<double>& x, const Tensor<double>& dy, bool add, Tensor<double>& y, Tensor<double>& dx) {
        std::vector<double> tape(static_cast<std::size_t>(g.tape())), scratch(static_cast<std::size_t>(g.training_scratch()));
        cpu::lstm_forward_plain<Gate>(g, masks(), x.data(), kernel.data(), recurrent.data(), bias.data(), y.data(), tape.data(),
                                      scratch.data());
        cpu::lstm_backward_plain<Gate>(g, masks(), kernel.data(), recurrent.data(), dy.data(), add, dx.data(), dkernel.data(),
                                       drecurrent.data(), dbias.data(), tape.data(), scratch.data());
    }

  private:
    Tensor<double> random_masks(Draw& draw, bool wanted, Index width) const {
        Tensor<double> m({wanted ? g.batch : 0, 4, width});
        for (double& v : m.span()) v = draw.number() < -0.5 ? 0.0 : 1.5;
        return m;
    }
};

/// A context, as a base that is made before the arrays.
struct EmulatedContext {
    cuda::Emulator::Context on;
};

/// The same arrays on the emulated device, and a tape.
struct LstmDirectionOnDevice {
    EmulatedArray<float> kernel, recurrent, bias, input_masks, state_masks, dkernel, drecurrent, dbias, tape;

    LstmDirectionOnDevice(cuda::Emulator::Context& on, const LstmDirection& d)
        : kernel(on, d.kernel),
          recurrent(on, d.recurrent),
          bias(on, d.bias),
          input_masks(on, d.input_masks),
          state_masks(on, d.state_masks),
          dkernel(on, d.dkernel),
          drecurrent(on, d.drecurrent),
          dbias(on, d.dbias),
          tape(d.g.tape()) {}

    LstmMasks<float> masks() const {
        return {input_masks.size() > 0 ? input_masks.data() : nullptr, state_masks.size() > 0 ? state_masks.data() : nullptr};
    }
    LstmParameters<const float> parameters() const { return {kernel.data(), recurrent.data(), bias.data()}; }
    LstmParameters<float> gradients() const { return {dkernel.data(), drecurrent.data(), dbias.data()}; }
};

}  // namespace chromatid::test
