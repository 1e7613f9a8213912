// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/factornet.hpp>
#include <chromatid/serialize/model_directory.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Compiled once, in model_file.cpp: eight networks take the compiler a while.
extern template chromatid::AnyModel<> chromatid::make_factornet(const chromatid::FactorNetSizes&, std::vector<chromatid::Index>);

namespace factornet {

/// A model directory opened: what it says about inputs and outputs, and the network, checked against each other.
struct ModelFile {
    struct Loaded {
        chromatid::AnyModel<> model;
        chromatid::FactorNetSizes sizes;
        std::filesystem::path architecture;  ///< file that the structure came from
        std::filesystem::path weights;       ///< file that the weights came from
        std::string keras_version;           ///< "1.1.1"; empty where no file says, or the format is our own
    };
    /// What only our own format holds.
    struct Native {
        std::string chromatid_version;
        std::string digest;
        double self_test_error;           ///< largest distance of an output from the stored one
        nlohmann::ordered_json training;  ///< where the model comes from
    };

    chromatid::ModelDirectory directory;
    Loaded loaded;
    std::optional<Native> native;  ///< nothing for a Keras 1 model

    /// "Keras 1.1.1" or "chromatid 0.1.0"
    std::string writer() const;
    /// "models/MAX/final_model.hdf5 (Keras 1.1.1, 275,713 parameters)"
    std::string title() const;
};

/// Opens a model in chromatid's own format or in Keras 1's, whichever model.json says.
/// \param kernels  "theano" or "tensorflow": how a Keras 1 file stores convolution kernels
/// \throws chromatid::Error
ModelFile open_model(const std::filesystem::path& directory, const std::string& kernels);

}  // namespace factornet
