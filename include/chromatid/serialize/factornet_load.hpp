// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/binary_file.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/serialize/factornet_json.hpp>
#include <chromatid/serialize/factornet_model.hpp>
#include <chromatid/serialize/json_object.hpp>
#include <chromatid/serialize/safetensors_file.hpp>
#include <chromatid/serialize/self_test.hpp>
#include <chromatid/serialize/weights.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

namespace detail {

/// The JSON of a file.
/// \throws FormatError where it is not JSON, with the byte
inline nlohmann::ordered_json read_json(const std::filesystem::path& path) {
    const BinaryFile file(path);
    constexpr std::uint64_t largest = std::uint64_t{1} << 26;
    if (file.size() > largest) file.fail(largest, "too long for the architecture of a model");
    const std::vector<std::uint8_t> text = file.read(0, file.size(), "the architecture");
    try {
        return nlohmann::ordered_json::parse(text.begin(), text.end());
    } catch (const nlohmann::json::parse_error& error) {
        file.fail(std::max<std::uint64_t>(error.byte, 1) - 1, std::string("this is not JSON: ") + error.what());
    } catch (const nlohmann::json::out_of_range& error) {
        throw FormatError(file.path(), "", std::string("a number in it is too large: ") + error.what());
    }
}

/// model.json of the native format.
struct NativeArchitecture {
    FactorNetSizes sizes;
    ModelDirectory directory;
    std::string chromatid_version, digest;
    nlohmann::ordered_json training;

    static NativeArchitecture read(const std::filesystem::path& folder) {
        const std::filesystem::path path = folder / native_architecture;
        const nlohmann::ordered_json json = read_json(path);
        JsonObject all(path.string(), "", json);
        if (const std::string format = all.text("format"); format != native_format)
            all.fail("format", "is \"" + format + "\", expected is \"" + native_format + "\"");
        constexpr Index any = 1'000'000;
        std::string writer = all.text("chromatid_version");
        if (const Index version = all.number("format_version", 1, any); version > native_format_version)
            throw ModelError(path.string() + ": written by a newer chromatid (" + writer + ", format " + std::to_string(version) +
                             "), this one reads format " + std::to_string(native_format_version) +
                             "\n       update chromatid, or export the model to Keras 1 with the newer one");
        FactorNetSizes sizes = sizes_from_json(all.object("sizes"));
        ModelDirectory directory = names(folder, path, all.object("names"));
        if (all.take("swapped_tracks") != nlohmann::ordered_json(directory.swapped_tracks()))
            all.fail("swapped_tracks", "does not follow from the tracks' names, where X_fwd and X_rev change places");
        std::string digest = all.text("weights");
        nlohmann::ordered_json training = all.take("training");
        if (!training.is_object()) all.fail("training", "is not a JSON object");
        all.expect_no_more();
        return {sizes, std::move(directory), std::move(writer), std::move(digest), std::move(training)};
    }

  private:
    static ModelDirectory names(const std::filesystem::path& folder, const std::filesystem::path& path, JsonObject from) {
        std::vector<std::string> factors = from.texts("factors"), tracks = from.texts("tracks"), meta = from.texts("meta");
        const bool has_annotations = from.flag("annotations");
        from.expect_no_more();
        try {
            return {folder, std::move(factors), std::move(tracks), std::move(meta), has_annotations};
        } catch (const UsageError& error) {
            throw FormatError(path.string(), "", error.what());
        }
    }
};

/// Which of the two weights files has the digest that model.json names; neither: nothing.
inline std::optional<std::filesystem::path> find_weights(const std::filesystem::path& folder, const std::string& digest) {
    for (const char* name : {native_weights, native_next_weights}) {
        const std::filesystem::path path = folder / name;
        if (!std::filesystem::exists(path)) continue;
        const SafetensorsFile file(path);
        if (const auto said = file.texts().find(safetensors_digest); said != file.texts().end() && said->second == digest) return path;
    }
    return std::nullopt;
}

}  // namespace detail

/// Whether a directory holds a model in chromatid's own format rather than Keras 1's: its model.json says so. One that is damaged counts
/// where weights.safetensors lies beside it.
inline bool is_factornet_directory(const std::filesystem::path& directory) {
    if (!std::filesystem::exists(directory / detail::native_architecture)) return false;
    try {
        const nlohmann::ordered_json json = detail::read_json(directory / detail::native_architecture);
        return json.is_object() && json.contains("format");
    } catch (const FormatError&) {
        return std::filesystem::exists(directory / detail::native_weights);
    }
}

/// Loads a model that `save_factornet` wrote, and runs its self-test.
///
/// \throws IoError where a file cannot be read; FormatError where one is damaged, with its name and the setting or byte; ModelError for a
///         newer format, for files that do not belong together, and for a network that computes something else than it did when it was
///         saved
template <Backend B = Cpu<float>>
FactorNetModel<B> load_factornet(const std::filesystem::path& directory) {
    detail::NativeArchitecture read = detail::NativeArchitecture::read(directory);
    const std::string architecture = (directory / detail::native_architecture).string();
    const auto path = detail::find_weights(directory, read.digest);
    if (!path) {
        if (!std::filesystem::exists(directory / detail::native_weights))
            throw ModelError((directory / detail::native_weights).string() + ": is missing");
        throw ModelError(architecture + ": belongs to weights with the digest " + read.digest + ", which " +
                         (directory / detail::native_weights).string() + " does not have: these are files of two models");
    }
    const SafetensorsFile weights(*path);
    if (static_cast<std::uint64_t>(read.sizes.parameter_count()) > std::filesystem::file_size(*path) / sizeof(float))
        throw ModelError(architecture + ": describes " + std::to_string(read.sizes.parameter_count()) +
                         " parameters, which do not fit into " + path->string());
    try {
        AnyModel<B> model = make_factornet<B>(read.sizes, read.directory.swapped_tracks());
        read.directory.check(model);
        load_weights(model, weights);
        const double error = SelfTest<typename B::Scalar>::read(weights).verify(model, path->string());
        return {std::move(model), read.sizes, std::move(read.directory), std::move(read.training), std::move(read.chromatid_version),
                *path,            std::move(read.digest), error};
    } catch (const ShapeError& error) {
        throw ModelError(architecture + ": " + error.what());
    }
}

}  // namespace chromatid
