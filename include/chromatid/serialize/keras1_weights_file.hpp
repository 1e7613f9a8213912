// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/serialize/hdf5_file.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace chromatid::detail {

/// The weights in a Keras 1 file of either layout: `save_weights` puts the layers at the root, `model.save` into the group model_weights
/// beside the optimizer's state. The order of layers, and of arrays within a layer, is that of the lists layer_names and weight_names; the
/// names themselves carry numbers that depend on what else the process had built.
class Keras1WeightsFile {
  public:
    struct Layer {
        std::string name;
        std::vector<std::string> datasets;  ///< paths from the root of the file
    };

    /// \throws IoError, FormatError for a file that is not one, ModelError for one written by another Keras
    explicit Keras1WeightsFile(const std::filesystem::path& path) : file_(path), is_full_model_(file_.has("/model_weights")) {
        const std::string root = is_full_model_ ? "/model_weights" : "/";
        for (const std::string& holder : {std::string("/"), root})
            if (file_.has_attribute(holder, "keras_version")) version_ = text(holder, "keras_version");
        if (!version_.empty() && !version_.starts_with("1."))
            throw ModelError(file_.path() + ": written by Keras " + version_ + "; this reads files of Keras 1");
        if (!file_.has_attribute(root, "layer_names"))
            file_.fail(root, "there is no list of layers, layer_names: these are not weights of a Keras 1 model");
        for (const std::string& name : unique_names(root, "layer_names")) {
            const std::string group = (is_full_model_ ? root + "/" : root) + name;
            Layer layer{name, unique_names(group, "weight_names")};
            for (std::string& dataset : layer.datasets) dataset = group + "/" + dataset;
            if (!layer.datasets.empty()) layers_.push_back(std::move(layer));
        }
    }

    const Hdf5File& file() const { return file_; }
    /// Layers that have weights, in their order.
    const std::vector<Layer>& layers() const { return layers_; }
    /// Whether the file also holds the architecture and the optimizer's state.
    bool is_full_model() const { return is_full_model_; }
    /// "1.1.1"; empty where the file does not say, as weights alone do not.
    const std::string& version() const { return version_; }

    /// The architecture as JSON, of a full model.
    std::string architecture() const {
        if (!file_.has_attribute("/", "model_config"))
            file_.fail("/", "there is no attribute model_config: the file holds weights alone, give it together with its model.json");
        return text("/", "model_config");
    }

  private:
    std::string text(const std::string& object, const std::string& attribute) const {
        const std::vector<std::string> texts = file_.strings(object, attribute);
        if (texts.size() != 1)
            file_.fail(object, "attribute " + attribute + " has " + std::to_string(texts.size()) + " texts instead of one");
        return texts.front();
    }

    std::vector<std::string> unique_names(const std::string& group, const std::string& attribute) const {
        std::vector<std::string> names = file_.strings(group, attribute), sorted = names;
        std::sort(sorted.begin(), sorted.end());
        if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
            file_.fail(group, "attribute " + attribute + " lists \"" + *twice + "\" twice");
        if (!sorted.empty() && sorted.front().empty()) file_.fail(group, "attribute " + attribute + " lists an empty name");
        return names;
    }

    Hdf5File file_;
    bool is_full_model_;
    std::string version_;
    std::vector<Layer> layers_;
};

}  // namespace chromatid::detail
