// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/backend/cuda/kernel/four.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <algorithm>
#include <type_traits>

// A function of the elements of a few arrays, element by element: out_j[i] = f_j(in_0[i], in_1[i], ...). Bound by memory: where all arrays
// begin at multiples of 16 bytes a thread takes four neighbouring elements of each at once, 16 bytes a load, and the last n % 4 elements go
// to a thread each; elsewhere every thread takes single elements. There is no tile, only the registers of one group: all inputs of a group
// are read before its outputs are written, so outputs may be inputs. Each element is read and written once. Computed in float, the same in
// groups as alone.

namespace chromatid::cuda {

/// \tparam F  a value with `inputs` and `outputs`, the numbers of arrays, and `f(in, out)`, which computes one element of each: in[inputs]
///            to out[outputs]. Numbers that change from step to step are read once by a thread where it has `now()`, the function to call
///            instead.
template <class F>
struct Map {
    static constexpr int threads = 256;
    static constexpr Index most_blocks = 132 * 8;  ///< what a large device holds at once; more would only wait
    struct Shared {};

    F f;
    Index n;
    bool fours;
    const float* in[F::inputs];
    float* out[F::outputs];

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared&) const {
        block.each([&](int thread) {
            const Index first = block.x() * threads + thread, step = block.blocks_x() * threads, groups = fours ? n / 4 : 0;
            const auto function = now();
            for (Index i = first; i < groups; i += step) take<Four, 4>(function, i);
            for (Index i = 4 * groups + first; i < n; i += step) take<float, 1>(function, i);
        });
    }

  private:
    CHROMATID_HOST_DEVICE auto now() const {
        if constexpr (requires { f.now(); }) return f.now();
        else return f;
    }

    /// Elements [i * Size, (i + 1) * Size), which lie in a `T`.
    template <class T, int Size, class Function>
    CHROMATID_HOST_DEVICE void take(const Function& function, Index i) const {
        T from[F::inputs], to[F::outputs];
        CHROMATID_DEVICE_UNROLL
        for (int j = 0; j < F::inputs; ++j) from[j] = reinterpret_cast<const T*>(in[j])[i];
        CHROMATID_DEVICE_UNROLL
        for (int e = 0; e < Size; ++e) {
            float x[F::inputs], y[F::outputs];
            CHROMATID_DEVICE_UNROLL
            for (int j = 0; j < F::inputs; ++j) x[j] = number(from[j], e);
            function(x, y);
            CHROMATID_DEVICE_UNROLL
            for (int j = 0; j < F::outputs; ++j) number(to[j], e) = y[j];
        }
        CHROMATID_DEVICE_UNROLL
        for (int j = 0; j < F::outputs; ++j) reinterpret_cast<T*>(out[j])[i] = to[j];
    }
    static CHROMATID_HOST_DEVICE float& number(Four& four, int e) { return four.values[e]; }
    static CHROMATID_HOST_DEVICE float& number(float& one, int) { return one; }
};

/// Launches `f` on n elements of arrays; outputs may be inputs.
template <class E, class F>
void map(typename E::Context& on, Index n, const F& f, const float* const (&in)[F::inputs], float* const (&out)[F::outputs]) {
    if (n == 0) return;
    Map<F> kernel{f, n, true, {}, {}};
    for (int j = 0; j < F::inputs; ++j) {
        kernel.in[j] = in[j];
        kernel.fours = kernel.fours && come_in_fours({in[j]});
    }
    for (int j = 0; j < F::outputs; ++j) {
        kernel.out[j] = out[j];
        kernel.fours = kernel.fours && come_in_fours({out[j]});
    }
    const Index work = kernel.fours ? n / 4 + n % 4 : n;
    E::launch(on, Grid{std::min(blocks_of(work, Map<F>::threads), Map<F>::most_blocks)}, kernel);
}

}  // namespace chromatid::cuda
