// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/network/description.hpp>
#include <chromatid/serialize/keras1_layer_reader.hpp>
#include <chromatid/serialize/keras1_weights_file.hpp>
#include <chromatid/serialize/kernel_convention.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

namespace detail {

template <class M>
void load_keras1_weights(M& model, const Keras1WeightsFile& from, KernelConvention kernels) {
    using T = typename M::Scalar;
    std::vector<const LayerDescription*> layers;
    std::string names, names_in_file;
    for (const LayerDescription& layer : model.description().layers())
        if (!layer.parameters.empty()) {
            layers.push_back(&layer);
            names += (names.empty() ? "" : ", ") + layer.name;
        }
    for (const Keras1WeightsFile::Layer& layer : from.layers()) names_in_file += (names_in_file.empty() ? "" : ", ") + layer.name;
    if (layers.size() != from.layers().size())
        throw ModelError(from.file().path() + ": has weights for " + std::to_string(from.layers().size()) + " layers (" + names_in_file +
                         "), the network has " + std::to_string(layers.size()) + " layers with parameters (" + names + ")");

    std::vector<T> parameters(model.parameters().size());
    std::span<T> rest = parameters;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const auto size = static_cast<std::size_t>(layers[i]->parameter_count());
        Keras1LayerReader<T>(from.file(), from.layers()[i], *layers[i], kernels).read(rest.first(size));
        rest = rest.subspan(size);
    }
    std::ranges::copy(parameters, model.parameters().begin());
}

}  // namespace detail

/// Loads the weights of a Keras 1 HDF5 file into a network, a `Model` or an `AnyModel`: layer by layer in the order of both, as Keras does. The
/// layers with parameters may be Conv1D, TimeDistributedDense, Dense, LSTM and BiLSTM. Where this throws, the network is as it was.
///
/// Gates are not in the file: the network's type has them, `HardSigmoidGates` for what Keras 1 trains by default.
///
/// \param file     written by `save_weights` or `model.save`
/// \param kernels  how the file stores convolution kernels
/// \throws IoError where the file cannot be opened; FormatError where it is not such a file, cut off, lacks a dataset or holds a number that is not
///         finite; ModelError where its layers or shapes are not those of the network. The message names file, layer, what was expected and found.
template <class M>
void load_keras1_weights(M& model, const std::filesystem::path& file, KernelConvention kernels = KernelConvention::theano) {
    detail::load_keras1_weights(model, detail::Keras1WeightsFile(file), kernels);
}

}  // namespace chromatid
