// SPDX-License-Identifier: MIT
// factornet train, stopped and continued: by signals at any moment, and killed; it comes to the same bits.
#include <chromatid/serialize/safetensors_file.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "tests/cli/train_program.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace fs = std::filesystem;

namespace {

/// Where a checkpoint stands.
struct Place {
    std::int64_t epoch, batch;
};
Place place_of(const fs::path& checkpoint) {
    const SafetensorsFile file(checkpoint);
    file.verify();
    std::array<std::int64_t, 8> numbers{};
    file.read("run.integers", std::span<std::int64_t>(numbers));
    return {numbers[0], numbers[1]};
}

/// A run of some length, with validation and dropout.
TrainRun& longer(TrainRun& run) { return run.set("-e", {"12"}).set("-ep", {"12"}).set("--batch", {"6"}).set("--reverse-complement"); }

std::uintmax_t size_of(const fs::path& file) {
    std::error_code gone;
    const auto size = fs::file_size(file, gone);
    return gone ? 0 : size;
}

void expect_equal(const TrainRun& run, const TrainRun& uninterrupted) {
    BOOST_TEST(same_bytes(run.weights(), uninterrupted.weights()));
    BOOST_TEST(same_bytes(run.last_weights(), uninterrupted.last_weights()));
    BOOST_TEST(losses(run.model) == losses(uninterrupted.model), boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(train_interrupted)

BOOST_AUTO_TEST_CASE(a_signal_leaves_a_checkpoint_from_which_the_run_ends_with_the_same_bits) {
    TrainRun uninterrupted, run;
    longer(uninterrupted).succeeds();
    longer(run);
    std::mt19937 random(1);
    int stops = 0, within_an_epoch = 0;
    std::vector<std::string> command = run.command();
    for (const auto& [signal, code] : {std::pair{SIGINT, 130},
                                       {SIGTERM, 143},
                                       {SIGHUP, 129},
                                       {SIGINT, 130},
                                       {SIGTERM, 143},
                                       {SIGINT, 130},
                                       {SIGTERM, 143},
                                       {SIGINT, 130}}) {
        RunningProgram program(command);
        // an epoch more, and a few batches
        const std::uintmax_t before = size_of(run.model / "history.csv");
        auto polls = std::uniform_int_distribution<int>(0, 6)(random);
        program.wait_for([&] { return size_of(run.model / "history.csv") > before && polls-- <= 0; });
        program.send(signal);
        const ProgramResult result = program.wait();
        command = run.resume({"--threads", stops % 2 == 0 ? "2" : "1"});
        if (result.code == 0) break;  // it was over before
        BOOST_TEST(result.code == code, result.err);
        BOOST_TEST(contains(result.err, "go on with: factornet train --resume " + run.model.string()));
        within_an_epoch += place_of(run.model / "checkpoint.safetensors").batch > 0 ? 1 : 0;
        ++stops;
    }
    BOOST_TEST(stops > 0);
    BOOST_TEST(within_an_epoch > 0);
    const ProgramResult last = run_program(command);
    BOOST_TEST(last.code == 0, last.err);
    expect_equal(run, uninterrupted);

    // a run that is over stays as it is
    const ProgramResult again = run_program(run.resume());
    BOOST_TEST(again.code == 0, again.err);
    expect_equal(run, uninterrupted);
}

BOOST_AUTO_TEST_CASE(a_signal_before_training_leaves_nothing) {
    TrainRun run;
    longer(run);
    RunningProgram program(run.command());
    BOOST_TEST(program.wait_for([&] { return program.has_open(fs::canonical(simulated() / "genome.fa")); }));
    program.send(SIGINT);
    const ProgramResult result = program.wait();
    BOOST_TEST(result.code == 130, result.err);
    if (!fs::exists(run.model)) BOOST_TEST(contains(result.err, "nothing was written"));
    else BOOST_TEST(fs::exists(run.model / "checkpoint.safetensors"));  // it had got further than that
}

BOOST_AUTO_TEST_CASE(killed_at_any_moment_a_run_can_go_on_to_the_same_bits) {
    TrainRun uninterrupted, run;
    longer(uninterrupted).succeeds();
    longer(run).set("--checkpoint-minutes", {"0.0000001"});
    const fs::path checkpoint = run.model / "checkpoint.safetensors";
    std::mt19937 random(2);
    int kills = 0, resumed = 0;
    for (int life = 0; life < 200 && kills < 24; ++life) {
        const bool goes_on = fs::exists(checkpoint);
        if (fs::exists(run.model / "train.json") && !goes_on) run.replacing();
        RunningProgram program(goes_on ? run.resume() : run.command());
        // some lives end while inputs are read, most within a few batches
        auto polls = std::uniform_int_distribution<int>(0, 12)(random);
        if (life % 4 == 0) program.wait_for([&] { return polls-- <= 0; });
        else {
            const auto before = goes_on ? fs::last_write_time(checkpoint) : fs::file_time_type::min();
            std::error_code none;
            program.wait_for([&] { return fs::exists(checkpoint) && fs::last_write_time(checkpoint, none) != before && polls-- <= 0; });
        }
        program.send(SIGKILL);
        const ProgramResult result = program.wait();
        if (result.code == 0) {  // it was over before: from the beginning, since kills are what is wanted here
            expect_equal(run, uninterrupted);
            run.replacing();
            fs::remove(checkpoint);
            continue;
        }
        BOOST_TEST(result.code == -SIGKILL, result.err);
        ++kills;
        if (fs::exists(checkpoint)) {
            BOOST_CHECK_NO_THROW(place_of(checkpoint));
            ++resumed;
        }
        if (fs::exists(run.model / "model.json")) {
            const ProgramResult inspected = factornet({"inspect", run.model.string()});
            BOOST_TEST(inspected.code == 0, inspected.err);
        }
    }
    BOOST_TEST(kills >= 20);
    BOOST_TEST(resumed > 0);
    const bool goes_on = fs::exists(checkpoint);
    if (!goes_on) run.replacing();
    const ProgramResult last = run_program(goes_on ? run.resume() : run.command());
    BOOST_TEST(last.code == 0, last.err);
    expect_equal(run, uninterrupted);
}

BOOST_AUTO_TEST_SUITE_END()
