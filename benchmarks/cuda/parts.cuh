// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/cudnn_lstm.cuh>
#include <chromatid/chromatid.hpp>
#include <chromatid/cuda.cuh>
#include <chromatid/dataset/encoded_windows.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/optim/adam.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "measure.hpp"

// What is measured, for one precision. Arrays lie on the device unless a part says "from the host"; one sample is one call, between two
// events of its stream.

namespace benchmark {

using namespace chromatid;

/// Milliseconds of `options.samples` calls, after some that are not counted.
template <class F>
std::vector<float> timed(cuda::Gpu::Context& on, const Options& options, const F& f) {
    struct Event {
        cudaEvent_t event = nullptr;
        Event() { CHROMATID_CUDA_CHECK(cudaEventCreate(&event)); }
        Event(const Event&) = delete;
        Event& operator=(const Event&) = delete;
        ~Event() { (void)cudaEventDestroy(event); }
    } begin, end;
    for (int warm = 0; warm < 5; ++warm) f();
    std::vector<float> times;
    for (int sample = 0; sample < options.samples; ++sample) {
        CHROMATID_CUDA_CHECK(cudaEventRecord(begin.event, on.stream()));
        f();
        CHROMATID_CUDA_CHECK(cudaEventRecord(end.event, on.stream()));
        CHROMATID_CUDA_CHECK(cudaEventSynchronize(end.event));
        CHROMATID_CUDA_CHECK(cudaEventElapsedTime(&times.emplace_back(), begin.event, end.event));
    }
    return times;
}

/// Measures and adds a row; a device that is full is a row too.
template <class F>
void part(Rows& rows, std::string what, const Net& net, Index batch, std::string form, const F& measured) {
    Row row{std::move(what), net.name, batch, std::move(form), {}, {}};
    try {
        row.milliseconds = measured();
    } catch (const DeviceError& error) {
        row.problem = error.what();
    }
    rows.add(std::move(row));
}

/// Random numbers between 0 and 1, the same every time.
inline std::vector<float> numbers(Index n, std::uint32_t stream) {
    std::vector<float> values(static_cast<std::size_t>(n));
    std::uint32_t state = stream * 2654435761U + 1;
    for (float& v : values) v = static_cast<float>((state = state * 1664525U + 1013904223U) >> 8) * 0x1p-24F;
    return values;
}

/// An array of the device.
template <class B>
class There {
  public:
    There(typename B::Context& on, std::vector<float> values) : buffer_(static_cast<Index>(values.size())) {
        B::upload(on, buffer_.size(), values.data(), buffer_.data());
        B::synchronize(on);
    }
    float* data() const { return buffer_.data(); }
    std::span<float> span() const { return {buffer_.data(), static_cast<std::size_t>(buffer_.size())}; }

  private:
    typename B::template Buffer<float> buffer_;
};

/// Random windows, on both sides.
template <class B>
class Inputs {
  public:
    Inputs(typename B::Context& on, Index windows)
        : here(windows, length, tracks), codes_(windows * length), values_(windows * tracks * length) {
        std::vector<const std::uint8_t*> code_rows;
        std::vector<const float*> track_rows;
        for (Index w = 0; w < windows; ++w) {
            const std::vector<float> drawn = numbers(length, static_cast<std::uint32_t>(w));
            for (Index t = 0; t < length; ++t)
                here.codes(w)[static_cast<std::size_t>(t)] = static_cast<std::uint8_t>(4 * drawn[static_cast<std::size_t>(t)]);
            for (Index k = 0; k < tracks; ++k) std::copy(drawn.begin(), drawn.end(), here.track(w, k).begin());
            code_rows.push_back(codes_.data() + w * length);
            B::upload(on, length, here.codes(w).data(), codes_.data() + w * length);
            for (Index k = 0; k < tracks; ++k) {
                track_rows.push_back(values_.data() + (w * tracks + k) * length);
                B::upload(on, length, here.track(w, k).data(), values_.data() + (w * tracks + k) * length);
            }
        }
        code_table_ = typename B::template Buffer<const std::uint8_t*>(windows);
        track_table_ = typename B::template Buffer<const float*>(windows * tracks);
        B::upload(on, windows, code_rows.data(), code_table_.data());
        B::upload(on, windows * tracks, track_rows.data(), track_table_.data());
        B::synchronize(on);
    }

