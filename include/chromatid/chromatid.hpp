// SPDX-License-Identifier: MIT
#pragma once

/// What every program with a network uses, and needs no library but Eigen: arrays, layers, networks, the CPU backend, losses and
/// optimizers. The genome side (genome/, io/, dataset/), training (train/), measures (eval/), model files (serialize/) and array adapters
/// (tensor/eigen.hpp, tensor/xtensor.hpp) are included one by one; so is the backend of GPUs, `Cuda` in chromatid/cuda.cuh, which needs
/// nvcc.

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

#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/loss/binary_cross_entropy_on_logits.hpp>
#include <chromatid/loss/class_weights.hpp>
#include <chromatid/loss/loss.hpp>
#include <chromatid/loss/mean_squared_error.hpp>

#include <chromatid/optim/adam.hpp>
#include <chromatid/optim/clip_norm.hpp>
#include <chromatid/optim/cosine_decay.hpp>
#include <chromatid/optim/exponential_decay.hpp>
#include <chromatid/optim/optimizer.hpp>
#include <chromatid/optim/rate_schedule.hpp>
#include <chromatid/optim/sgd.hpp>
#include <chromatid/optim/step_decay.hpp>
#include <chromatid/optim/warmup.hpp>
