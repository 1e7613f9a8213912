// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

namespace chromatid {

/// What a FactorNet is made of, known at run time: the argument of `make_factornet`. The defaults are those of the published program.
struct FactorNetSizes {
    /// What stands between the convolution and the dense layers.
    enum class Structure {
        recurrent,   ///< max pooling, then a bidirectional LSTM over the pooled positions
        pooled,      ///< max pooling alone
        global_max,  ///< the largest value of each channel over the whole window
    };
    /// Gates of the LSTM; models trained with Keras 1 have hard_sigmoid.
    enum class Gates { hard_sigmoid, logistic };

    /// Shares dropped while training, by place; 0 where a network has no dropout layer there.
    struct Dropout {
        float after_conv = 0.1F;
        float after_features = 0.5F;      ///< behind the LSTM, or behind the pooling where there is none
        float after_dense = 0.5F;         ///< behind the first dense layer
        float after_side = 0.0F;          ///< where the side input has joined
        float after_second_dense = 0.0F;  ///< behind the dense layer that reads the side input
        float lstm_input = 0.1F;          ///< of the LSTM's inputs, one mask for all positions, see `LstmDropout`
        float lstm_state = 0.1F;          ///< of the LSTM's state, one mask for all positions

        bool operator==(const Dropout&) const = default;
    };

    Structure structure = Structure::recurrent;
    Gates gates = Gates::hard_sigmoid;
    Index length = 1000;         ///< positions of a window
    Index tracks = 2;            ///< signal tracks behind the four letters
    Index filters = 32;          ///< kernels of the convolution
    Index width = 26;            ///< positions that each kernel reads
    Index position_units = 32;   ///< outputs of the dense layer at each position
    Index pool = 13;             ///< positions in each pooling window
    Index lstm_units = 32;       ///< state of each direction
    Index dense_units = 128;     ///< outputs of the first dense layer
    Index side = 0;              ///< width of the side input (metadata, annotations); 0 for a network without
    Index side_dense_units = 0;  ///< outputs of the dense layer that reads the side input
    Index tasks = 1;             ///< probabilities per window
    Dropout dropout{};

    bool operator==(const FactorNetSizes&) const = default;
    /// Channels of the input: letters and tracks.
    constexpr Index channels() const { return 4 + tracks; }
    /// Parameters of all layers, without building the network.
    constexpr Index parameter_count() const {
        const Index pooled = length < width ? 0 : (length - width + 1) / pool;
        Index n = dense_map(width * channels(), filters) + dense_map(filters, position_units), features = position_units;
        if (structure == Structure::recurrent) {
            n += 2 * dense_map(position_units + lstm_units, 4 * lstm_units);
            features = 2 * lstm_units;
        }
        if (structure != Structure::global_max) features *= pooled;
        n += dense_map(features, dense_units);
        if (side == 0) return n + dense_map(dense_units, tasks);
        return n + dense_map(dense_units + side, side_dense_units) + dense_map(side_dense_units, tasks);
    }

  private:
    static constexpr Index dense_map(Index inputs, Index outputs) { return (inputs + 1) * outputs; }
};

}  // namespace chromatid
