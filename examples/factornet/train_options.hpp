// SPDX-License-Identifier: MIT
#pragma once

#include "device.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace factornet {

/// What `factornet train` is asked to do; letters are upstream's. Paths are absolute, so that a run can be resumed from anywhere.
struct TrainOptions {
    // data
    std::vector<std::string> cells;                          ///< -i
    std::vector<std::string> validation_cells;               ///< -vi
    std::string factor;                                      ///< -f; empty: all factors of one cell
    std::string genome;                                      ///< --genome
    std::string sizes;                                       ///< --sizes; empty: all chromosomes of the genome
    std::string annotations;                                 ///< --annotations
    std::string blacklist;                                   ///< --blacklist; empty: that of --annotations; "none": no regions
    std::vector<std::string> validation{"chr11"};            ///< -v
    std::vector<std::string> test{"chr1", "chr8", "chr21"};  ///< -t
    bool meta = false;                                       ///< -m
    bool gencode = false;                                    ///< -g
    bool no_tracks = false;                                  ///< --no-tracks
    std::string motifs;                                      ///< --motifs: MEME file
    bool motif = false;                                      ///< -mo
    std::int64_t negatives = 1;                              ///< -n
    std::string negative_rule = "fresh";                     ///< --negative-rule
    std::string epoch_rule = "whole";                        ///< --epoch-rule
    std::string label_rule = "factornet";                    ///< --label-rule
    std::string annotation_rule = "bin";                     ///< --annotation-rule
    std::int64_t margin = 200;                               ///< --margin
    std::int64_t shift = 20;                                 ///< --shift
    bool reverse_complement = false;                         ///< --reverse-complement

    // network
    std::int64_t length = 1000;          ///< -L
    std::int64_t width = 26;             ///< -w
    std::int64_t kernels = 32;           ///< -k
    std::int64_t recurrent = 32;         ///< -r; 0: none, -1: global max pooling
    std::int64_t dense = 128;            ///< -d
    std::int64_t pool = 0;               ///< --pool; 0: half the width
    double dropout = 0.5;                ///< -p
    double lstm_dropout = 0.1;           ///< --lstm-dropout
    std::string gates = "hard_sigmoid";  ///< --gates
    std::string init = "keras1";         ///< --init

    // training
    std::int64_t epochs = 100;              ///< -e
    std::int64_t patience = 20;             ///< -ep
    double rate = 0.001;                    ///< -lr
    std::int64_t batch = 100;               ///< --batch
    std::uint64_t seed = 420;               ///< -s
    std::string optimizer = "adam-keras1";  ///< --optimizer
    double clip = 0;                        ///< --clip; 0: none
    std::string arithmetic = "exact32";     ///< --precision

    // output and run
    std::string output;              ///< -o, -oc
    double checkpoint_minutes = 10;  ///< --checkpoint-minutes

    NLOHMANN_DEFINE_TYPE_INTRUSIVE_WITH_DEFAULT(TrainOptions, cells, validation_cells, factor, genome, sizes, annotations, blacklist,
                                                validation, test, meta, gencode, no_tracks, motifs, motif, negatives, negative_rule,
                                                epoch_rule, label_rule, annotation_rule, margin, shift, reverse_complement, length, width,
                                                kernels, recurrent, dense, pool, dropout, lstm_dropout, gates, init, epochs, patience, rate,
                                                batch, seed, optimizer, clip, output, checkpoint_minutes, arithmetic)
};

/// How a run is carried out. Nothing here changes a result but where it runs: another kind of device rounds otherwise.
struct TrainRunOptions {
    DeviceOptions device;    ///< --device, --devices; the arithmetic is that of `TrainOptions`
    int threads = 0;         ///< --threads; 0: all cores
    std::string memory;      ///< --memory, "4G"; empty: no limit
    std::string scratch;     ///< --scratch: folder of the mapped file where the memory does not do
    bool overwrite = false;  ///< -oc
    bool resume = false;     ///< --resume
    bool dry_run = false;    ///< --dry-run
    bool quiet = false;      ///< --quiet
    bool json = false;       ///< --json
};

/// Trains a FactorNet.
/// \throws chromatid::Error, chromatid::TrainingInterrupted after a checkpoint, Interrupted before training began
void train(const TrainOptions& options, const TrainRunOptions& run);

}  // namespace factornet
