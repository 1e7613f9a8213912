// SPDX-License-Identifier: MIT
#pragma once

#include "random_arrays.hpp"

#include <chromatid/network/model.hpp>

#include <algorithm>
#include <cmath>
#include <span>

namespace chromatid::test {

/// The loss sum(weights * y) of a model, with random parameters, input, side input and weights. Dropout masks stay the same from one
/// evaluation to the next.
template <class Net, AnyShape In>
struct GradientProblem {
    Model<Net, In, Cpu<double>> model;
    Tensor<double> x, side, weights;
    ThreadPool on{1};
    Tape<Cpu<double>> tape;

    GradientProblem(const Net& net, const In& in, Index batch, std::uint64_t seed)
        : model(net, in),
          x(View<double>(nullptr, batch, in).extents()),
          weights(View<double>(nullptr, batch, model.output_shape()).extents()),
          tape(model.tape(batch)) {
        Draw draw(seed);
        x = draw.array(x.extents());
        if (model.side_size() > 0) side = draw.array({batch, model.side_size()});
        tape.draws = {.seed = seed, .step = 3, .first_window = 5};
        weights = draw.array(weights.extents());
        for (double& p : model.parameters()) p = draw.number();
    }

    View<const double> sides() const { return side.size() > 0 ? side.view() : View<const double>{}; }

    double loss() {
        Tensor<double> y(weights.extents());
        model.forward(on, x, sides(), y, tape);
        double sum = 0;
        for (Index i = 0; i < y.size(); ++i) sum += weights.data()[i] * y.data()[i];
        return sum;
    }

    /// Adds to `gradients` and writes `dx`, which may be an empty view, by forward and backward.
    void backpropagate(std::span<double> gradients, View<double> dx) {
        Tensor<double> y(weights.extents()), dy = weights;
        model.forward(on, x, sides(), y, tape);
        model.backward(on, x, sides(), y, dy, dx, gradients, tape);
    }

    /// dloss/dvalue by a central difference.
    double difference(double& value) {
        const double h = 1e-5, at = value;
        value = at + h;
        const double above = loss();
        value = at - h;
        const double below = loss();
        value = at;
        return (above - below) / (2 * h);
    }
};

/// Largest distance between the gradients and the central differences of all parameters and inputs, relative to the largest gradient.
template <class Net, AnyShape In>
double gradient_error(const Net& net, const In& in, Index batch, std::uint64_t seed = 1) {
    GradientProblem<Net, In> problem(net, in, batch, seed);
    Tensor<double> gradients({static_cast<Index>(problem.model.parameters().size())}), dx(problem.x.extents());
    problem.backpropagate(gradients.span(), dx);
    const auto error = [&](std::span<double> values, std::span<const double> slopes) {
        double distance = 0, largest = 1e-3;
        for (std::size_t i = 0; i < values.size(); ++i) {
            distance = std::max(distance, std::abs(problem.difference(values[i]) - slopes[i]));
            largest = std::max(largest, std::abs(slopes[i]));
        }
        return distance / largest;
    };
    return std::max(error(problem.model.parameters(), gradients.span()), error(problem.x.span(), dx.span()));
}

}  // namespace chromatid::test
