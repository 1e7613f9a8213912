// SPDX-License-Identifier: MIT
#pragma once

#include "device.hpp"

#include <filesystem>
#include <string>

namespace factornet {

/// What `factornet predict` is asked to do; the names are those of its options.
struct PredictOptions {
    enum class Format { table, upstream, bedgraph, bigwig };

    std::filesystem::path cell;         ///< -i
    std::filesystem::path model;        ///< -m
    std::string factor;                 ///< -f; empty: the model's only one
    std::filesystem::path bed;          ///< -b
    std::filesystem::path output;       ///< -o
    std::filesystem::path genome;       ///< --genome
    std::filesystem::path sizes;        ///< --sizes; empty: the genome's chromosomes
    std::filesystem::path annotations;  ///< --annotations
    std::string blacklist;              ///< --blacklist; empty: that of --annotations; "none": no regions
    std::string chrom_prefix;           ///< --chrom-prefix
    std::string kernels = "theano";     ///< --kernels
    std::string overlap = "mean";       ///< --overlap
    Format format = Format::table;      ///< --format
    DeviceOptions device;               ///< --device, --precision
    int threads = 0;                    ///< --threads; 0: all cores
    bool quiet = false;                 ///< --quiet
    bool json = false;                  ///< --json
};

/// Scores the windows of a BED file with a published or own model.
/// \throws chromatid::Error, Interrupted; the output is then not there
void predict(const PredictOptions& options);

}  // namespace factornet
