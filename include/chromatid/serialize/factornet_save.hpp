// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/serialize/factornet_json.hpp>
#include <chromatid/serialize/factornet_load.hpp>
#include <chromatid/serialize/factornet_model.hpp>
#include <chromatid/serialize/safetensors_writer.hpp>
#include <chromatid/serialize/self_test.hpp>
#include <chromatid/serialize/weights.hpp>
#include <chromatid/version.hpp>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace chromatid {

namespace detail {

/// Gives a file another name in its folder, on disk too.
inline void rename_within(const std::filesystem::path& folder, const char* from, const char* to) {
    const std::string target = (folder / to).string();
    if (std::rename((folder / from).c_str(), target.c_str()) != 0) throw IoError(target, "cannot put the finished file in place", errno);
    const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) throw IoError(target, "cannot bring to disk", errno);
    const int failure = ::fsync(fd) == 0 ? 0 : errno;
    ::close(fd);
    if (failure != 0 && failure != EINVAL) throw IoError(target, "cannot bring to disk", failure);
}

/// Where a writer was killed between model.json and the weights' last name: gives them that name.
inline void finish_weights(const std::filesystem::path& folder) {
    const std::filesystem::path next = folder / native_next_weights;
    if (!std::filesystem::exists(next) || !std::filesystem::exists(folder / native_architecture)) return;
    try {
        const std::string digest = NativeArchitecture::read(folder).digest;
        const auto found = find_weights(folder, digest);
        if (!found || *found != next) return;
    } catch (const FormatError&) {
        return;  // what lies there is no model that could be finished
    } catch (const ModelError&) {
        return;
    }
    rename_within(folder, native_next_weights, native_weights);
}

}  // namespace detail

/// Writes a FactorNet in chromatid's own format into `names.path()`, which is made where it is not there: model.json, weights.safetensors
/// with a self-test, and upstream's text files. A model that was there is replaced; killed at any moment, the directory holds the old model
/// or the new one.
///
/// \param model     made by `make_factornet(sizes, names.swapped_tracks())`
/// \param names     factors, tracks and metadata, and the directory
/// \param training  an object that says where the model comes from; kept as it is
/// \throws ModelError where the model is not of these sizes and names, or its outputs are not finite; IoError
template <Backend B>
void save_factornet(const AnyModel<B>& model, const FactorNetSizes& sizes, const ModelDirectory& names,
                    const nlohmann::ordered_json& training = nlohmann::ordered_json::object()) {
    const std::filesystem::path& folder = names.path();
    names.check(model);
    if (sizes.length != model.input_shape()[0] || sizes.channels() != model.input_shape()[1] || sizes.side != model.side_size() ||
        sizes.parameter_count() != model.description().parameter_count())
        throw ModelError(folder.string() + ": the sizes given are not those of the model");
    if (!training.is_object()) throw UsageError(folder.string() + ": what is said about training must be a JSON object");
    const auto test = SelfTest<typename B::Scalar>::of(model);
    for (const auto y : test.y.span())
        if (!std::isfinite(y))
            throw ModelError(folder.string() + ": not saved: the network's outputs are not finite: its weights are damaged or diverged");

    std::filesystem::create_directories(folder);
    detail::finish_weights(folder);
    SafetensorsWriter weights(folder / detail::native_next_weights);
    weights.text("format", detail::native_format);
    weights.text("chromatid_version", std::string(version));
    add_weights(weights, model);
    test.add_to(weights);
    const std::string digest = weights.commit();

    const nlohmann::ordered_json json{
        {"format", detail::native_format},
        {"format_version", detail::native_format_version},
        {"chromatid_version", version},
        {"names",
         {{"factors", names.tasks()}, {"tracks", names.tracks()}, {"meta", names.meta()}, {"annotations", names.has_annotations()}}},
        {"sizes", detail::sizes_to_json(sizes)},
        {"swapped_tracks", names.swapped_tracks()},
        {"weights", digest},
        {"training", training}};
    OutputFile architecture(folder / detail::native_architecture);
    architecture.write(json.dump(2) + "\n");
    architecture.commit();  // from here on the directory holds the new model
    detail::rename_within(folder, detail::native_next_weights, detail::native_weights);
    names.write();
}

}  // namespace chromatid
