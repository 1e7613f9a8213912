// SPDX-License-Identifier: MIT
#include "inspect.hpp"

#include "model_file.hpp"
#include "text.hpp"

#include <chromatid/serialize/factornet_json.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace factornet {

using namespace chromatid;

namespace {

std::string listed_or_none(const std::vector<std::string>& names) { return names.empty() ? "none" : listed(names); }

nlohmann::ordered_json as_json(const ModelFile& file) {
    const FactorNetSizes& s = file.loaded.sizes;
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const LayerDescription& layer : file.loaded.model.description().layers())
        layers.push_back(
            {{"name", layer.name}, {"layer", layer.text}, {"output_shape", layer.output}, {"parameters", layer.parameter_count()}});
    nlohmann::ordered_json json{{"format", file.native ? "native" : "keras1"},
                                {"architecture_file", file.loaded.architecture.string()},
                                {"weights_file", file.loaded.weights.string()},
                                {"keras_version", file.loaded.keras_version},
                                {"factors", file.directory.tasks()},
                                {"tracks", file.directory.tracks()},
                                {"metadata", file.directory.meta()},
                                {"annotations", file.directory.has_annotations()},
                                {"structure", detail::name_of(s.structure)},
                                {"length", s.length},
                                {"kernels", s.filters},
                                {"kernel_width", s.width}};
    if (s.structure != FactorNetSizes::Structure::global_max) json["pool"] = s.pool;
    if (s.structure == FactorNetSizes::Structure::recurrent) {
        json["lstm_units"] = s.lstm_units;
        json["gates"] = detail::name_of(s.gates);
    }
    json["dense_units"] = s.dense_units;
    json["parameters"] = file.loaded.model.description().parameter_count();
    json["dropout"] = detail::sizes_to_json(s)["dropout"];
    json["layers"] = layers;
    if (file.native) {
        json["chromatid_version"] = file.native->chromatid_version;
        json["digest"] = file.native->digest;
        json["self_test"] = {{"passed", true}, {"largest_difference", file.native->self_test_error}};
        json["training"] = file.native->training;
    }
    return json;
}

}  // namespace

void inspect(const InspectOptions& options) {
    const ModelFile file = open_model(options.model, "theano");
    if (options.json) {
        std::printf("%s\n", as_json(file).dump(2).c_str());
        return;
    }
    const FactorNetSizes& s = file.loaded.sizes;
    std::string sizes =
        "window " + std::to_string(s.length) + " bp, " + std::to_string(s.filters) + " kernels of width " + std::to_string(s.width);
    if (s.structure != FactorNetSizes::Structure::global_max) sizes += ", pool " + std::to_string(s.pool);
    if (s.structure == FactorNetSizes::Structure::recurrent)
        sizes += ", LSTM " + std::to_string(s.lstm_units) + " each way (" + detail::name_of(s.gates) + " gates)";
    sizes += ", dense " + std::to_string(s.dense_units);
    std::printf("Model         %s\n", file.title().c_str());
    std::printf("Architecture  %s, %s\n", file.loaded.architecture.c_str(), detail::name_of(s.structure));
    std::printf("Factors       %s\n", listed_or_none(file.directory.tasks()).c_str());
    std::printf("Tracks        %s\n", listed_or_none(file.directory.tracks()).c_str());
    std::printf("Metadata      %s\n", listed_or_none(file.directory.meta()).c_str());
    std::printf("Annotations   %s\n", file.directory.has_annotations() ? "cpg, cds, intron, promoter, utr5, utr3" : "none");
    std::printf("Sizes         %s\n\n%s", sizes.c_str(), file.loaded.model.summary().c_str());
    std::printf("Both strands run through these layers; their outputs are averaged.\n");
    if (!file.native) return;
    char within[32];
    std::snprintf(within, sizeof within, "within %.1e of", file.native->self_test_error);
    std::printf("\nSelf-test     passed: outputs %s those stored, weights %s\n", file.native->self_test_error == 0 ? "equal to" : within,
                file.native->digest.c_str());
    std::printf("Training      %s\n", file.native->training.empty() ? "not said" : file.native->training.dump(2).c_str());
}

}  // namespace factornet
