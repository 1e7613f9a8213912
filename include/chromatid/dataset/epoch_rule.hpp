// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// What an epoch of training is.
///
/// - whole: all positives and the epoch's negatives, the last batch as long as it comes out
/// - stream: FactorNet's. These follow each other in one stream, of which an epoch takes as many whole batches as go into it; the rest
///   spills over into the next one, so that epochs drift
enum class EpochRule { whole, stream };

}  // namespace chromatid
