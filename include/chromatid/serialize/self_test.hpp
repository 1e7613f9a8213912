// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/core/philox.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/serialize/safetensors_file.hpp>
#include <chromatid/serialize/safetensors_writer.hpp>
#include <chromatid/serialize/weights.hpp>
#include <chromatid/tensor/tensor.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

/// Two windows and what a network makes of them, kept beside its weights: whoever loads them sees whether the network computes the same.
template <class T>
struct SelfTest {
    static constexpr Index windows = 2;
    static constexpr double tolerance = 1e-5;  ///< absolute; outputs are probabilities

    Tensor<T> x, side, y;  ///< windows (2, length, channels), side input (2, side) or nothing, outputs (2, tasks)

    /// Random letters, tracks and side input between 0 and 1, the same for every network of these sizes.
    template <Backend B>
    static SelfTest of(const AnyModel<B>& model) {
        SelfTest test;
        const Index length = model.input_shape()[0], channels = model.input_shape()[1];
        test.x = Tensor<T>({windows, length, channels});
        for (Index row = 0; row < windows * length; ++row) {
            const Index letter = static_cast<Index>(4 * draw(0, row));
            for (Index c = 0; c < channels; ++c)
                test.x.data()[row * channels + c] = c < 4 ? T(c == letter) : static_cast<T>(draw(1, row * channels + c));
        }
        if (model.side_size() > 0) {
            test.side = Tensor<T>({windows, model.side_size()});
            for (Index i = 0; i < test.side.size(); ++i) test.side.data()[i] = static_cast<T>(draw(2, i));
        }
        test.y = test.run(model);
        return test;
    }

    static SelfTest read(const SafetensorsFile& file) {
        SelfTest test;
        const auto read = [&](const char* name, Tensor<T>& to) {
            to = Tensor<T>(std::span<const Index>(file.array(name).extents));
            detail::read_converted(file, name, to.span());
        };
        read("self_test.x", test.x);
        if (file.has("self_test.side")) read("self_test.side", test.side);
        read("self_test.y", test.y);
        return test;
    }
    void add_to(SafetensorsWriter& file) const {
        file.add("self_test.x", x.extents(), x.span());
        if (side.size() > 0) file.add("self_test.side", side.extents(), side.span());
        file.add("self_test.y", y.extents(), y.span());
    }

    /// Runs the network on the windows.
    /// \return the largest distance from the stored outputs
    /// \param file  for the message
    /// \throws ModelError where it is beyond the tolerance, or the windows are not such as the network takes
    template <Backend B>
    double verify(const AnyModel<B>& model, const std::string& file) const {
        const auto refuse = [&](const std::string& what) { throw ModelError(file + ": self-test: " + what); };
        Tensor<T> found;
        try {
            found = run(model);
        } catch (const ShapeError& error) {
            refuse(error.what());
        }
        if (!std::ranges::equal(found.extents(), y.extents()))
            refuse("the network gives " + to_string(found.extents()) + " outputs, stored are " + to_string(y.extents()));
        double largest = 0;
        for (Index i = 0; i < y.size(); ++i) {
            const double distance = std::abs(static_cast<double>(found.data()[i]) - static_cast<double>(y.data()[i]));
            if (!(distance <= tolerance))
                refuse("window " + std::to_string(i / y.extent(1)) + ", output " + std::to_string(i % y.extent(1)) +
                       ": the network computes " + std::to_string(found.data()[i]) + ", stored is " + std::to_string(y.data()[i]) +
                       " (weights and model.json do not belong together, or one is damaged)");
            largest = std::max(largest, distance);
        }
        return largest;
    }

  private:
    template <Backend B>
    Tensor<T> run(const AnyModel<B>& model) const {
        return side.size() > 0 ? model.predict(x, side) : model.predict(x);
    }

    static double draw(std::uint32_t stream, Index i) {
        const auto counter = static_cast<std::uint64_t>(i);
        return Philox::uniform(
            Philox::block(Philox::key(1), {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), stream, 0})[0]);
    }
};

}  // namespace chromatid
