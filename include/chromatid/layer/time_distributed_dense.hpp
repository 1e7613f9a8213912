// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/linear_map.hpp>

namespace chromatid {

/// The same fully connected layer at every position.
///
///     y[t] = act(x[t] W + b)
///
/// In  (length, channels), out (length, Units). Parameters: kernel (channels, Units), bias (Units).
///
/// \tparam Units  output channels, or `dyn`
/// \tparam P      an activation (default `Linear`), `NoBias`, `Name<"...">`
template <Index Units, class... P>
struct TimeDistributedDense : Extents<Units>, Properties<Takes<kind::Activation, kind::Bias, kind::Name>, P...> {
    using Activation = property_or<kind::Activation, Linear, P...>;
    static constexpr bool translation_equivariant = true;

    using Extents<Units>::Extents;
    static constexpr std::string_view name() { return "TimeDistributedDense"; }
    constexpr auto units() const { return this->template extent<0>(); }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "TimeDistributedDense needs (length, channels): put it before Flatten, or use Dense");
        return shape(length(in), units());
    }

    template <AnyShape In>
    constexpr auto parameters(const In& in) const {
        return linear_map_parameters<TimeDistributedDense::has_bias>(channels(in).value(), units().value());
    }

    template <AnyShape In, Backend B>
    struct Bound : LinearMap<TimeDistributedDense, In, B> {
        using LinearMap<TimeDistributedDense, In, B>::LinearMap;
    };
};

}  // namespace chromatid
