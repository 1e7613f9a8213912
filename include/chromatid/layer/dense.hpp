// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/linear_map.hpp>

namespace chromatid {

/// A fully connected layer over flat features.
///
///     y = act(x W + b)
///
/// In  (features), out (Units). Parameters: kernel (features, Units), bias (Units).
///
/// \tparam Units  output features, or `dyn`
/// \tparam P      an activation (default `Linear`), `NoBias`, `Name<"...">`
template <Index Units, class... P>
struct Dense : Extents<Units>, Properties<Takes<kind::Activation, kind::Bias, kind::Name>, P...> {
    using Activation = property_or<kind::Activation, Linear, P...>;

    using Extents<Units>::Extents;
    static constexpr std::string_view name() { return "Dense"; }
    constexpr auto units() const { return this->template extent<0>(); }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<1>(in),
                         "Dense needs flat features: put Flatten or GlobalMaxPool1D before it, or use TimeDistributedDense");
        return shape(units());
    }

    template <AnyShape In>
    constexpr auto parameters(const In& in) const { return linear_map_parameters<Dense::has_bias>(channels(in).value(), units().value()); }

    template <AnyShape In, Backend B>
    struct Bound : LinearMap<Dense, In, B> {
        using LinearMap<Dense, In, B>::LinearMap;
    };
};

}  // namespace chromatid
