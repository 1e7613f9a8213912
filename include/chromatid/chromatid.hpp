// SPDX-License-Identifier: MIT
#pragma once

/// Everything that needs no library but Eigen: layers, networks, the CPU backend, and the genome side without files.
/// Training (loss/, optim/, train/), readers of files (io/), importers (serialize/) and array adapters (tensor/eigen.hpp, tensor/xtensor.hpp) are included one by one.

#include <chromatid/core/activation.hpp>
#include <chromatid/core/alphabet.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/core/extents.hpp>
#include <chromatid/core/philox.hpp>
#include <chromatid/core/property.hpp>
#include <chromatid/core/shape.hpp>
#include <chromatid/core/strand_merge.hpp>

#include <chromatid/tensor/array.hpp>
#include <chromatid/tensor/tensor.hpp>
#include <chromatid/tensor/view.hpp>

#include <chromatid/backend/cpu/cpu.hpp>

#include <chromatid/layer/activation.hpp>
#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/global_max_pool1d.hpp>
#include <chromatid/layer/lstm.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>

#include <chromatid/network/any_model.hpp>
#include <chromatid/network/concat.hpp>
#include <chromatid/network/model.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>
#include <chromatid/network/sequential.hpp>
#include <chromatid/network/summary.hpp>
