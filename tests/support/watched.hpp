// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/step_graphs.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/tensor/view.hpp>

#include <string>
#include <vector>

namespace chromatid::test {

/// Binary cross entropy that notes how the context takes the calls of each step.
struct Watched {
    std::vector<cuda::StepMode>& seen;

    Index count(View<const float> targets) const { return BinaryCrossEntropy{}.count(targets); }
    template <class B>
    void accumulate(typename B::Context& on, View<const typename B::Scalar> y, View<const float> targets, double scale,
                    View<typename B::Scalar> dy, double* sum) const {
        if constexpr (!B::on_host) seen.push_back(on.graphs().mode());
        BinaryCrossEntropy{}.template accumulate<B>(on, y, targets, scale, dy, sum);
    }
    std::string to_text() const { return "watched"; }
};

}  // namespace chromatid::test
