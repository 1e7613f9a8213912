// SPDX-License-Identifier: MIT
#include "model_file.hpp"

#include "text.hpp"

#include <utility>

template chromatid::AnyModel<> chromatid::make_factornet(const chromatid::FactorNetSizes&, std::vector<chromatid::Index>);

namespace factornet {

using namespace chromatid;

ModelFile open_model(const std::filesystem::path& path, const std::string& kernels) {
    ModelDirectory directory(path);
    Keras1Model<> loaded = load_keras1<>(path, {.kernels = kernels == "tensorflow" ? KernelConvention::tensorflow : KernelConvention::theano,
                                                .swapped_tracks = directory.swapped_tracks()});
    directory.check(loaded.model);
    return {std::move(directory), std::move(loaded)};
}

std::string ModelFile::title() const {
    return loaded.weights.string() + " (" + (loaded.keras_version.empty() ? "Keras 1" : "Keras " + loaded.keras_version) + ", " +
           with_commas(loaded.model.description().parameter_count()) + " parameters)";
}

}  // namespace factornet