    EncodedWindows here;
    Windows<float> there(Index count) const {
        return {.count = count, .length = length, .channels = 4 + tracks, .codes = code_table_.data(), .tracks = track_table_.data()};
    }

  private:
    typename B::template Buffer<std::uint8_t> codes_;
    typename B::template Buffer<float> values_;
    typename B::template Buffer<const std::uint8_t*> code_table_;
    typename B::template Buffer<const float*> track_table_;
};

template <class Gates>
auto factornet(const Net& net) {
    const LstmDropout within{.input = 0.1F, .state = 0.1F};
    return ReverseComplementSiamese(Sequential(Conv1D<dyn, dyn, ReLU>(net.filters, width), Dropout(0.1F),
                                               TimeDistributedDense<dyn, ReLU>(net.filters), MaxPool1D<dyn>(pool),
                                               BiLSTM<dyn, Gates>(net.units, within), Dropout(0.5F), Flatten{},
                                               Dense<dyn, ReLU>(net.features), Dropout(0.5F), Dense<dyn, Sigmoid>(1)));
}

template <class B, class Recipe>
auto model_of(const Recipe& recipe, Index positions, Index channels) {
    Model<Recipe, Shape<dyn, dyn>, B> model(recipe, Shape<dyn, dyn>(positions, channels));
    model.initialize(1);
    return model;
}

/// The recurrent layer alone, inference, and a forward with its backward pass.
template <class B, class Gates>
void bilstm_alone(Rows& rows, typename B::Context& on, const Options& options, const Net& net, Index batch, const std::string& precision,
                  const char* gates) {
    const Index inputs = net.filters, outputs = 2 * net.units;
    const There<B> x(on, numbers(batch * pooled * inputs, 1)), y(on, numbers(batch * pooled * outputs, 2)),
        dy(on, numbers(batch * pooled * outputs, 3));
    const View<const float> x_view(x.data(), {batch, pooled, inputs});
    const View<float> y_view(y.data(), {batch, pooled, outputs}), dy_view(dy.data(), {batch, pooled, outputs});
    const std::string what = std::string("bilstm ") + gates;
    part(rows, what, net, batch, precision, [&] {
        const auto model = model_of<B>(Sequential(BiLSTM<dyn, Gates>(net.units)), pooled, inputs);
        return timed(on, options, [&] { model.infer(on, x_view, View<const float>{}, y_view); });
    });
    part(rows, what + " training", net, batch, precision, [&] {
        const auto model = model_of<B>(Sequential(BiLSTM<dyn, Gates>(net.units)), pooled, inputs);
        const There<B> gradients(on, std::vector<float>(model.parameters().size())), dx(on, numbers(batch * pooled * inputs, 4));
        auto tape = model.tape(batch);
        return timed(on, options, [&] {
            model.forward(on, x_view, View<const float>{}, y_view, tape);
            model.backward(on, x_view, View<const float>{}, y_view, dy_view, View<float>(dx.data(), {batch, pooled, inputs}),
                           gradients.span(), tape);
        });
    });
}

/// The same layer by cuDNN, which has logistic gates only.
template <class B, class Precision>
void bilstm_of_cudnn(Rows& rows, typename B::Context& on, const Options& options, const Net& net, Index batch,
                     const std::string& precision) {
    if constexpr (std::is_same_v<Precision, Exact32> || std::is_same_v<Precision, TF32>) {
        const Index inputs = net.filters, outputs = 2 * net.units;
        const There<B> x(on, numbers(batch * pooled * inputs, 1)), y(on, numbers(batch * pooled * outputs, 2)),
            dy(on, numbers(batch * pooled * outputs, 3));
        for (const bool training : {false, true})
            part(rows, training ? "bilstm logistic training" : "bilstm logistic", net, batch, "cudnn " + precision, [&] {
                cuda::CudnnBiLstm lstm(on, batch, pooled, inputs, net.units, std::is_same_v<Precision, TF32>, training);
                const There<B> dx(on, numbers(batch * pooled * inputs, 4));
                return timed(on, options, [&] {
                    lstm.forward(x.data(), y.data());
                    if (training) lstm.backward(on, x.data(), y.data(), dy.data(), dx.data());
                });
            });
    }
}

template <class B>
void front_alone(Rows& rows, typename B::Context& on, const Options& options, const Net& net, Index batch, const std::string& precision) {
    const Inputs<B> inputs(on, batch);
    const There<B> y(on, numbers(batch * pooled * net.filters, 2));
    part(rows, "front", net, batch, precision, [&] {
        const auto model = model_of<B>(Sequential(Conv1D<dyn, dyn, ReLU>(net.filters, width), Dropout(0.1F),
                                                  TimeDistributedDense<dyn, ReLU>(net.filters), MaxPool1D<dyn>(pool)),
                                       length, 4 + tracks);
        return timed(on, options, [&] {
            model.infer(on, inputs.there(batch), View<const float>{}, View<float>(y.data(), {batch, pooled, net.filters}));
        });
    });
}

template <class B, class Gates>
void whole_network(Rows& rows, typename B::Context& on, const Options& options, const Net& net, Index batch, const std::string& precision,
                   const char* gates) {
    const Inputs<B> inputs(on, batch);
    const There<B> y(on, numbers(batch, 2)), dy(on, numbers(batch, 3)), targets(on, numbers(batch, 5));
    const View<float> y_view(y.data(), {batch, 1}), dy_view(dy.data(), {batch, 1});
    auto model = model_of<B>(factornet<Gates>(net), length, 4 + tracks);
    const std::string of = std::string(" ") + gates;
    part(rows, "inference" + of, net, batch, precision,
         [&] { return timed(on, options, [&] { model.infer(on, inputs.there(batch), View<const float>{}, y_view); }); });
    part(rows, "inference from the host" + of, net, batch, precision, [&] {
        Tensor<float> scores{batch, 1};
        return timed(on, options, [&] { model.infer(on, inputs.here.view(batch), View<const float>{}, scores); });
    });
    part(rows, "scan every 50" + of, net, batch, precision, [&] {
        const EncodedWindows stretch(1, length + 50 * (batch - 1), tracks);
        Windows<float> view = stretch.view(1);
        Tensor<float> scores{batch, 1};
        return timed(on, options, [&] { model.scan(on, view, 50, View<const float>{}, scores); });
    });
    for (const bool recorded : {false, true})
        part(rows, "training step" + of, net, batch, precision + (recorded ? " graph" : " eager"), [&] {
            const auto parameters = static_cast<Index>(model.parameters().size());
            const There<B> gradients(on, std::vector<float>(model.parameters().size()));
            typename B::template Buffer<double> loss(1);
            auto tape = model.tape(batch);
            Adam adam;
            auto state = adam.template state<B>(parameters);
            const auto step = [&] {
                B::zero(on, parameters, gradients.data());
                model.forward(on, inputs.there(batch), View<const float>{}, y_view, tape);
                BinaryCrossEntropy{}.template accumulate<B>(on, y_view, View<const float>(targets.data(), {batch, 1}),
                                                            1.0 / static_cast<double>(batch), dy_view, loss.data());
                model.backward(on, inputs.there(batch), View<const float>{}, y_view, dy_view, gradients.span(), tape);
                adam.template update<B>(on, state, model.parameters_on(on), gradients.span(), 1.0);
            };
            std::vector<float> times = timed(on, options, [&] {
                ++tape.draws.step;
                if (recorded) B::repeat(on, 1, step);
                else step();
            });
            on.graphs().clear();
            return times;
        });
}

template <class Precision>
void measure(Rows& rows, const Options& options, const std::string& precision) {
    using B = Cuda<float, Precision>;
    typename B::Context on(options.device);
    for (const Net& net : nets)
        for (const Index batch : options.batches) {
            bilstm_alone<B, LogisticGates>(rows, on, options, net, batch, precision, "logistic");
            bilstm_alone<B, HardSigmoidGates>(rows, on, options, net, batch, precision, "hard_sigmoid");
            bilstm_of_cudnn<B, Precision>(rows, on, options, net, batch, precision);
            front_alone<B>(rows, on, options, net, batch, precision);
            whole_network<B, HardSigmoidGates>(rows, on, options, net, batch, precision, "hard_sigmoid");
            whole_network<B, LogisticGates>(rows, on, options, net, batch, precision, "logistic");
        }
}

}  // namespace benchmark
