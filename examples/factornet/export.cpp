// SPDX-License-Identifier: MIT
#include "export.hpp"

#include "model_file.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/serialize/factornet_save.hpp>
#include <chromatid/serialize/keras1_export.hpp>

#include <cstdio>

namespace factornet {

using namespace chromatid;

namespace {

void check_output(const std::filesystem::path& output) {
    if (!std::filesystem::exists(output)) return;
    if (!std::filesystem::is_directory(output)) throw UsageError(output.string() + ": is a file; -o names a directory");
    for (const char* file : {"model.json", "weights.safetensors", "best_model.hdf5", "final_model.hdf5"})
        if (std::filesystem::exists(output / file))
            throw UsageError((output / file).string() + ": a model is there already; give -o a directory of its own");
}

/// Where the model comes from: what it says itself, or which Keras 1 file it was.
nlohmann::ordered_json origin(const ModelFile& file, const ExportOptions& options) {
    if (file.native) return file.native->training;
    return {
        {"exported_from", {{"file", file.loaded.weights.filename().string()}, {"format", file.writer()}, {"kernels", options.kernels}}}};
}

}  // namespace

void export_model(const ExportOptions& options) {
    check_output(options.output);
    const ModelFile file = open_model(options.model, options.kernels);
    const ModelDirectory& names = file.directory;
    const ModelDirectory directory(options.output, names.tasks(), names.tracks(), names.meta(), names.has_annotations());
    if (options.format == "native") {
        save_factornet(file.loaded.model, file.loaded.sizes, directory, origin(file, options));
    } else {
        std::filesystem::create_directories(options.output);
        save_keras1(file.loaded.model, file.loaded.sizes, options.output);
        directory.write();
    }
    if (options.quiet) return;
    std::fprintf(stderr, "factornet export: %s; wrote %s/model.json and %s\n", file.title().c_str(), options.output.c_str(),
                 options.format == "native" ? "weights.safetensors" : "final_model.hdf5");
    if (file.native && options.format == "keras1" && !file.native->training.empty())
        std::fprintf(stderr, "note: Keras 1 files have no place for what the model says about its training\n");
}

}  // namespace factornet
