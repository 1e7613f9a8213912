// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/io/binary_file.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/serialize/kernel_convention.hpp>
#include <chromatid/serialize/keras1_architecture.hpp>
#include <chromatid/serialize/keras1_weights.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// What a Keras 1 file does not say.
struct Keras1Options {
    KernelConvention kernels = KernelConvention::theano;  ///< how the file stores convolution kernels
    std::vector<Index> swapped_tracks{};                  ///< pairs of track numbers that change places under reverse complement
};

/// A FactorNet from Keras 1 files, and what was found in them.
template <Backend B = Cpu<float>>
struct Keras1Model {
    AnyModel<B> model;
    FactorNetSizes sizes;
    std::string keras_version;           ///< "1.1.1"; empty where no file says
    std::filesystem::path architecture;  ///< file that the structure came from
    std::filesystem::path weights;       ///< file that the weights came from
    KernelConvention kernels;            ///< as asked for: files do not say
};

namespace detail {

template <Backend B>
Keras1Model<B> load_keras1(const Keras1WeightsFile& from, const std::filesystem::path& weights, const std::filesystem::path& architecture,
                           const std::string& text, const Keras1Options& options) {
    const Keras1Architecture read = Keras1Architecture::parse(architecture.string(), text);
    const FactorNetSizes& sizes = read.sizes();
    try {
        const Index parameters = sizes.parameter_count();
        if (static_cast<std::uint64_t>(parameters) > from.file().size())
            throw ModelError(architecture.string() + ": describes " + std::to_string(parameters) + " parameters, which do not fit into " +
                             weights.string() + " of " + std::to_string(from.file().size()) + " bytes");
        AnyModel<B> model = make_factornet<B>(sizes, options.swapped_tracks);
        load_keras1_weights(model, from, options.kernels);
        return {std::move(model), sizes, read.version().empty() ? from.version() : read.version(), architecture, weights, options.kernels};
    } catch (const ShapeError& error) {
        throw ModelError(architecture.string() + ": " + error.what());
    }
}

}  // namespace detail

/// Loads a FactorNet from the JSON of its architecture and an HDF5 file with its weights, written by Keras 1.1.0 to 1.2.2: recurrent,
/// pooled or global-max, with or without side input, any sizes.
///
/// \param weights  written by `save_weights` or `model.save`
/// \throws IoError where a file cannot be opened; FormatError where one is not what it should be, cut off, lacks a dataset or holds a
///         number that is not finite; ModelError for a layer or setting that no FactorNet has, or weights that are not those of the
///         architecture. The message names file, layer, what was expected and what was found.
template <Backend B = Cpu<float>>
Keras1Model<B> load_keras1(const std::filesystem::path& model_json, const std::filesystem::path& weights,
                           const Keras1Options& options = {}) {
    const detail::BinaryFile json(model_json);
    const std::vector<std::uint8_t> text = json.read(0, json.size(), "the architecture");
    return detail::load_keras1<B>(detail::Keras1WeightsFile(weights), weights, model_json, std::string(text.begin(), text.end()), options);
}

/// The same from a model directory, which holds best_model.hdf5 (taken where present) or final_model.hdf5, and model.json; or from the file
/// of a full model, which has its architecture inside, as best_model.hdf5 has.
template <Backend B = Cpu<float>>
Keras1Model<B> load_keras1(const std::filesystem::path& model, const Keras1Options& options = {}) {
    std::filesystem::path weights = model;
    if (std::filesystem::is_directory(model)) {
        weights = model / "best_model.hdf5";
        if (!std::filesystem::exists(weights)) weights = model / "final_model.hdf5";
        if (!std::filesystem::exists(weights)) throw ModelError(model.string() + ": has neither best_model.hdf5 nor final_model.hdf5");
        if (std::filesystem::exists(model / "model.json")) return load_keras1<B>(model / "model.json", weights, options);
    }
    const detail::Keras1WeightsFile from(weights);
    return detail::load_keras1<B>(from, weights, weights, from.architecture(), options);
}

}  // namespace chromatid
