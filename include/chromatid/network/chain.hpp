// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/windows.hpp>
#include <chromatid/network/description.hpp>
#include <chromatid/network/step.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace chromatid {

/// A bound layer or network that also takes windows as codes and tracks, of one strand or both, see `Windows`.
template <class Bound, class B>
concept ReadsWindows = requires(const Bound& bound, Run<B>& run, const typename B::Scalar* in, const Windows<typename B::Scalar>& x,
                                View<typename B::Scalar> y) { bound.infer(run, in, x, y); };

/// Number of parameters of layers one after another.
template <class... L, AnyShape In>
constexpr Index chain_parameter_count(const std::tuple<L...>& layers, const In& in) {
    const auto shapes = chain_shapes(layers, in);
    Index n = 0;
    for_each_index<sizeof...(L)>([&](auto i) { n += chromatid::parameter_count(std::get<i>(layers), std::get<i>(shapes)); });
    return n;
}

template <class... L, AnyShape In>
void describe_chain(const std::tuple<L...>& layers, const In& in, Description& description) {
    const auto shapes = chain_shapes(layers, in);
    for_each_index<sizeof...(L)>([&](auto i) { description.add(std::get<i>(layers), std::get<i>(shapes)); });
}

/// Notes in a description the runs of layers that are computed as one, of a network made of others; layer `first` is its first.
template <class Net>
void add_fused_runs(Index first, Description& description) {
    if constexpr (requires { Net::add_fused_runs(first, description); }) Net::add_fused_runs(first, description);
}

/// Layers bound one after another: what a `Sequential` runs, with its layers as they are or fused.
///
/// In inference two buffers take turns, and layers that work in place (dropout, flatten, activations) stay in theirs; in training the tape
/// keeps every layer's output.
///
/// \tparam Recipe  the network that the layers make up
template <class Recipe, AnyShape In, Backend B, class... L>
class Chain : public Binding<Recipe, In> {
    using T = typename B::Scalar;
    static constexpr std::size_t size_ = sizeof...(L);
    template <std::size_t I>
    using LayerAt = std::tuple_element_t<I, std::tuple<L...>>;
    using Shapes = decltype(chain_shapes(std::declval<const std::tuple<L...>&>(), std::declval<const In&>()));
    template <std::size_t I>
    using InputAt = std::tuple_element_t<I, Shapes>;
    template <std::size_t... I>
    static auto bound_types(std::index_sequence<I...>) -> std::tuple<BoundLayer<LayerAt<I>, InputAt<I>, B>...>;
    using Steps = decltype(bound_types(std::make_index_sequence<size_>{}));

    static constexpr bool all_trainable = []<std::size_t... I>(std::index_sequence<I...>) {
        return (Trainable<LayerAt<I>, InputAt<I>, B> && ...);
    }(std::make_index_sequence<size_>{});

    static constexpr bool reads_windows = ReadsWindows<BoundLayer<LayerAt<0>, In, B>, B>;

  public:
    Chain(const Recipe& net, const In& input, const std::tuple<L...>& layers)
        : Binding<Recipe, In>(net, input), shapes_(chain_shapes(layers, input)), steps_(bind(layers, std::make_index_sequence<size_>{})) {
        Index offset = 0;
        for_each_index<size_>([&](auto i) {
            sizes_[i] = std::get<i + 1>(shapes_).size();
            offsets_[i] = offset;
            offset += chromatid::parameter_count(std::get<i>(layers), std::get<i>(shapes_));
        });
    }

    LayerMemory memory(Index batch) const {
        LayerMemory largest;
        Index tape = 0, gradient = 0;
        for_each_index<size_>([&](auto i) {
            const LayerMemory m = memory_of(std::get<i>(steps_), batch);
            largest.infer = std::max(largest.infer, m.infer);
            largest.train = std::max(largest.train, m.train);
            tape += arena_size(m.tape);
            if (i + 1 == size_) return;
            tape += output_size(i, batch);
            gradient = std::max(gradient, output_size(i, batch));
        });
        return {
            .infer = largest.infer + buffer_size(0, batch) + buffer_size(1, batch), .tape = tape, .train = largest.train + 2 * gradient};
    }

    void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const { infer_from(run, parameters, x, x.extent(0), y); }
    void infer(Run<B>& run, const T* parameters, const Windows<T>& x, View<T> y) const
        requires reads_windows
    {
        infer_from(run, parameters, x, x.rows(), y);
    }

