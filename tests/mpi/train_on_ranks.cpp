// SPDX-License-Identifier: MIT
//
// Trains a small FactorNet on all ranks that mpirun starts. Each rank leaves its weights and history, bit by bit, in OUT.RANK.
//
//   train_on_ranks OUT [alone | fail R | signal R | resume]
//
// alone: without MPI; fail R: reading fails on rank R in the second epoch; signal R: rank R sends itself SIGTERM after three batches;
// resume: goes on from there.
#include <chromatid/core/error.hpp>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/optim/adam.hpp>
#include <chromatid/train/checkpoints.hpp>
#include <chromatid/train/history.hpp>
#include <chromatid/train/mpi_communicator.hpp>
#include <chromatid/train/single_process.hpp>
#include <chromatid/train/stop_on_signal.hpp>
#include <chromatid/train/trainer.hpp>
#include <chromatid/train/training_interrupted.hpp>

#include "tests/support/random_arrays.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

using namespace chromatid;
using test::Draw;

namespace {

constexpr Index size = 100, length = 60, channels = 6;

/// A pure function of seed, epoch and number, which leaves other ranks' windows out.
struct RandomWindows {
    std::uint64_t seed;
    Index count, failing = -1;

    std::string to_text() const { return "random windows " + std::to_string(seed); }
    Index batches(Index) const { return count; }
    void load(Index epoch, Index number, Batch& batch) const {
        if (epoch == 1 && number == 1 && batch.share.rank == failing) throw IoError("DGF.bw", "cannot read", 5);
        if (batch.x.extents().empty()) {
            batch.x = Tensor<float>({size, length, channels});
            batch.targets = Tensor<float>({size, 1});
        }
        batch.size = number + 1 < count ? size : size / 3;
        const auto wanted = batch.share.own_windows(batch.size);
        std::fill_n(batch.x.data(), batch.x.size(), std::numeric_limits<float>::quiet_NaN());
        for (Index w = 0; w < batch.size; ++w) {
            Draw draw(seed << 32 | static_cast<std::uint64_t>((epoch * 16 + number) * 1024 + w));
            batch.targets(w, 0) = static_cast<float>(draw.index(0, 1));
            if (w < wanted.first || w >= wanted.end) continue;
            for (Index t = 0; t < length; ++t) {
                for (Index c = 0; c < channels; ++c) batch.x(w, t, c) = c < 4 ? 0.0F : static_cast<float>(draw.number());
                batch.x(w, t, draw.index(0, 3)) = 1;
            }
        }
    }
};

struct SignalAfter {
    static constexpr bool on_every_rank = true;
    Index rank, batches;

    void batch_ended(TrainingRun& run) {
        if (--batches == 0 && run.rank == rank) std::raise(SIGTERM);
    }
};

template <class C>
int train(C all, const std::string& out, const std::string& what, Index which) {
    AnyModel<> model = make_factornet(
        {.length = length, .filters = 8, .width = 7, .position_units = 8, .pool = 6, .lstm_units = 4, .dense_units = 8});
    model.initialize(5 + static_cast<std::uint64_t>(all.rank()));
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.01}, {.seed = 420, .epochs = 2, .threads = 1}, all);
    std::optional<SignalAfter> signal;
    if (what == "signal") signal = SignalAfter{which, 3};
    const RandomWindows training{.seed = 1, .count = 4, .failing = what == "fail" ? which : -1}, validation{.seed = 2, .count = 3};
    Checkpoints checkpoints{.file = out + ".checkpoint", .resume = what == "resume"};
    History history;
    try {
        history = trainer.fit(training, validation, signal, StopOnSignal{}, checkpoints);
    } catch (const TrainingInterrupted& stop) {
        std::fprintf(stderr, "rank %td: %s\n", all.rank(), stop.what());
        return stop.exit_code();
    }
    std::ofstream file(out + "." + std::to_string(all.rank()), std::ios::binary);
    for (const float p : model.parameters()) file.write(reinterpret_cast<const char*>(&p), sizeof p);
    for (const History::Epoch& e : history.epochs)
        for (const double v : {e.loss, e.accuracy, e.validation_loss, e.validation_accuracy, e.rate})
            file.write(reinterpret_cast<const char*>(&v), sizeof v);
    return file.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const std::string what = argc > 2 ? argv[2] : "";
    const Index which = argc > 3 ? std::atoi(argv[3]) : 0;
    if (what == "alone") return train(SingleProcess{}, argv[1], what, which);
    MpiCommunicator all;
    return together(all, [&] { return train(all, argv[1], what, which); });
}
