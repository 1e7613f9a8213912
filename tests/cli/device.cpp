// SPDX-License-Identifier: MIT
// --device, --devices and --precision of the commands that run a network.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/factornet_program.hpp"
#include "tests/cli/scan_program.hpp"
#include "tests/cli/train_program.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

bool built_with_cuda() { return factornet({"--version"}).out.find("with CUDA") != std::string::npos; }

/// Expects a run on a device to say that this build or this machine has none, or, where there is one, to have run there.
void runs_on_a_device_or_says_why_not(const ProgramResult& result, const std::filesystem::path& output) {
    if (result.code == 0) {
        BOOST_TEST(contains(result.err, ", on cuda:0 ("));
        return;
    }
    if (built_with_cuda()) {
        BOOST_TEST(result.code == 1, result.err);
        BOOST_TEST(contains(result.err, "error: no CUDA device: "));
    } else {
        BOOST_TEST(result.code == 2, result.err);
        BOOST_TEST(contains(result.err, "error: cuda:0: this factornet was built without CUDA\n"));
        BOOST_TEST(contains(result.err, "cmake --preset cuda"));
    }
    BOOST_TEST(!std::filesystem::exists(output));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device)

BOOST_AUTO_TEST_CASE(a_device_is_never_replaced_by_the_processor) {
    const DemoRun demo;
    runs_on_a_device_or_says_why_not(demo.predict({"--device", "cuda"}), demo.output);
    const ScanRun scan;
    runs_on_a_device_or_says_why_not(scan.scan({"--device", "cuda:0", "--arithmetic", "f16"}), scan.output);
    TrainRun train;
    runs_on_a_device_or_says_why_not(train.set("--device", {"cuda"}).set("--precision", {"tf32"})(), train.model);
    runs_on_a_device_or_says_why_not(train.drop("--device").set("--devices", {"0"})(), train.model);
}

BOOST_AUTO_TEST_CASE(the_processor_is_the_default_and_may_be_named) {
    const DemoRun demo;
    const ProgramResult plain = demo.predict({"--json"});
    BOOST_REQUIRE_MESSAGE(plain.code == 0, plain.err);
    BOOST_TEST(contains(plain.err.substr(0, plain.err.find('\n')), ", on cpu, 1 thread"));
    BOOST_TEST(contains(plain.out, R"("device":"cpu")"));
    const std::string scores = content_of(demo.output);
    const ProgramResult named = demo.predict({"--device", "cpu", "--precision", "exact32"});
    BOOST_REQUIRE_MESSAGE(named.code == 0, named.err);
    BOOST_TEST(same_bytes(content_of(demo.output), scores));
}

BOOST_AUTO_TEST_CASE(misspelled_devices_and_precisions_are_refused) {
    const DemoRun demo;
    for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda1", ""})
        demo.fails(2, {"error: --device \"" + std::string(device) + "\": write cpu, cuda or cuda:N"}, {"--device", device});
    demo.fails(2, {"--precision", "fp8", "exact32"}, {"--device", "cuda", "--precision", "fp8"});
}

BOOST_AUTO_TEST_CASE(the_processor_computes_in_float32_alone) {
    const DemoRun demo;
    demo.fails(2, {"error: --precision tf32 is for CUDA devices", "--device cuda"}, {"--precision", "tf32"});
    demo.fails(2, {"error: --precision bf16 is for CUDA devices"}, {"--arithmetic", "bf16", "--device", "cpu"});
    const ScanRun scan;
    scan.refuses(2, {"error: --precision f16 is for CUDA devices (scan: --arithmetic)"}, {"--arithmetic", "f16"});
}

BOOST_AUTO_TEST_CASE(devices_that_share_a_run_are_listed_once_each) {
    TrainRun train;
    train.set("--devices", {"0,1,0"}).fails(2, {"error: --devices names device 0 twice"});
    train.set("--devices", {"0,x"}).fails(2, {"--devices: \"x\" is not a number from 0 on"});
    train.set("--devices", {""}).fails(2, {"--devices: \"\" is not a number"});
    train.set("--devices", {"0,1"}).set("--device", {"cuda"}).fails(2, {"--devices", "excludes", "--device"});
}

BOOST_AUTO_TEST_CASE(scan_says_how_it_calls_the_precision_of_a_device) {
    const ScanRun scan;
    scan.refuses(2, {"--precision: f16 is no precision of peaks", "write --arithmetic f16"}, {"--device", "cuda", "--precision", "f16"});
    scan.refuses(2, {"unknown option --devices (did you mean --device?)"}, {"--devices", "0,1"});
}

BOOST_AUTO_TEST_CASE(a_run_of_a_device_goes_on_on_the_processor) {
    TrainRun train;
    train.set("-e", {"1"}).succeeds();
    std::string options = content_of(train.model / "train.json");
    const std::string own = R"("arithmetic": "exact32")";
    options.replace(options.find(own), own.size(), R"("arithmetic": "tf32")");
    train.scratch.file("model/train.json", options);
    const ProgramResult resumed = run_program(train.resume({"--device", "cpu"}));
    BOOST_TEST(resumed.code == 0, resumed.err);
    BOOST_TEST(contains(resumed.err, "warning: this run was begun on a CUDA device with tf32"));
    BOOST_TEST(contains(resumed.err, ", on cpu, "));
}

BOOST_AUTO_TEST_CASE(the_precision_of_a_run_is_that_it_was_begun_with) {
    TrainRun train;
    train.set("-e", {"1"}).succeeds();
    BOOST_TEST(contains(content_of(train.model / "train.json"), R"("arithmetic": "exact32")"));
    const ProgramResult refused = run_program(train.resume({"--precision", "tf32"}));
    BOOST_TEST(refused.code == 2, refused.err);
    BOOST_TEST(contains(refused.err, "--resume goes on with the options of the run; --precision cannot be changed"));
    const ProgramResult named = run_program(train.resume({"--device", "cpu"}));
    BOOST_TEST(named.code == 0, named.err);
}

BOOST_AUTO_TEST_SUITE_END()
