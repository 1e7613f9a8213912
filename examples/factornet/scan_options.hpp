// SPDX-License-Identifier: MIT
#pragma once

#include "device.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace factornet {

/// What `factornet scan` is asked to do; the names are those of its options.
struct ScanOptions {
    enum class Format { by_name, table, bedgraph, bigwig };

    std::filesystem::path cell;                 ///< -i
    std::vector<std::filesystem::path> models;  ///< -m; the scores of several are averaged
    std::vector<std::string> factors;           ///< -f; empty: all of the model
    std::filesystem::path genome;               ///< --genome
    std::filesystem::path sizes;                ///< --sizes; empty: the genome's chromosomes
    std::filesystem::path annotations;          ///< --annotations
    std::string blacklist;                      ///< --blacklist; empty: that of --annotations; "none": no regions
    std::string kernels = "theano";             ///< --kernels

    std::filesystem::path regions;         ///< --regions
    std::vector<std::string> chromosomes;  ///< --chroms
    bool challenge = false;                ///< --challenge
    std::string chrom_prefix;              ///< --chrom-prefix
    std::int64_t bin = 200;                ///< --bin
    std::int64_t stride = 50;              ///< --stride

    std::filesystem::path output;     ///< -o; {task} stands for the factor
    Format format = Format::by_name;  ///< --format
    std::string overlap = "mean";     ///< --overlap

    std::filesystem::path peaks;       ///< --peaks; {task} stands for the factor
    std::optional<double> threshold;   ///< --threshold
    std::optional<double> precision;   ///< --precision
    std::filesystem::path labels;      ///< --labels
    std::string label_cell;            ///< --cell

    DeviceOptions device;  ///< --device, --arithmetic
    int threads = 0;       ///< --threads; 0: all cores
    bool resume = false;   ///< --resume
    bool quiet = false;    ///< --quiet
    bool json = false;     ///< --json
};

}  // namespace factornet
