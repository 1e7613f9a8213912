// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/tensor/tensor.hpp>

#include <filesystem>
#include <string>

#include "tests/support/keras1_file.hpp"
#include "tests/support/random_arrays.hpp"
#include "tests/support/reference_factornet.hpp"
#include "tests/unit/io/scratch.hpp"

namespace chromatid::test {

/// Sizes that all differ, so that no two arrays can be taken for each other.
inline FactorNetSizes small_sizes(FactorNetSizes::Structure structure = FactorNetSizes::Structure::recurrent, bool with_side = false) {
    FactorNetSizes s;
    s.structure = structure;
    s.length = 41;
    s.tracks = 2;
    s.filters = 5;
    s.width = 8;
    s.position_units = 4;
    s.dense_units = 7;
    s.tasks = 2;
    if (structure != FactorNetSizes::Structure::global_max) s.pool = 6;
    if (structure == FactorNetSizes::Structure::recurrent) s.lstm_units = 3;
    if (with_side) {
        s.side = 9;
        s.side_dense_units = 10;
        s.dropout.after_side = 0.25F;
    }
    return s;
}

/// A model directory with an architecture and weights, as `options` say.
inline void write_model(const Scratch& folder, const ReferenceFactorNet& net, const Keras1FileOptions& options = {}) {
    const Keras1File file(net, options);
    file.write_architecture(folder / "model.json");
    file.write_weights(folder / (options.full_model ? "best_model.hdf5" : "final_model.hdf5"));
}

}  // namespace chromatid::test
