// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

#include <string>

namespace chromatid {

/// Drops a share of its input while training; passes everything on in inference. Srivastava et al. 2014.
///
///     y = x mask / (1 - rate)
///
/// Each element of each window and strand is kept or dropped by its own random number, see `Draws`.
///
/// In  any shape, out the same.
class Dropout {
  public:
    static constexpr bool in_place = true;
    static constexpr bool translation_equivariant = true;
    static constexpr bool random = true;

    /// \param rate  share of the elements dropped, in [0, 1)
    /// \throws ShapeError when the rate lies outside
    constexpr explicit Dropout(float rate = 0.5F) : rate_(rate) {
        if (!(rate >= 0.0F && rate < 1.0F)) throw ShapeError("Dropout: the rate must lie in [0, 1), not " + std::to_string(rate));
    }
    constexpr float rate() const { return rate_; }
    static constexpr std::string_view name() { return "Dropout"; }
    std::string to_text() const {
        std::string rate = std::to_string(rate_);
        return "Dropout(" + rate.substr(0, rate.find_last_not_of("0.") == std::string::npos ? 1 : rate.find_last_not_of('0') + 1) + ")";
    }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const { return in; }

    template <AnyShape In, Backend B>
    struct Bound : Binding<Dropout, In> {
        using T = typename B::Scalar;
        using Binding<Dropout, In>::Binding;

        void infer(Run<B>& run, const T*, View<const T> x, View<T> y) const {
            if (x.data() != y.data()) B::copy(run.on, x.size(), x.data(), y.data());
        }
        void forward(Run<B>& run, const T*, View<const T> x, View<T> y, T*) const { drop(run, x, y); }
        void backward(Run<B>& run, const T*, View<const T>, View<const T>, View<T> dy, View<T> dx, const T*, T*) const {
            if (dx.data() != nullptr) drop(run, dy, dx);
        }

      private:
        /// The same mask in both passes: it is drawn again, not kept.
        void drop(Run<B>& run, View<const T> from, View<T> to) const {
            if (this->recipe.rate() > 0.0F)
                B::dropout(run.on, run.draws, run.layer, from.extent(0), this->in.size(), this->recipe.rate(), from.data(), to.data());
            else infer(run, nullptr, from, to);
        }
    };

  private:
    float rate_;
};

}  // namespace chromatid
