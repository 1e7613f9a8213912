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

/// A full model says which gates it was trained with; the wrong ones would predict wrong numbers without a word.
inline void check_gates(const Keras1WeightsFile& from, const std::vector<const LayerDescription*>& layers) {
    const std::string architecture = from.architecture();
    const bool hard_in_file = architecture.find("\"inner_activation\": \"hard_sigmoid\"") != std::string::npos;
    const bool logistic_in_file = architecture.find("\"inner_activation\": \"sigmoid\"") != std::string::npos;
    for (const LayerDescription* layer : layers) {
        if (layer->kind != "LSTM" && layer->kind != "BiLSTM") continue;
        const bool hard = layer->text.find("HardSigmoidGates") != std::string::npos;
        if (hard ? logistic_in_file && !hard_in_file : hard_in_file && !logistic_in_file)
            throw ModelError(from.file().path() + ": was trained with " + (hard_in_file ? "hard_sigmoid" : "logistic") +
                             " gates, the network has " + layer->text + ": give the layer " +
                             (hard_in_file ? "HardSigmoidGates" : "LogisticGates"));
    }
}

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

    if (from.file().has_attribute("/", "model_config")) check_gates(from, layers);

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

/// Loads the weights of a Keras 1 HDF5 file into a network, a `Model` or an `AnyModel`: layer by layer in the order of both, as Keras does.
/// The layers with parameters may be Conv1D, TimeDistributedDense, Dense, LSTM and BiLSTM. Where this throws, the network is as it was.
///
/// The network's type says which gates an LSTM has: `HardSigmoidGates` for what Keras 1 trains by default. A file of a full model says so
/// too, and other gates are refused; weights alone do not.
///
/// \param file     written by `save_weights` or `model.save`
/// \param kernels  how the file stores convolution kernels
/// \throws IoError where the file cannot be opened; FormatError where it is not such a file, cut off, lacks a dataset or holds a number
///         that is not finite; ModelError where its layers or shapes are not those of the network. The message names file, layer, what was
///         expected and found.
template <class M>
void load_keras1_weights(M& model, const std::filesystem::path& file, KernelConvention kernels = KernelConvention::theano) {
    detail::load_keras1_weights(model, detail::Keras1WeightsFile(file), kernels);
}

}  // namespace chromatid
