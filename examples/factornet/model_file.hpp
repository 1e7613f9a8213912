// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/serialize/keras1_model.hpp>
#include <chromatid/serialize/model_directory.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// Compiled once, in model_file.cpp: eight networks take the compiler a while.
extern template chromatid::AnyModel<> chromatid::make_factornet(const chromatid::FactorNetSizes&, std::vector<chromatid::Index>);

namespace factornet {

/// A model directory opened: what its text files say and the network, checked against each other.
struct ModelFile {
    chromatid::ModelDirectory directory;
    chromatid::Keras1Model<> loaded;

    /// "models/MAX/final_model.hdf5 (Keras 1.1.1, 275,713 parameters)"
    std::string title() const;
};

/// \param kernels  "theano" or "tensorflow": how the file stores convolution kernels
/// \throws chromatid::Error
ModelFile open_model(const std::filesystem::path& directory, const std::string& kernels);

}  // namespace factornet
