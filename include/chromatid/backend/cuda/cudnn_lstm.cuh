// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/cudnn.cuh>
#include <chromatid/backend/cuda/gpu.cuh>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cudnn.h>

#include <cstddef>
#include <vector>

namespace chromatid::cuda {

/// The four gates' matrices of cuDNN, (units, inputs) each, from or to Keras' one matrix (inputs, 4 units).
struct GateMatrices {
    float* gate[4];
    Index inputs, units;

    CHROMATID_HOST_DEVICE float& element(Index input, Index column) const { return gate[column / units][column % units * inputs + input]; }
};
struct PackGates {
    const float* kernel;
    GateMatrices gates;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { gates.element(i / (4 * gates.units), i % (4 * gates.units)) = kernel[i]; }
};
struct AddGates {
    float* kernel;
    GateMatrices gates;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { kernel[i] += gates.element(i / (4 * gates.units), i % (4 * gates.units)); }
};

/// A bidirectional LSTM with logistic gates by cuDNN: a peer to measure and check our own kernels against. Both count gates in the order i,
/// f, c, o.
///
/// x is (batch, length, inputs), y (batch, length, 2 units), forward direction first. All its memory is allocated when it is made.
/// The device of its context must be the current one in each call.
class CudnnBiLstm {
  public:
    /// \param tensor_cores  factors may be rounded as TF32 does; otherwise products are exact
    /// \param algorithm     `CUDNN_RNN_ALGO_STANDARD`, or a persistent one where cuDNN has it for these sizes
    CudnnBiLstm(Gpu::Context& on, Index batch, Index length, Index inputs, Index units, bool tensor_cores, bool training = false,
                cudnnRNNAlgo_t algorithm = CUDNN_RNN_ALGO_STANDARD)
        : inputs_(inputs),
          units_(units),
          mode_(training ? CUDNN_FWD_MODE_TRAINING : CUDNN_FWD_MODE_INFERENCE),
          cudnn_(make_cudnn(on.stream())),
          none_dropped_(make<Dropout>(cudnnCreateDropoutDescriptor)),
          rnn_(make<Rnn>(cudnnCreateRNNDescriptor)),
          x_(sequences(batch, length, inputs)),
          y_(sequences(batch, length, 2 * units)),
          states_(make<Tensor>(cudnnCreateTensorDescriptor)) {
        const int b = static_cast<int>(batch), c = static_cast<int>(inputs), h = static_cast<int>(units);
        CHROMATID_CUDA_CHECK(cudnnSetDropoutDescriptor(none_dropped_.get(), cudnn_.get(), 0.0F, nullptr, 0, 0));
        CHROMATID_CUDA_CHECK(cudnnSetRNNDescriptor_v8(rnn_.get(), algorithm, CUDNN_LSTM, CUDNN_RNN_SINGLE_INP_BIAS, CUDNN_BIDIRECTIONAL,
                                                      CUDNN_LINEAR_INPUT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT,
                                                      tensor_cores ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH, c, h, h, 1, none_dropped_.get(),
                                                      CUDNN_RNN_PADDED_IO_ENABLED));
        const int extents[] = {2, b, h}, strides[] = {b * h, h, 1};
        CHROMATID_CUDA_CHECK(cudnnSetTensorNdDescriptor(states_.get(), CUDNN_DATA_FLOAT, 3, extents, strides));
        std::size_t weights = 0, work = 0, reserve = 0;
        CHROMATID_CUDA_CHECK(cudnnGetRNNWeightSpaceSize(cudnn_.get(), rnn_.get(), &weights));
        CHROMATID_CUDA_CHECK(cudnnGetRNNTempSpaceSizes(cudnn_.get(), rnn_.get(), mode_, x_.get(), &work, &reserve));
        weights_ = memory(weights);
        work_ = memory(work);
        reserve_ = memory(reserve);
        if (training) gradients_ = memory(weights);
        Gpu::zero(on, weights, weights_.data());
    }

    /// Takes the weights of one direction as Keras has them.
    /// \param kernel, recurrent, bias  (inputs, 4 units), (units, 4 units), (4 units), on the device
    void set_weights(Gpu::Context& on, bool backwards, const float* kernel, const float* recurrent, const float* bias) {
        const Gates g = gates(backwards, weights_);
        for_each<Gpu>(on, 4 * inputs_ * units_, PackGates{kernel, g.kernel});
        for_each<Gpu>(on, 4 * units_ * units_, PackGates{recurrent, g.recurrent});
        for_each<Gpu>(on, 4 * units_, PackGates{bias, g.bias});
    }

    void forward(const float* x, float* y) {
        CHROMATID_CUDA_CHECK(cudnnRNNForward(cudnn_.get(), rnn_.get(), mode_, nullptr, x_.get(), x, y_.get(), y, states_.get(), nullptr,
                                             nullptr, states_.get(), nullptr, nullptr, bytes(weights_), weights_.data(), bytes(work_),
                                             work_.data(), bytes(reserve_), reserve_.data()));
    }

