// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/activation.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/global_max_pool1d.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>

#include <type_traits>

namespace chromatid {

/// What a layer can be in a fused run, see `Fusion`.
enum class FusionPart { other, conv, linear_conv, relu, dropout, dense, linear_dense, pool, global_pool };

namespace detail {
template <class A>
constexpr FusionPart by_activation(FusionPart with_relu, FusionPart without) {
    return std::is_same_v<A, ReLU> ? with_relu : std::is_same_v<A, Linear> ? without : FusionPart::other;
}
}  // namespace detail

template <class L>
inline constexpr FusionPart fusion_part = FusionPart::other;
template <Index Filters, Index Width, class... P>
inline constexpr FusionPart fusion_part<Conv1D<Filters, Width, P...>> =
    Conv1D<Filters, Width, P...>::is_padded
        ? FusionPart::other
        : detail::by_activation<typename Conv1D<Filters, Width, P...>::Activation>(FusionPart::conv, FusionPart::linear_conv);
template <class... P>
inline constexpr FusionPart fusion_part<Activation<ReLU, P...>> = FusionPart::relu;
template <>
inline constexpr FusionPart fusion_part<Dropout> = FusionPart::dropout;
template <Index Units, class... P>
inline constexpr FusionPart fusion_part<TimeDistributedDense<Units, P...>> =
    detail::by_activation<typename TimeDistributedDense<Units, P...>::Activation>(FusionPart::dense, FusionPart::linear_dense);
template <Index Window, class... P>
inline constexpr FusionPart fusion_part<MaxPool1D<Window, P...>> = FusionPart::pool;
template <>
inline constexpr FusionPart fusion_part<GlobalMaxPool1D> = FusionPart::global_pool;

}  // namespace chromatid
