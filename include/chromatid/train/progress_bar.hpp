// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/train/training_run.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>

#include <unistd.h>

namespace chromatid {

/// Reports training on stderr, or another stream: on a terminal a bar with loss, rate and the time left of the epoch, elsewhere a line a
/// minute; and after each epoch a line that says, among others, in which share of the time no batch was ready.
class ProgressBar {
  public:
    explicit ProgressBar(std::FILE* out = stderr) : ProgressBar(out, isatty(fileno(out)) != 0) {}
    /// \param terminal  whether a line may be written over
    ProgressBar(std::FILE* out, bool terminal) : out_(out), terminal_(terminal) {}

    void begin(TrainingRun&) { shown_ = Clock::now(); }

    void batch_ended(TrainingRun& run) {
        const Clock::time_point now = Clock::now();
        if (now - shown_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(60000))) return;
        shown_ = now;
        print((terminal_ ? bar(run) : "") + line(run), false);
    }
    void epoch_ended(TrainingRun& run) {
        print(line(run.epoch, run.epochs, run.history), true);
        shown_ = Clock::now();
    }
    void ended(TrainingRun& run) {
        if (open_) std::fputc('\n', out_);
        open_ = false;
        if (!run.history.stopped.empty()) std::fprintf(out_, "stopped: %s\n", run.history.stopped.c_str());
    }

    /// The line of an epoch that is under way.
    static std::string line(const TrainingRun& run) {
        const Index done = run.validating ? run.validation_batch : run.batch, all = run.validating ? run.validation_batches : run.batches;
        const double speed = run.training_seconds > 0 ? static_cast<double>(run.batch) / run.training_seconds : 0;
        std::string text = "epoch " + std::to_string(run.epoch + 1) + "/" + std::to_string(run.epochs) +
                           (run.validating ? ", validation" : "") + ", batch " + std::to_string(done) + "/" + std::to_string(all) +
                           ", loss " + number("%.4f", run.sums.mean_loss());
        if (!run.validating && run.training_seconds > 0)
            text += ", " + number("%.0f", static_cast<double>(run.sums.windows) / run.training_seconds) + " windows/s, ETA " +
                    clock_text(static_cast<double>(all - done) / speed);
        return text;
    }
    /// The line of an epoch that is over, `history.last()`.
    static std::string line(Index epoch, Index epochs, const History& history) {
        const History::Epoch& e = history.last();
        std::string text = "epoch " + std::to_string(epoch + 1) + "/" + std::to_string(epochs) + ": loss " + number("%.4f", e.loss);
        if (!std::isnan(e.accuracy)) text += ", accuracy " + number("%.4f", e.accuracy);
        if (!std::isnan(e.validation_loss))
            text += ", validation loss " + number("%.4f", e.validation_loss) + (history.best() == epoch ? " (best)" : "");
        if (!std::isnan(e.validation_accuracy)) text += ", accuracy " + number("%.4f", e.validation_accuracy);
        return text + ", " + clock_text(e.seconds) + ", " + number("%.0f", e.windows_per_second) + " windows/s, " +
               number("%.1f", 100 * e.waiting) + " % of the time waiting for data";
    }

  private:
    using Clock = std::chrono::steady_clock;

    static std::string bar(const TrainingRun& run) {
        const Index done = run.validating ? run.validation_batch : run.batch,
                    all = std::max<Index>(1, run.validating ? run.validation_batches : run.batches);
        const auto filled = static_cast<std::size_t>(std::clamp<Index>(20 * done / all, 0, 20));
        return "[" + std::string(filled, '#') + std::string(20 - filled, '.') + "] ";
    }
    static std::string number(const char* format, double value) {
        char text[48];
        std::snprintf(text, sizeof text, format, value);
        return text;
    }
    static std::string clock_text(double seconds) {
        const auto s = static_cast<long long>(std::isfinite(seconds) ? seconds + 0.5 : 0);
        char text[48];
        if (s >= 3600) std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
        else std::snprintf(text, sizeof text, "%lld:%02lld", s / 60, s % 60);
        return text;
    }
    void print(const std::string& text, bool whole) {
        if (terminal_) std::fprintf(out_, "\r\033[K%s%s", text.c_str(), whole ? "\n" : "");
        else std::fprintf(out_, "%s\n", text.c_str());
        std::fflush(out_);
        open_ = terminal_ && !whole;
    }

    std::FILE* out_;
    bool terminal_;
    bool open_ = false;
    Clock::time_point shown_{};
};

}  // namespace chromatid
