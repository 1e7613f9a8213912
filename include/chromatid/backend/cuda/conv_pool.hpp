// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/conv_pool_general.hpp>
#include <chromatid/backend/cuda/kernel/front_run.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace chromatid::cuda {

namespace detail {

/// Whether a run has a kernel of its own at this precision.
template <class Precision>
constexpr bool has_front(const ConvPoolGeometry& g) {
    if constexpr (std::is_void_v<FrontFor<Precision>>) return false;
    else return FrontFor<Precision>::takes(g);
}

/// Whether that one needs scratch and a tape in a layout of its own.
template <class Precision>
inline constexpr bool packs_front = !std::is_void_v<FrontFor<Precision>> && !std::is_same_v<FrontFor<Precision>, ExactFront>;

/// Whether a run goes through that kernel: one that has it, on a device whose blocks may have as much shared memory as it needs.
template <class E, class Precision>
bool takes_front(const typename E::Context& on, const ConvPoolGeometry& g, bool training) {
    if constexpr (std::is_void_v<FrontFor<Precision>>) return false;
    else return has_front<Precision>(g) && FrontFor<Precision>::shared_memory(g, training) <= on.shared_memory();
}

/// Whether backward goes through a kernel of its own: not for dense windows, of which a layer before may want the gradient.
template <class E, class Precision>
bool trains_front(const typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x) {
    return packs_front<Precision> && takes_front<E, Precision>(on, g, true) && x.encoded();
}

}  // namespace detail

/// Floats of scratch memory that `conv_pool` takes, however many windows.
template <class Precision>
Index conv_pool_scratch(const ConvPoolGeometry& g) {
    const Index general = conv_pool_general_scratch(g);
    if constexpr (detail::packs_front<Precision>)
        if (detail::has_front<Precision>(g)) return std::max(general, FrontFor<Precision>::scratch(g));
    return general;
}

/// The fused run of `ConvPoolGeometry` in inference: x (rows, length, channels), y (rows, out_length, features). What has the sizes of a
/// front, see `is_front`, is one kernel; all else, and devices with less shared memory than it takes, go through `conv_pool_general`.
template <class E, class Precision>
void conv_pool(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const ConvPoolParameters<const float>& p,
               float* y, float* scratch) {
    if (!detail::takes_front<E, Precision>(on, g, false)) return conv_pool_general<E, Precision>(on, g, x, p, y, scratch);
    const FrontMask none{{}, 0, 0, 1.0F};
    if constexpr (detail::packs_front<Precision>) FrontFor<Precision>::template forward<E>(on, g, x, none, p, y, nullptr, scratch);
    else if constexpr (!std::is_void_v<FrontFor<Precision>>) ExactFront::forward<E>(on, g, x, none, p, y, nullptr);
}

/// Floats that `conv_pool_forward` keeps for `conv_pool_backward`.
template <class Precision>
Index conv_pool_tape(const ConvPoolGeometry& g, Index rows) {
    const Index general = conv_pool_general_tape(g, rows);
    if constexpr (detail::packs_front<Precision>)
        if (detail::has_front<Precision>(g)) return std::max(general, FrontFor<Precision>::tape(g, rows));
    return general;
}

/// Floats of scratch memory that either pass of training takes, however many windows.
template <class Precision>
Index conv_pool_training_scratch(const ConvPoolGeometry& g) {
    const Index general = conv_pool_general_training_scratch(g);
    if constexpr (detail::packs_front<Precision>)
        if (detail::has_front<Precision>(g)) return std::max(general, FrontFor<Precision>::training_scratch(g));
    return general;
}

/// The fused run in training, with a pool and step, dilation and spacing 1. Element t * filters + f of the dropped activations of row r
/// draws as element of layer `layer` and that row, see `Draws`.
/// \param y     (rows, out_length, features)
/// \param tape  `conv_pool_tape` floats
template <class E, class Precision>
void conv_pool_forward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                       const ConvPoolParameters<const float>& p, float* y, float* tape, float* scratch) {
    if constexpr (detail::packs_front<Precision>) {
        if (detail::trains_front<E, Precision>(on, g, x))
            return FrontFor<Precision>::template forward<E>(on, g, x, front_mask<E>(on, g, draws, layer), p, y, tape, scratch);
    } else if constexpr (std::is_same_v<FrontFor<Precision>, ExactFront>) {
        if (detail::takes_front<E, Precision>(on, g, true))
            return ExactFront::forward<E>(on, g, x, front_mask<E>(on, g, draws, layer), p, y, reinterpret_cast<std::int32_t*>(tape));
    }
    conv_pool_general_forward<E, Precision>(on, g, x, draws, layer, p, y, tape, scratch);
}

/// Adds to the gradients of all parameters, and writes dx (rows, length, channels) where it is not null: of each row as the row is read, so
/// that the other strand's is not turned back. The gradient of a maximum goes to the first one of its bin. There is no dx of encoded
/// windows.
/// \param y, tape  what `conv_pool_forward` wrote for the same windows, draws and parameters
/// \param dy       (rows, out_length, features)
template <class E, class Precision>
void conv_pool_backward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                        const ConvPoolParameters<const float>& p, const float* y, const float* dy, float* dx,
                        const ConvPoolParameters<float>& gradients, const float* tape, float* scratch) {
    if constexpr (detail::packs_front<Precision>)
        if (detail::trains_front<E, Precision>(on, g, x))
            return FrontFor<Precision>::template backward<E>(on, g, x, front_mask<E>(on, g, draws, layer), p, y, dy, gradients, tape,
                                                             scratch);
    conv_pool_general_backward<E, Precision>(on, g, x, draws, layer, p, y, dy, dx, gradients, tape, scratch);
}

}  // namespace chromatid::cuda
