// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/serialize/keras1_model.hpp>
#include <chromatid/serialize/model_directory.hpp>

#include <filesystem>
#include <string>

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
