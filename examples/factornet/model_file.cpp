// SPDX-License-Identifier: MIT
#include "model_file.hpp"

#include "text.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/serialize/factornet_load.hpp>
#include <chromatid/serialize/keras1_model.hpp>

#include <utility>

template chromatid::AnyModel<> chromatid::make_factornet(const chromatid::FactorNetSizes&, std::vector<chromatid::Index>);

namespace factornet {

using namespace chromatid;

ModelFile open_model(const std::filesystem::path& path, const std::string& kernels) {
    if (is_factornet_directory(path)) {
        if (kernels != "theano")
            throw UsageError(path.string() + ": --kernels is for Keras 1 models, this one is in chromatid's own format");
        FactorNetModel<> read = load_factornet<>(path);
        return {
            std::move(read.directory),
            {std::move(read.model), read.sizes, path / "model.json", std::move(read.weights), ""},
            ModelFile::Native{std::move(read.chromatid_version), std::move(read.digest), read.self_test_error, std::move(read.training)}};
    }
    ModelDirectory directory(path);
    Keras1Model<> read = load_keras1<>(path, {.kernels = kernels == "tensorflow" ? KernelConvention::tensorflow : KernelConvention::theano,
                                              .swapped_tracks = directory.swapped_tracks()});
    directory.check(read.model);
    return {std::move(directory),
            {std::move(read.model), read.sizes, std::move(read.architecture), std::move(read.weights), std::move(read.keras_version)},
            std::nullopt};
}

std::string ModelFile::writer() const {
    if (native) return "chromatid " + native->chromatid_version;
    return loaded.keras_version.empty() ? "Keras 1" : "Keras " + loaded.keras_version;
}

std::string ModelFile::title() const {
    return loaded.weights.string() + " (" + writer() + ", " + with_commas(loaded.model.description().parameter_count()) + " parameters)";
}

}  // namespace factornet
