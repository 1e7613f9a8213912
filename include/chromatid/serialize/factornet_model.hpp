// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/serialize/model_directory.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace chromatid {

/// A FactorNet in chromatid's own format, as `load_factornet` finds it and `save_factornet` wrote it.
///
/// The directory holds model.json, weights.safetensors, and for upstream's programs the text files of `ModelDirectory`. What chromatid
/// loads is said by model.json alone: sizes, names, swapped tracks, and the digest of the weights that belong to it. So a reader never
/// mixes two models, whenever a writer was killed; docs/reference/formats.md has the order of writing.
template <Backend B = Cpu<float>>
struct FactorNetModel {
    AnyModel<B> model;
    FactorNetSizes sizes;
    ModelDirectory directory;           ///< names of factors, tracks and metadata
    nlohmann::ordered_json training;    ///< whatever the writer said about the origin: an object, empty where nothing
    std::string chromatid_version;      ///< of the writer
    std::filesystem::path weights;      ///< file that the weights came from
    std::string digest;                 ///< of weights and self-test
    double self_test_error = 0;         ///< largest distance from the stored outputs
};

namespace detail {

inline constexpr const char* native_format = "chromatid FactorNet";
inline constexpr Index native_format_version = 1;
inline constexpr const char* native_architecture = "model.json";
inline constexpr const char* native_weights = "weights.safetensors";
inline constexpr const char* native_next_weights = "weights.next.safetensors";  // on their way; model.json says whether they count

}  // namespace detail

}  // namespace chromatid