    void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T* tape) const
        requires all_trainable
    {
        forward_from(run, parameters, x, x.extent(0), y, tape);
    }
    void forward(Run<B>& run, const T* parameters, const Windows<T>& x, View<T> y, T* tape) const
        requires(all_trainable && reads_windows)
    {
        forward_from(run, parameters, x, x.rows(), y, tape);
    }

    void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T* tape,
                  T* gradients) const
        requires all_trainable
    {
        backward_from(run, parameters, x, x.extent(0), y, dy, dx, tape, gradients);
    }
    void backward(Run<B>& run, const T* parameters, const Windows<T>& x, View<const T> y, View<T> dy, View<T> dx, const T* tape,
                  T* gradients) const
        requires(all_trainable && reads_windows)
    {
        backward_from(run, parameters, x, x.rows(), y, dy, dx, tape, gradients);
    }

  private:
    /// \param x  a view, or windows where the first layer reads them
    template <class X>
    void infer_from(Run<B>& run, const T* parameters, const X& x, Index batch, View<T> y) const {
        const Index first_layer = run.layer;
        auto frame = run.arena.frame();
        const std::array<T*, 3> targets{frame.take(buffer_size(0, batch)), frame.take(buffer_size(1, batch)), y.data()};
        View<const T> current;
        for_each_index<size_>([&](auto i) {
            const View<T> next(targets[buffer_of_[i]], batch, std::get<i + 1>(shapes_));
            run.layer = first_layer + layer_offset_[i];
            std::get<i>(steps_).infer(run, parameters + offsets_[i], input<i>(x, current), next);
            if constexpr (!Composite<LayerAt<i>, InputAt<i>>)
                if (run.observer != nullptr) run.observer->layer(run.layer, next);
            current = next;
        });
        run.layer = first_layer;
    }

    template <class X>
    void forward_from(Run<B>& run, const T* parameters, const X& x, Index batch, View<T> y, T* tape) const {
        const Index first_layer = run.layer;
        View<const T> current;
        for_each_index<size_>([&](auto i) {
            const View<T> next(i + 1 == size_ ? y.data() : tape, batch, std::get<i + 1>(shapes_));
            if (i + 1 < size_) tape += output_size(i, batch);
            run.layer = first_layer + layer_offset_[i];
            std::get<i>(steps_).forward(run, parameters + offsets_[i], input<i>(x, current), next, tape);
            tape += arena_size(memory_of(std::get<i>(steps_), batch).tape);
            current = next;
        });
        run.layer = first_layer;
    }

    template <class X>
    void backward_from(Run<B>& run, const T* parameters, const X& x, Index batch, View<const T> y, View<T> dy, View<T> dx, const T* tape,
                       T* gradients) const {
        const Index first_layer = run.layer;
        const T *outputs[size_], *tapes[size_];
        Index gradient = 0;
        for_each_index<size_>([&](auto i) {
            outputs[i] = i + 1 == size_ ? y.data() : tape;
            if (i + 1 < size_) {
                tape += output_size(i, batch);
                gradient = std::max(gradient, output_size(i, batch));
            }
            tapes[i] = tape;
            tape += arena_size(memory_of(std::get<i>(steps_), batch).tape);
        });
        auto frame = run.arena.frame();
        T* const buffers[2] = {frame.take(gradient), frame.take(gradient)};
        T* above = dy.data();
        for_each_index<size_>([&](auto reversed) {
            constexpr std::size_t i = size_ - 1 - reversed;
            T* below = i == 0 ? dx.data() : buffers[i % 2];
            run.layer = first_layer + layer_offset_[i];
            std::get<i>(steps_).backward(
                run, parameters + offsets_[i], input<i>(x, View<const T>(outputs[i == 0 ? 0 : i - 1], batch, std::get<i>(shapes_))),
                View<const T>(outputs[i], batch, std::get<i + 1>(shapes_)), View<T>(above, batch, std::get<i + 1>(shapes_)),
                View<T>(below, batch, std::get<i>(shapes_)), tapes[i], gradients + offsets_[i]);
            above = below;
        });
        run.layer = first_layer;
    }

    /// What layer I reads: the chain's own input, or what the layer before it put out.
    template <std::size_t I, class X>
    static decltype(auto) input(const X& x, const View<const T>& current) {
        if constexpr (I == 0) return (x);
        else return (current);
    }

    template <std::size_t... I>
    Steps bind(const std::tuple<L...>& layers, std::index_sequence<I...>) const {
        return Steps(BoundLayer<LayerAt<I>, InputAt<I>, B>(std::get<I>(layers), std::get<I>(shapes_))...);
    }

    /// Layers before each one, as a description counts them.
    static constexpr std::array<Index, size_> layer_offset_ = [] {
        constexpr std::array<Index, size_> counts{chromatid::layer_count<L>()...};
        std::array<Index, size_> offsets{};
        for (std::size_t i = 1; i < size_; ++i) offsets[i] = offsets[i - 1] + counts[i - 1];
        return offsets;
    }();

    /// Where each layer's output lies in inference: buffer 0 or 1, or 2 for the network's own output. A layer that works in place stays
    /// where its input lies, and where only such layers follow the output is written at once.
    static constexpr std::array<std::size_t, size_> buffer_of_ = [] {
        constexpr std::array<bool, size_> in_place{is_in_place<L>...};
        std::array<std::size_t, size_> buffers{};
        std::size_t last = size_ - 1;
        while (last > 0 && in_place[last]) --last;
        std::size_t buffer = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            if (i == 0 || !in_place[i]) buffer ^= 1;
            buffers[i] = i < last ? buffer : 2;
        }
        return buffers;
    }();

    Index output_size(std::size_t layer, Index batch) const { return arena_size(batch * sizes_[layer]); }
    Index buffer_size(std::size_t buffer, Index batch) const {
        Index size = 0;
        for (std::size_t i = 0; i < size_; ++i)
            if (buffer_of_[i] == buffer) size = std::max(size, output_size(i, batch));
        return size;
    }

    Shapes shapes_;
    Steps steps_;
    std::array<Index, size_> sizes_{};    // elements of one sample's output, by layer
    std::array<Index, size_> offsets_{};  // where each layer's parameters begin
};

}  // namespace chromatid
