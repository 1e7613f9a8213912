// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/conv_pool_geometry.hpp>
#include <chromatid/tensor/windows.hpp>
#include <chromatid/layer/scan_grid.hpp>
#include <chromatid/network/chain.hpp>
#include <chromatid/network/description.hpp>
#include <chromatid/network/fusion_part.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace chromatid {

/// A run of layers that the backend computes as one, see `ConvPoolGeometry`: what stands in a `Sequential` in the place of those layers
/// where the backend fuses. Describes, counts and numbers its layers as if they stood there.
///
/// Its bound form also takes windows as codes and tracks, of one strand or both. Where layers must run one by one (somebody looks at their
/// outputs, or a run without a pool is trained) they do.
///
/// \tparam Part  the layers, a convolution first
template <class... Part>
class ConvPool {
  public:
    constexpr explicit ConvPool(Part... parts) : parts_(std::move(parts)...) {}

    static constexpr std::string_view name() { return "ConvPool"; }
    static constexpr Index layer_count = sizeof...(Part);

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const { return std::get<sizeof...(Part)>(chain_shapes(parts_, in)); }
    template <AnyShape In>
    constexpr Index parameter_count(const In& in) const { return chain_parameter_count(parts_, in); }
    template <AnyShape In>
    void describe(const In& in, Description& description) const {
        describe_chain(parts_, in, description);
    }

    template <AnyShape In, Backend B>
    class Bound : public Binding<ConvPool, In> {
        using T = typename B::Scalar;

      public:
        Bound(const ConvPool& run, const In& input)
            : Binding<ConvPool, In>(run, input), plain_(run, input, run.parts_), geometry_(run.geometry(input)) {}

