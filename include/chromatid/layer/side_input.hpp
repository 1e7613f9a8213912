// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

namespace chromatid {

/// Joins the side input (metadata of a window: expression, annotations) behind the features.
///
///     y = [x, side]
///
/// In  (features), out (features + Width). Both strands of a siamese see the same side input. A network may join it in several places;
/// each joins all of it.
///
/// \tparam Width  features of the side input, or `dyn`
/// \tparam P      `Name<"...">`
template <Index Width, class... P>
struct SideInput : Extents<Width>, Properties<Takes<kind::Name>, P...> {
    using Extents<Width>::Extents;
    static constexpr std::string_view name() { return "SideInput"; }
    constexpr auto width() const { return this->template extent<0>(); }
    constexpr Index side_size() const { return width().value(); }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<1>(in), "SideInput joins flat features: put Flatten or GlobalMaxPool1D before it");
        return shape(length(in) + width());
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<SideInput, In> {
        using T = typename B::Scalar;
        using Binding<SideInput, In>::Binding;

        void infer(Run<B>& run, const T*, View<const T> x, View<T> y) const {
            const Index rows = x.extent(0), features = this->in.size(), width = this->recipe.width().value();
            B::copy_rows(run.on, rows, features, x.data(), rows, features, y.data(), features + width);
            B::copy_rows(run.on, rows, width, run.side.data(), run.side.extent(0), width, y.data() + features, features + width);
        }
        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T*) const { infer(run, parameters, x, y); }
        void backward(Run<B>& run, const T*, View<const T> x, View<const T>, View<T> dy, View<T> dx, const T*, T*) const {
            const Index rows = x.extent(0), features = this->in.size();
            if (dx.data() != nullptr)
                B::copy_rows(run.on, rows, features, dy.data(), rows, features + this->recipe.width().value(), dx.data(), features);
        }
    };
};

}  // namespace chromatid
