// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/network/description.hpp>
#include <chromatid/serialize/kernel_convention.hpp>
#include <chromatid/serialize/keras1_weights_file.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chromatid::detail {

/// Reads the arrays of one Keras 1 layer, in their order, into the parameters of one layer of a network.
///
/// | layer | arrays in the file | what changes |
/// |---|---|---|
/// | Conv1D | W (width, 1, inputs, filters), before Keras 1.1 (filters, inputs, width, 1); b | theano: the taps turn round |
/// | Dense, TimeDistributedDense | W (inputs, units), b | nothing |
/// | LSTM, BiLSTM by direction | for each gate i, c, f, o: W (inputs, units), U (units, units), b (units) | columns of one array, in the order i, f, c, o |
template <class T>
class Keras1LayerReader {
  public:
    Keras1LayerReader(const Hdf5File& file, const Keras1WeightsFile::Layer& from, const LayerDescription& to, KernelConvention kernels)
        : file_(file), from_(from), to_(to), kernels_(kernels) {}

    /// \param parameters  the layer's slice of the flat buffer
    /// \throws FormatError, or ModelError where the arrays are not those of the layer
    void read(std::span<T> parameters) {
        parameters_ = parameters.data();
        const std::size_t arrays = to_.parameters.size();
        if (to_.kind == "Conv1D") expect_arrays(arrays), read_conv1d();
        else if (to_.kind == "Dense" || to_.kind == "TimeDistributedDense") expect_arrays(arrays), read_as_they_are(0);
        else if (to_.kind == "LSTM" || to_.kind == "BiLSTM") expect_arrays(arrays * gates), read_lstm();
        else throw ModelError(file_.path() + ": layer " + from_.name + ": weights for " + to_.text + " cannot come from Keras 1");
    }

  private:
    static constexpr std::size_t gates = 4;

    void expect_arrays(std::size_t wanted) const {
        if (from_.datasets.size() == wanted) return;
        throw ModelError(file_.path() + ": layer " + from_.name + ": has " + std::to_string(from_.datasets.size()) + " arrays, " +
                         to_.name + " (" + to_.text + ") needs " + std::to_string(wanted));
    }

    /// The next array, which must have these extents.
    std::span<const T> next(const std::vector<Index>& wanted) {
        const std::string& dataset = from_.datasets[next_];
        if (const std::vector<Index> found = file_.extents(dataset); found != wanted)
            throw ModelError(file_.path() + ": " + dataset + ": has shape " + to_string(std::span<const Index>(found)) + ", " + to_.name +
                             " (" + to_.text + ") needs " + to_string(std::span<const Index>(wanted)));
        Index size = 1;
        for (const Index extent : wanted) size *= extent;
        array_.resize(static_cast<std::size_t>(size));
        file_.read(dataset, std::span(array_));
        ++next_;
        return array_;
    }

    T* take(const ParameterSpec& spec) {
        T* first = parameters_;
        parameters_ += spec.size();
        return first;
    }

    void read_as_they_are(std::size_t first_array) {
        for (std::size_t i = first_array; i < to_.parameters.size(); ++i) {
            const ParameterSpec& spec = to_.parameters[i];
            std::ranges::copy(next({spec.extents().begin(), spec.extents().end()}), take(spec));
        }
    }

    void read_conv1d() {
        const ParameterSpec& spec = to_.parameters[0];
        const Index width = spec.extents()[0], inputs = spec.extents()[1], filters = spec.extents()[2];
        const std::vector<Index> since_1_1{width, 1, inputs, filters}, before_1_1{filters, inputs, width, 1};
        const std::vector<Index> found = file_.extents(from_.datasets[0]);
        const bool old = found == before_1_1 && found != since_1_1;
        const std::span<const T> w = next(old ? before_1_1 : since_1_1);
        T* kernel = take(spec);
        for (Index tap = 0; tap < width; ++tap) {
            const Index stored = kernels_ == KernelConvention::theano ? width - 1 - tap : tap;
            for (Index c = 0; c < inputs; ++c)
                for (Index f = 0; f < filters; ++f)
                    *kernel++ = w[static_cast<std::size_t>(old ? (f * inputs + c) * width + stored : (stored * inputs + c) * filters + f)];
        }
        read_as_they_are(1);
    }

    void read_lstm() {
        constexpr std::size_t place_of_gate[gates] = {0, 2, 1, 3};  // of i, c, f, o among i, f, c, o
        for (std::size_t direction = 0; direction < to_.parameters.size(); direction += 3) {
            T* const targets[3] = {take(to_.parameters[direction]), take(to_.parameters[direction + 1]),
                                   take(to_.parameters[direction + 2])};
            for (const std::size_t place : place_of_gate)
                for (std::size_t i = 0; i < 3; ++i) {
                    const ParameterSpec& spec = to_.parameters[direction + i];
                    const Index all_gates = spec.extents().back(), units = all_gates / static_cast<Index>(gates),
                                rows = spec.size() / all_gates;
                    const std::span<const T> block =
                        next(spec.extents().size() == 2 ? std::vector<Index>{rows, units} : std::vector<Index>{units});
                    for (Index row = 0; row < rows; ++row)
                        std::copy_n(block.data() + row * units, units, targets[i] + row * all_gates + static_cast<Index>(place) * units);
                }
        }
    }

    const Hdf5File& file_;
    const Keras1WeightsFile::Layer& from_;
    const LayerDescription& to_;
    KernelConvention kernels_;
    T* parameters_ = nullptr;
    std::size_t next_ = 0;
    std::vector<T> array_;
};

}  // namespace chromatid::detail
