// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/dataset/factornet_data.hpp>
#include <chromatid/genome/any_sequence.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/serialize/model_directory.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

#include "train_options.hpp"

namespace factornet {

/// Everything that a training run is made of, known before anything large is read.
struct TrainPlan {
    chromatid::AnySequence genome;
    chromatid::FactorNetData data;
    chromatid::ModelDirectory names;
    chromatid::FactorNetSizes sizes;
    chromatid::AnyModel<> model;  ///< with its first weights
    std::string masked;           ///< what is masked, in words
    std::string motif;            ///< what the first two kernels begin with, in words; empty for nothing
    std::int64_t bases = 0;       ///< of all chromosomes to be decoded
    chromatid::Index threads = 1;
    std::string device = "cpu";  ///< where it will run, in words
};

/// \throws chromatid::Error for options that do not fit together, and files that cannot be read or do not belong together
TrainPlan make_plan(const TrainOptions& options, const TrainRunOptions& run);

/// What is going to be trained: factors, cells, windows by chromosome, network, memory; with an estimate of the time where `out` is stdout.
void print_plan(const TrainPlan& plan, const TrainOptions& options, std::FILE* out);

}  // namespace factornet
