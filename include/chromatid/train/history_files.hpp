// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/io/output_file.hpp>
#include <chromatid/train/training_run.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>

namespace chromatid {

/// The history as files that are whole at any time, rewritten after each epoch: a table with one row per epoch, and JSON with one list per
/// column. A file whose name is empty is not written. Numbers are written so that they read back to the same bits; a missing one is empty
/// in CSV, null in JSON.
struct HistoryFiles {
    std::filesystem::path csv;
    std::filesystem::path json;

    /// \throws IoError
    void epoch_ended(TrainingRun& run) const {
        if (!csv.empty()) write(csv, csv_of(run.history));
        if (!json.empty()) write(json, json_of(run.history));
    }

    static std::string csv_of(const History& history) {
        std::string text = "epoch";
        for (const Column& column : columns) text += std::string(",") + column.name;
        text += "\n";
        for (std::size_t e = 0; e < history.epochs.size(); ++e) {
            text += std::to_string(e + 1);
            for (const Column& column : columns) text += "," + number(history.epochs[e].*column.value, "");
            text += "\n";
        }
        return text;
    }

    static std::string json_of(const History& history) {
        std::string text = "{\n";
        for (const Column& column : columns) {
            text += std::string("  \"") + column.name + "\": [";
            for (std::size_t e = 0; e < history.epochs.size(); ++e)
                text += (e == 0 ? "" : ", ") + number(history.epochs[e].*column.value, "null");
            text += &column == &columns.back() ? "]\n" : "],\n";
        }
        return text + "}\n";
    }

  private:
    struct Column {
        const char* name;
        double History::Epoch::* value;
    };
    static constexpr std::array<Column, 8> columns{{{"loss", &History::Epoch::loss},
                                                    {"accuracy", &History::Epoch::accuracy},
                                                    {"val_loss", &History::Epoch::validation_loss},
                                                    {"val_accuracy", &History::Epoch::validation_accuracy},
                                                    {"rate", &History::Epoch::rate},
                                                    {"seconds", &History::Epoch::seconds},
                                                    {"waiting", &History::Epoch::waiting},
                                                    {"windows_per_second", &History::Epoch::windows_per_second}}};

    static std::string number(double value, const char* missing) {
        if (!std::isfinite(value)) return missing;
        char text[32];
        std::snprintf(text, sizeof text, "%.17g", value);
        return text;
    }
    static void write(const std::filesystem::path& path, const std::string& text) {
        OutputFile file(path);
        file.write(text);
        file.commit();
    }
};

}  // namespace chromatid
