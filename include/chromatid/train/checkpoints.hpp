// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/train/checkpoint.hpp>

#include <chrono>
#include <filesystem>
#include <ratio>

namespace chromatid {

/// Keeps a checkpoint in a file: every so many minutes or epochs, and when training stops, be it at its end, early or by a signal. There is
/// always a whole one: a new one is written beside it and takes its name. With `resume` training goes on where the file says, to the same
/// bits as if it had never stopped; in the middle of an epoch too.
struct Checkpoints {
    std::filesystem::path file;
    double every_minutes = 10;  ///< 0: not by time
    Index every_epochs = 0;     ///< 0: not by epochs
    bool resume = false;        ///< begin with what the file holds
    std::chrono::steady_clock::time_point last{};  ///< when it was written last, or training began; set by the run

    void restore(TrainingRun& run) const {
        if (resume) read_checkpoint(file, run);
    }
    void begin(TrainingRun&) { last = std::chrono::steady_clock::now(); }
    /// \throws Diverged, and the file stays as it was; IoError
    void keep(TrainingRun& run) {
        const bool epoch_over = run.batches == 0;
        const bool by_epoch = epoch_over && every_epochs > 0 && run.epoch % every_epochs == 0;
        const bool by_time =
            every_minutes > 0 && std::chrono::steady_clock::now() - last >= std::chrono::duration<double, std::ratio<60>>(every_minutes);
        if (!by_epoch && !by_time && !run.stopping) return;
        write_checkpoint(file, run);
        last = std::chrono::steady_clock::now();
    }
};

}  // namespace chromatid