        LayerMemory memory(Index rows) const {
            const LayerMemory plain = memory_of(plain_, rows);
            const Index dense = arena_size(rows * this->in.size());
            if (!trains_fused())
                return {.infer = std::max(plain.infer, infer_scratch(geometry_)), .tape = plain.tape, .train = plain.train + dense};
            return {.infer = std::max(plain.infer, infer_scratch(geometry_)), .tape = arena_size(B::conv_pool_tape(geometry_, rows)),
                    .train = arena_size(B::conv_pool_training_scratch(geometry_))};
        }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            if (run.observer != nullptr) plain_.infer(run, parameters, x, y);
            else infer(run, parameters, windows(x), y);
        }
        void infer(Run<B>& run, const T* parameters, const Windows<T>& x, View<T> y) const {
            infer(run, geometry_, parameters, x, y.data());
        }

        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T* tape) const {
            if (trains_fused()) forward(run, parameters, windows(x), y, tape);
            else plain_.forward(run, parameters, x, y, tape);
        }
        void forward(Run<B>& run, const T* parameters, const Windows<T>& x, View<T> y, T* tape) const {
            auto frame = run.arena.frame();
            if (!trains_fused()) return plain_.forward(run, parameters, dense(run, frame, x), y, tape);
            B::conv_pool_forward(run.on, geometry_, x, run.draws, dropout_layer(run), pointers(geometry_, parameters), y.data(), tape,
                                 frame.take(B::conv_pool_training_scratch(geometry_)));
        }

        void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T* tape,
                      T* gradients) const {
            if (trains_fused()) backward(run, parameters, windows(x), y, dy, dx, tape, gradients);
            else plain_.backward(run, parameters, x, y, dy, dx, tape, gradients);
        }
        void backward(Run<B>& run, const T* parameters, const Windows<T>& x, View<const T> y, View<T> dy, View<T> dx, const T* tape,
                      T* gradients) const {
            auto frame = run.arena.frame();
            if (!trains_fused()) return plain_.backward(run, parameters, dense(run, frame, x), y, dy, dx, tape, gradients);
            B::conv_pool_backward(run.on, geometry_, x, run.draws, dropout_layer(run), pointers(geometry_, parameters), y.data(), dy.data(),
                                  dx.data(), pointers(geometry_, gradients), tape, frame.take(B::conv_pool_training_scratch(geometry_)));
        }

        /// The grid of the output where a scan runs this on a grid of the input.
        ScanGrid grid(const ScanGrid& from, Index stride) const { return on_grid(from, stride).second; }
        /// As `infer`, at all places of a grid: x is (rows, positions, channels) or encoded, y (rows, positions of the output, features).
        void infer_on_grid(Run<B>& run, const T* parameters, const ScanGrid& from, Index stride, const Windows<T>& x, T* y) const {
            infer(run, on_grid(from, stride).first, parameters, x, y);
        }
        /// Products that one window costs, alone and as its share of a scan.
        Index products() const { return geometry_.conv_length() * products_at_a_place(); }
        Index products_on_grid(const ScanGrid& from, Index stride) const {
            return stride / from.after(stride, geometry_.width, geometry_.dilation, geometry_.step).interval * products_at_a_place();
        }
        Index grid_scratch(const ScanGrid& from, Index stride) const { return infer_scratch(on_grid(from, stride).first); }

      private:
        static constexpr bool has_pool = ((fusion_part<Part> == FusionPart::pool || fusion_part<Part> == FusionPart::global_pool) || ...);

        bool trains_fused() const { return has_pool && geometry_.step == 1 && geometry_.dilation == 1; }
        static Index infer_scratch(const ConvPoolGeometry& g) { return arena_size(B::conv_pool_scratch(g)); }

        void infer(Run<B>& run, const ConvPoolGeometry& g, const T* parameters, const Windows<T>& x, T* y) const {
            auto frame = run.arena.frame();
            B::conv_pool(run.on, g, x, pointers(g, parameters), y, frame.take(B::conv_pool_scratch(g)));
        }

        Index products_at_a_place() const { return geometry_.filters * (geometry_.width * geometry_.channels + geometry_.units); }

        std::pair<ConvPoolGeometry, ScanGrid> on_grid(const ScanGrid& from, Index stride) const {
            ConvPoolGeometry g = geometry_;
            g.length = from.positions;
            const ScanGrid conv = from.after(stride, g.width, g.dilation, g.step);
            g.dilation *= from.spacing();
            g.step = conv.interval / from.interval;
            const ScanGrid to = conv.after(stride, g.window, 1, g.stride);
            g.spacing = conv.spacing();
            g.stride = to.interval / conv.interval;
            g.out_length = to.positions;
            return {g, to};
        }

        Windows<T> windows(View<const T> x) const {
            return {.count = x.extent(0), .length = geometry_.length, .channels = geometry_.channels, .dense = x.data()};
        }
        template <class Frame>
        View<const T> dense(Run<B>& run, Frame& frame, const Windows<T>& x) const {
            const View<T> rows(frame.take(x.rows() * this->in.size()), x.rows(), this->in);
            B::expand(run.on, x, rows.data());
            return rows;
        }
        /// Parameters lie layer by layer: kernel, then bias where there is one.
        template <class U>
        ConvPoolParameters<U> pointers(const ConvPoolGeometry& g, U* p) const {
            ConvPoolParameters<U> all{};
            const auto take = [&p](Index n) { return std::exchange(p, p + n); };
            for_each_index<sizeof...(Part)>([&](auto i) {
                using Layer = std::tuple_element_t<i, std::tuple<Part...>>;
                constexpr FusionPart part = fusion_part<Layer>;
                if constexpr (part == FusionPart::conv || part == FusionPart::linear_conv) {
                    all.kernel = take(g.width * g.channels * g.filters);
                    if constexpr (Layer::has_bias) all.bias = take(g.filters);
                } else if constexpr (part == FusionPart::dense || part == FusionPart::linear_dense) {
                    all.dense_kernel = take(g.filters * g.units);
                    if constexpr (Layer::has_bias) all.dense_bias = take(g.units);
                }
            });
            return all;
        }
        /// Number of the dropout layer, by which it draws.
        static Index dropout_layer(const Run<B>& run) {
            Index number = run.layer;
            for_each_index<sizeof...(Part)>([&](auto i) {
                if (fusion_part<std::tuple_element_t<i, std::tuple<Part...>>> == FusionPart::dropout)
                    number = run.layer + static_cast<Index>(i());
            });
            return number;
        }

        Chain<ConvPool, In, B, Part...> plain_;
        ConvPoolGeometry geometry_;
    };

  private:
    template <AnyShape In>
    ConvPoolGeometry geometry(const In& in) const {
        ConvPoolGeometry g{};
        g.length = length(in).value();
        g.channels = channels(in).value();
        for_each_index<sizeof...(Part)>([&](auto i) {
            const auto& layer = std::get<i>(parts_);
            constexpr FusionPart part = fusion_part<std::tuple_element_t<i, std::tuple<Part...>>>;
            if constexpr (part == FusionPart::conv || part == FusionPart::linear_conv) {
                g.filters = layer.filters().value();
                g.width = layer.width().value();
                g.step = layer.stride().value();
                g.dilation = layer.dilation().value();
                g.conv_relu = part == FusionPart::conv;
                g.out_length = g.conv_length();
            } else if constexpr (part == FusionPart::relu) {
                (g.units > 0 ? g.dense_relu : g.conv_relu) = true;
            } else if constexpr (part == FusionPart::dropout) {
                g.dropout = layer.rate();
            } else if constexpr (part == FusionPart::dense || part == FusionPart::linear_dense) {
                g.units = layer.units().value();
                g.dense_relu = part == FusionPart::dense;
            } else if constexpr (part == FusionPart::pool) {
                g.window = layer.window().value();
                g.stride = layer.stride().value();
                g.out_length = (g.conv_length() - g.window) / g.stride + 1;
            } else {
                static_assert(part == FusionPart::global_pool);
                g.window = g.conv_length();
                g.out_length = 1;
            }
        });
        return g;
    }

    std::tuple<Part...> parts_;
};

}  // namespace chromatid
