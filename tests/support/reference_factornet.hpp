// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/tensor/tensor.hpp>

#include "tests/support/random_arrays.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chromatid::test {

/// FactorNet written down once more, in plain loops over float64, with its weights as a Keras 1 file has them: the oracle for the import.
/// It uses no layer or backend.
class ReferenceFactorNet {
  public:
    struct Map {
        Tensor<double> w, b;  // (inputs, outputs), (outputs)
    };
    struct Gate {
        Tensor<double> w, u, b;
    };
    using Lstm = std::array<Gate, 4>;  // i, c, f, o

    /// Random weights, exact in float.
    ReferenceFactorNet(const FactorNetSizes& s, std::uint64_t seed) : sizes(s) {
        Draw draw(seed);
        const auto map = [&](Index inputs, Index outputs) { return Map{draw.array({inputs, outputs}, 0.25), draw.array({outputs}, 0.25)}; };
        conv = {draw.array({s.width, 1, s.channels(), s.filters}, 0.25), draw.array({s.filters}, 0.25)};
        position_dense = map(s.filters, s.position_units);
        Index features = s.position_units;
        if (s.structure == FactorNetSizes::Structure::recurrent) {
            for (Lstm& direction : lstm)
                for (Gate& gate : direction) {
                    gate = {draw.array({s.position_units, s.lstm_units}), draw.array({s.lstm_units, s.lstm_units}),
                            draw.array({s.lstm_units})};
                }
            features = 2 * s.lstm_units;
        }
        if (s.structure != FactorNetSizes::Structure::global_max) features *= (s.length - s.width + 1) / s.pool;
        dense = map(features, s.dense_units);
        if (s.side > 0) side_dense = map(s.dense_units + s.side, s.side_dense_units);
        output = map(s.side > 0 ? s.side_dense_units : s.dense_units, s.tasks);
    }

    /// Mean of both strands for windows (n, length, channels); side (n, side) where the network has one.
    Tensor<double> predict(const Tensor<double>& x, const Tensor<double>& side = {}) const {
        const Index n = x.extent(0), length = sizes.length, channels = sizes.channels();
        Tensor<double> y({n, sizes.tasks});
        for (Index k = 0; k < n; ++k) {
            Rows forward(length, channels), reverse(length, channels);
            for (Index t = 0; t < length; ++t)
                for (Index c = 0; c < channels; ++c) {
                    forward(t, c) = x(k, t, c);
                    reverse(length - 1 - t, c < 4 ? 3 - c : c) = x(k, t, c);
                }
            std::vector<double> extra;
            for (Index j = 0; j < sizes.side; ++j) extra.push_back(side(k, j));
            const std::vector<double> f = strand(forward, extra), r = strand(reverse, extra);
            for (Index task = 0; task < sizes.tasks; ++task)
                y(k, task) = (f[static_cast<std::size_t>(task)] + r[static_cast<std::size_t>(task)]) / 2;
        }
        return y;
    }

    FactorNetSizes sizes;
    Map conv;  // w (width, 1, channels, filters), the tap that meets the last position first
    Map position_dense;
    std::array<Lstm, 2> lstm;  // forward, backward
    Map dense, side_dense, output;

  private:
    struct Rows {
        Index length, channels;
        std::vector<double> values;

        Rows(Index l, Index c) : length(l), channels(c), values(static_cast<std::size_t>(l * c)) {}
        double& operator()(Index t, Index c) { return values[static_cast<std::size_t>(t * channels + c)]; }
        double operator()(Index t, Index c) const { return values[static_cast<std::size_t>(t * channels + c)]; }
    };

    static double relu(double x) { return std::max(x, 0.0); }
    static double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }
    double gate(double x) const {
        return sizes.gates == FactorNetSizes::Gates::logistic ? logistic(x) : std::min(1.0, std::max(0.0, 0.2 * x + 0.5));
    }

    /// y[n] = sum_j w[j] x[n - j], for every n at which all taps meet the sequence.
    Rows convolve(const Rows& x) const {
        Rows y(sizes.length - sizes.width + 1, sizes.filters);
        for (Index n = sizes.width - 1; n < sizes.length; ++n)
            for (Index f = 0; f < sizes.filters; ++f) {
                double sum = conv.b(f);
                for (Index j = 0; j < sizes.width; ++j)
                    for (Index c = 0; c < x.channels; ++c) sum += conv.w(j, Index{0}, c, f) * x(n - j, c);
                y(n - (sizes.width - 1), f) = relu(sum);
            }
        return y;
    }

    static std::vector<double> apply(const Map& map, const std::vector<double>& x, double (*activation)(double)) {
        std::vector<double> y;
        for (Index out = 0; out < map.b.size(); ++out) {
            double sum = map.b(out);
            for (Index in = 0; in < map.w.extent(0); ++in) sum += x[static_cast<std::size_t>(in)] * map.w(in, out);
            y.push_back(activation(sum));
        }
        return y;
    }

    Rows at_each_position(const Rows& x) const {
        Rows y(x.length, sizes.position_units);
        for (Index t = 0; t < x.length; ++t) {
            const std::vector<double> row(x.values.begin() + t * x.channels, x.values.begin() + (t + 1) * x.channels);
            std::ranges::copy(apply(position_dense, row, relu), y.values.begin() + t * y.channels);
        }
        return y;
    }

    static Rows max_pool(const Rows& x, Index window) {
        Rows y(x.length / window, x.channels);
        for (Index t = 0; t < y.length; ++t)
            for (Index c = 0; c < x.channels; ++c) {
                y(t, c) = x(t * window, c);
                for (Index j = 1; j < window; ++j) y(t, c) = std::max(y(t, c), x(t * window + j, c));
            }
        return y;
    }

    void run_lstm(const Lstm& weights, const Rows& x, bool backwards, Rows& y) const {
        const Index units = sizes.lstm_units;
        std::vector<double> h(static_cast<std::size_t>(units)), c(h);
        for (Index step = 0; step < x.length; ++step) {
            const Index t = backwards ? x.length - 1 - step : step;
            const auto sum = [&](const Gate& g, Index unit) {
                double z = g.b(unit);
                for (Index j = 0; j < x.channels; ++j) z += x(t, j) * g.w(j, unit);
                for (Index j = 0; j < units; ++j) z += h[static_cast<std::size_t>(j)] * g.u(j, unit);
                return z;
            };
            std::vector<double> next(h);
            for (Index unit = 0; unit < units; ++unit) {
                const auto k = static_cast<std::size_t>(unit);
                c[k] = gate(sum(weights[2], unit)) * c[k] + gate(sum(weights[0], unit)) * std::tanh(sum(weights[1], unit));
                next[k] = gate(sum(weights[3], unit)) * std::tanh(c[k]);
                y(t, (backwards ? units : 0) + unit) = next[k];
            }
            h = next;
        }
    }

    std::vector<double> strand(const Rows& x, const std::vector<double>& side) const {
        Rows rows = at_each_position(convolve(x));
        rows = max_pool(rows, sizes.structure == FactorNetSizes::Structure::global_max ? rows.length : sizes.pool);
        if (sizes.structure == FactorNetSizes::Structure::recurrent) {
            Rows states(rows.length, 2 * sizes.lstm_units);
            run_lstm(lstm[0], rows, false, states);
            run_lstm(lstm[1], rows, true, states);
            rows = states;
        }
        std::vector<double> features = apply(dense, rows.values, relu);
        if (sizes.side > 0) {
            features.insert(features.end(), side.begin(), side.end());
            features = apply(side_dense, features, relu);
        }
        return apply(output, features, logistic);
    }
};

}  // namespace chromatid::test