    /// After `forward` in training: writes dx, and keeps the gradients of the weights for `add_gradients`.
    void backward(Gpu::Context& on, const float* x, const float* y, const float* dy, float* dx) {
        CHROMATID_CUDA_CHECK(cudnnRNNBackwardData_v8(cudnn_.get(), rnn_.get(), nullptr, y_.get(), y, dy, x_.get(), dx, states_.get(),
                                                     nullptr, nullptr, nullptr, states_.get(), nullptr, nullptr, nullptr, bytes(weights_),
                                                     weights_.data(), bytes(work_), work_.data(), bytes(reserve_), reserve_.data()));
        Gpu::zero(on, bytes(gradients_), gradients_.data());
        CHROMATID_CUDA_CHECK(cudnnRNNBackwardWeights_v8(cudnn_.get(), rnn_.get(), CUDNN_WGRAD_MODE_ADD, nullptr, x_.get(), x, states_.get(),
                                                        nullptr, y_.get(), y, bytes(gradients_), gradients_.data(), bytes(work_),
                                                        work_.data(), bytes(reserve_), reserve_.data()));
    }

    /// Adds the gradients of one direction, in Keras' layout.
    void add_gradients(Gpu::Context& on, bool backwards, float* dkernel, float* drecurrent, float* dbias) {
        const Gates g = gates(backwards, gradients_);
        for_each<Gpu>(on, 4 * inputs_ * units_, AddGates{dkernel, g.kernel});
        for_each<Gpu>(on, 4 * units_ * units_, AddGates{drecurrent, g.recurrent});
        for_each<Gpu>(on, 4 * units_, AddGates{dbias, g.bias});
    }

  private:
    using Dropout = Owned<cudnnDropoutDescriptor_t, cudnnDestroyDropoutDescriptor>;
    using Rnn = Owned<cudnnRNNDescriptor_t, cudnnDestroyRNNDescriptor>;
    using Sequences = Owned<cudnnRNNDataDescriptor_t, cudnnDestroyRNNDataDescriptor>;
    using Tensor = Owned<cudnnTensorDescriptor_t, cudnnDestroyTensorDescriptor>;
    using Memory = DeviceBuffer<std::byte>;

    struct Gates {
        GateMatrices kernel, recurrent, bias;
    };

    template <class O>
    static O make(cudnnStatus_t (*create)(typename O::pointer*)) {
        typename O::pointer p = nullptr;
        check(create(&p), "cudnnCreate...Descriptor");
        return O(p);
    }
    static Sequences sequences(Index batch, Index length, Index channels) {
        Sequences s = make<Sequences>(cudnnCreateRNNDataDescriptor);
        const std::vector<int> lengths(static_cast<std::size_t>(batch), static_cast<int>(length));
        float padding = 0;
        CHROMATID_CUDA_CHECK(cudnnSetRNNDataDescriptor(s.get(), CUDNN_DATA_FLOAT, CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED,
                                                       static_cast<int>(length), static_cast<int>(batch), static_cast<int>(channels),
                                                       lengths.data(), &padding));
        return s;
    }
    static Memory memory(std::size_t bytes) { return Memory(static_cast<Index>(bytes)); }
    static std::size_t bytes(const Memory& m) { return static_cast<std::size_t>(m.size()); }

    /// Where cuDNN keeps the matrices of a direction.
    Gates gates(bool backwards, const Memory& weights) const {
        Gates g{{{}, inputs_, units_}, {{}, units_, units_}, {{}, 1, units_}};
        const Tensor matrix = make<Tensor>(cudnnCreateTensorDescriptor), vector = make<Tensor>(cudnnCreateTensorDescriptor);
        for (int gate = 0; gate < 4; ++gate) {
            void *m = nullptr, *b = nullptr, *unused = nullptr;
            CHROMATID_CUDA_CHECK(cudnnGetRNNWeightParams(cudnn_.get(), rnn_.get(), backwards ? 1 : 0, bytes(weights), weights.data(), gate,
                                                         matrix.get(), &m, vector.get(), &b));
            g.kernel.gate[gate] = static_cast<float*>(m);
            g.bias.gate[gate] = static_cast<float*>(b);
            CHROMATID_CUDA_CHECK(cudnnGetRNNWeightParams(cudnn_.get(), rnn_.get(), backwards ? 1 : 0, bytes(weights), weights.data(),
                                                         4 + gate, matrix.get(), &m, vector.get(), &unused));
            g.recurrent.gate[gate] = static_cast<float*>(m);
        }
        return g;
    }

    Index inputs_, units_;
    cudnnForwardMode_t mode_;
    Cudnn cudnn_;
    Dropout none_dropped_;
    Rnn rnn_;
    Sequences x_, y_;
    Tensor states_;
    Memory weights_, work_, reserve_, gradients_;
};

}  // namespace chromatid::cuda
