// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/extents.hpp>

#include <string>

namespace chromatid {

/// Dropout inside an LSTM while training: for each gate one mask of the inputs and one of the state, drawn for each window, strand and
/// direction, and the same at all positions. What Keras 1 calls dropout_W and dropout_U; Gal and Ghahramani 2016.
struct LstmDropout {
    float input = 0.0F;  ///< share of the inputs dropped, in [0, 1)
    float state = 0.0F;  ///< share of the state dropped, in [0, 1)

    constexpr bool operator==(const LstmDropout&) const = default;
    /// \throws ShapeError when a rate lies outside [0, 1)
    constexpr const LstmDropout& checked() const {
        for (const float rate : {input, state})
            if (!(rate >= 0.0F && rate < 1.0F)) throw ShapeError("LstmDropout: a rate must lie in [0, 1), not " + std::to_string(rate));
        return *this;
    }
};

/// The number of units, static or `dyn`, and the dropout of an LSTM recipe.
template <Index Units>
class LstmSizes : public Extents<Units> {
  public:
    constexpr LstmSizes()
        requires(Units != dyn)
    = default;
    /// \throws ShapeError when the number is not positive or contradicts a static one
    constexpr explicit LstmSizes(Index units, LstmDropout dropout = {}) : Extents<Units>(units), dropout_(dropout.checked()) {}
    constexpr explicit LstmSizes(LstmDropout dropout)
        requires(Units != dyn)
        : dropout_(dropout.checked()) {}

    /// Width of the state of each direction.
    constexpr auto units() const { return this->template extent<0>(); }
    constexpr const LstmDropout& dropout() const { return dropout_; }

  private:
    LstmDropout dropout_;
};

}  // namespace chromatid
