// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

#include "tests/cli/factornet_program.hpp"
#include "tests/support/shared_data.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace fs = std::filesystem;
namespace utf = boost::unit_test;

namespace {

ProgramResult export_to(const fs::path& model, const fs::path& output, const std::string& format) {
    return factornet({"export", "-m", model.string(), "-o", output.string(), "--format", format});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(export_model)

BOOST_AUTO_TEST_CASE(there_and_back_gives_the_same_files_and_scores) {
    DemoRun demo;
    const fs::path native = demo.scratch / "made/native", back = demo.scratch / "back";
    const ProgramResult there = export_to(demo.model, native, "native");
    BOOST_TEST(there.code == 0, there.err);
    BOOST_TEST(contains(there.err, "(Keras 1.2.2, 561 parameters); wrote " + native.string() + "/model.json and weights.safetensors"));
    const ProgramResult returned = export_to(native, back, "keras1");
    BOOST_TEST(returned.code == 0, returned.err);
    BOOST_TEST(contains(returned.err, "note: Keras 1 files have no place for what the model says about its training"));
    for (const char* file : {"model.json", "final_model.hdf5", "chip.txt", "feature.txt", "bigwig.txt"})
        BOOST_TEST(content_of(demo.model / file) == content_of(back / file), file);
    for (const char* file : {"chip.txt", "feature.txt", "bigwig.txt"})
        BOOST_TEST(content_of(demo.model / file) == content_of(native / file), file);

    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    const auto scores = lines_of(demo.output);
    demo.model = native;
    const ProgramResult predicted = demo.predict();
    BOOST_TEST(predicted.code == 0, predicted.err);
    BOOST_TEST(contains(predicted.err, "weights.safetensors (chromatid 0.1.0, 561 parameters)"));
    BOOST_TEST(lines_of(demo.output) == scores, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(native_to_native_keeps_what_is_said_about_training) {
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(export_to(demo.model, demo.scratch / "a", "native").code, 0);
    BOOST_REQUIRE_EQUAL(export_to(demo.scratch / "a", demo.scratch / "b", "native").code, 0);
    for (const char* file : {"model.json", "weights.safetensors"})
        BOOST_TEST(content_of(demo.scratch / "a" / file) == content_of(demo.scratch / "b" / file), file);
}

BOOST_AUTO_TEST_CASE(inspect_shows_self_test_and_origin) {
    DemoRun demo;
    const std::string native = (demo.scratch / "native").string();
    BOOST_REQUIRE_EQUAL(export_to(demo.model, native, "native").code, 0);
    const ProgramResult text = factornet({"inspect", native});
    BOOST_TEST(text.code == 0);
    for (const char* words : {"weights.safetensors (chromatid 0.1.0, 561 parameters)", "Factors       DEMO",
                              "Self-test     passed: outputs ", "weights fnv1a64:", "\"exported_from\"", "\"format\": \"Keras 1.2.2\""})
        BOOST_TEST(contains(text.out, words));
    const auto json = nlohmann::json::parse(factornet({"inspect", "--json", native}).out);
    BOOST_TEST(json.at("format") == "native");
    BOOST_TEST(json.at("self_test").at("passed") == true);
    BOOST_TEST(json.at("self_test").at("largest_difference").get<double>() <= 1e-5);
    BOOST_TEST(json.at("training").at("exported_from").at("file") == "final_model.hdf5");
    BOOST_TEST(json.at("dropout").at("after_features") == 0.2);
    BOOST_TEST(nlohmann::json::parse(factornet({"inspect", "--json", demo.model.string()}).out).at("format") == "keras1");
}

BOOST_AUTO_TEST_CASE(a_damaged_model_is_refused_by_every_command) {
    DemoRun demo;
    const fs::path native = demo.scratch / "native";
    BOOST_REQUIRE_EQUAL(export_to(demo.model, native, "native").code, 0);
    std::string weights = content_of(native / "weights.safetensors");
    weights[weights.size() - 10] = static_cast<char>(weights[weights.size() - 10] ^ 64);
    demo.scratch.file("native/weights.safetensors", weights);
    demo.model = native;
    for (const ProgramResult& result :
         {demo.predict(), factornet({"inspect", native.string()}), export_to(native, demo.scratch / "out", "keras1")}) {
        BOOST_TEST(result.code == 1);
        BOOST_TEST(contains(result.err, "native/weights.safetensors: damaged"));
    }
    BOOST_TEST(!fs::exists(demo.scratch / "out"));
}

BOOST_AUTO_TEST_CASE(wrong_usage_is_told) {
    DemoRun demo;
    BOOST_TEST(factornet({"export"}).code == 2);
    BOOST_TEST(export_to(demo.model, demo.scratch / "a", "onnx").code == 2);
    const ProgramResult itself = export_to(demo.model, demo.model, "native");
    BOOST_TEST(itself.code == 2);
    BOOST_TEST(contains(itself.err, "model/model.json: a model is there already; give -o a directory of its own"));
    const ProgramResult file = export_to(demo.model, demo.scratch / "demo/genome.fa", "native");
    BOOST_TEST(file.code == 2);
    BOOST_TEST(contains(file.err, "is a file; -o names a directory"));
    BOOST_REQUIRE_EQUAL(export_to(demo.model, demo.scratch / "native", "native").code, 0);
    const ProgramResult kernels = factornet({"export", "-m", (demo.scratch / "native").string(), "-o", (demo.scratch / "b").string(),
                                             "--format", "keras1", "--kernels", "tensorflow"});
    BOOST_TEST(kernels.code == 2);
    BOOST_TEST(contains(kernels.err, "--kernels is for Keras 1 models"));
    BOOST_TEST(contains(factornet({"inspect", (demo.cell).string()}).err, "chip.txt"));
}

BOOST_AUTO_TEST_CASE(published_models_survive, *utf::precondition(shared_data_present)) {
    const Scratch scratch;
    for (const char* name : {"MAX/onePeak_Unique35_DGF", "GABPA/metaGENCODE_RNAseq_Unique35_DGF"}) {
        const fs::path model = shared_data() / "factornet/models" / name, native = scratch / name;
        const ProgramResult there = export_to(model, native, "native");
        BOOST_TEST(there.code == 0, there.err);
        for (const auto& entry : fs::directory_iterator(native))
            if (entry.path().extension() == ".txt")
                BOOST_TEST(content_of(entry.path()) == content_of(model / entry.path().filename()), entry.path());
        BOOST_TEST(factornet({"inspect", native.string()}).code == 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()
