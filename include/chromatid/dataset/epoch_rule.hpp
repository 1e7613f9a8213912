// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// What an epoch of training is.
enum class EpochRule {
    whole,  ///< all positives and the epoch's negatives, the last batch as long as it comes out
    stream  ///< FactorNet's: these follow each other in one stream, of which an epoch takes as many whole batches as go into it; the rest spills over into
            ///< the next one
};

}  // namespace chromatid
