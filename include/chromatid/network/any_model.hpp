// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/model.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// Any `Model` on backend `B` behind one type: for networks whose structure is known at run time only. One virtual call per batch.
/// Same calls for inference, same bits as the model inside.
template <Backend B = Cpu<float>>
class AnyModel {
  public:
    using Scalar = typename B::Scalar;
    using Context = typename B::Context;
    using BackendType = B;
    static constexpr Index windows_per_tile = B::windows_per_tile;
    using Visitor = std::function<void(const std::string& name, const ParameterSpec& spec, std::span<Scalar> values)>;
    using Sight = std::function<void(const LayerDescription& layer, View<const Scalar> output)>;

    /// \tparam M  `Model` on this backend, or what has its calls, such as `OnDevice`
    template <class M>
        requires(std::same_as<typename M::BackendType, B> && !std::same_as<M, AnyModel>)
    AnyModel(M model) : self_(std::make_unique<Holder<M>>(std::move(model))) {}

    /// Shape of one sample.
    std::vector<Index> input_shape() const { return self_->input_shape(); }
    std::vector<Index> output_shape() const { return self_->output_shape(); }
    /// Width of the side input, 0 where the network has none.
    Index side_size() const { return self_->side_size(); }
    const Description& description() const { return self_->description(); }
    std::string summary() const { return chromatid::summary(description()); }
    std::span<Scalar> parameters() { return self_->parameters(); }
    std::span<const Scalar> parameters() const { return std::as_const(*self_).parameters(); }
    /// See `Model::parameters_on`.
    std::span<Scalar> parameters_on(Context& on) { return self_->parameters_on(on); }
    std::span<const Scalar> parameters_on(Context& on) const { return std::as_const(*self_).parameters_on(on); }
    /// Calls `visit(name, spec, values)` for each parameter array.
    void visit_parameters(const Visitor& visit) { self_->visit_parameters(visit); }
    void initialize(std::uint64_t seed, Initialization habits = Initialization::standard) { self_->initialize(seed, habits); }

    template <Array X>
    auto predict(const X& x) const {
        Context on;
        return predict(on, x, View<const Scalar>{});
    }
    template <Array X, Array S>
    auto predict(const X& x, const S& side) const {
        Context on;
        return predict(on, x, side);
    }
    template <Array X>
    auto predict(Context& on, const X& x) const { return predict(on, x, View<const Scalar>{}); }
    template <Array X, Array S>
    auto predict(Context& on, const X& x, const S& side) const {
        const auto input = read_array<Scalar>(x);
        const View<const Scalar> in = input;
        std::vector<Index> extents = output_shape();
        extents.insert(extents.begin(), in.rank() == 0 ? 0 : in.extent(0));
        auto y = ArrayTraits<X>::template make<Scalar>(std::span<const Index>(extents));
        infer(on, in, side, y);
        return y;
    }
    template <Array X, Array S, Array Y>
    void infer(Context& on, const X& x, const S& side, Y&& y) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        self_->infer(on, x_array, side_array, write_array<Scalar>(y));
    }
    template <Array S, Array Y>
    void infer(Context& on, const Windows<Scalar>& x, const S& side, Y&& y) const {
        const auto side_array = read_array<Scalar>(side);
        self_->infer(on, x, side_array, write_array<Scalar>(y));
    }
    /// Windows of one call that keep what the network runs on busy: `windows_per_tile` of its own backend, which for `OnDevice` is another.
    Index windows_at_once() const { return self_->windows_at_once(); }
    /// See `Model::scan`.
    template <Array S, Array Y>
    void scan(Context& on, const Windows<Scalar>& stretch, Index stride, const S& side, Y&& y) const {
        const auto side_array = read_array<Scalar>(side);
        self_->scan(on, stretch, stride, side_array, write_array<Scalar>(y));
    }
    /// See `Model::tape`, `Model::forward` and `Model::backward`.
    Tape<B> tape(Index batch) const { return self_->tape(batch); }
    template <Array X, Array S, Array Y>
    void forward(Context& on, const X& x, const S& side, Y&& y, Tape<B>& tape) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        self_->forward(on, x_array, side_array, write_array<Scalar>(y), tape);
    }
    template <Array X, Array S, Array Y, Array DY, Array DX>
    void backward(Context& on, const X& x, const S& side, const Y& y, DY&& dy, DX&& dx, std::span<Scalar> gradients, Tape<B>& tape) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        const auto y_array = read_array<Scalar>(y);
        self_->backward(on, x_array, side_array, y_array, write_array<Scalar>(dy), write_array<Scalar>(dx), gradients, tape);
    }
    template <Array S, Array Y>
    void forward(Context& on, const Windows<Scalar>& x, const S& side, Y&& y, Tape<B>& tape) const {
        const auto side_array = read_array<Scalar>(side);
        self_->forward(on, x, side_array, write_array<Scalar>(y), tape);
    }
    template <Array S, Array Y, Array DY>
    void backward(Context& on, const Windows<Scalar>& x, const S& side, const Y& y, DY&& dy, std::span<Scalar> gradients,
                  Tape<B>& tape) const {
        const auto side_array = read_array<Scalar>(side);
        const auto y_array = read_array<Scalar>(y);
        self_->backward(on, x, side_array, y_array, write_array<Scalar>(dy), gradients, tape);
    }
    /// See `Model::trace`.
    template <Array X, Array S, Array Y>
    void trace(const X& x, const S& side, Y&& y, const Sight& see) const {
        Context on;
        trace(on, x, side, y, see);
    }
    template <Array X, Array S, Array Y>
    void trace(Context& on, const X& x, const S& side, Y&& y, const Sight& see) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        self_->trace(on, x_array, side_array, write_array<Scalar>(y), see);
    }

  private:
    struct Interface {
        virtual ~Interface() = default;
        virtual std::vector<Index> input_shape() const = 0;
        virtual std::vector<Index> output_shape() const = 0;
        virtual Index side_size() const = 0;
        virtual Index windows_at_once() const = 0;
        virtual const Description& description() const = 0;
        virtual std::span<Scalar> parameters() = 0;
        virtual std::span<const Scalar> parameters() const = 0;
        virtual std::span<Scalar> parameters_on(Context&) = 0;
        virtual std::span<const Scalar> parameters_on(Context&) const = 0;
        virtual void visit_parameters(const Visitor&) = 0;
        virtual void initialize(std::uint64_t seed, Initialization habits) = 0;
        virtual void infer(Context&, View<const Scalar> x, View<const Scalar> side, View<Scalar> y) const = 0;
        virtual void infer(Context&, const Windows<Scalar>& x, View<const Scalar> side, View<Scalar> y) const = 0;
        virtual void scan(Context&, const Windows<Scalar>& stretch, Index stride, View<const Scalar> side, View<Scalar> y) const = 0;
        virtual Tape<B> tape(Index batch) const = 0;
        virtual void forward(Context&, const Windows<Scalar>& x, View<const Scalar> side, View<Scalar> y, Tape<B>&) const = 0;
        virtual void backward(Context&, const Windows<Scalar>& x, View<const Scalar> side, View<const Scalar> y, View<Scalar> dy,
                              std::span<Scalar> gradients, Tape<B>&) const = 0;
        virtual void forward(Context&, View<const Scalar> x, View<const Scalar> side, View<Scalar> y, Tape<B>&) const = 0;
        virtual void backward(Context&, View<const Scalar> x, View<const Scalar> side, View<const Scalar> y, View<Scalar> dy,
                              View<Scalar> dx, std::span<Scalar> gradients, Tape<B>&) const = 0;
        virtual void trace(Context&, View<const Scalar> x, View<const Scalar> side, View<Scalar> y, const Sight&) const = 0;
    };

    template <class M>
    struct Holder final : Interface {
        M model;

        explicit Holder(M m) : model(std::move(m)) {}
        std::vector<Index> input_shape() const override { return extents_of(model.input_shape()); }
        std::vector<Index> output_shape() const override { return extents_of(model.output_shape()); }
        Index side_size() const override { return model.side_size(); }
        Index windows_at_once() const override { return M::windows_per_tile; }
        const Description& description() const override { return model.description(); }
        std::span<Scalar> parameters() override { return model.parameters(); }
        std::span<const Scalar> parameters() const override { return model.parameters(); }
        std::span<Scalar> parameters_on(Context& on) override { return model.parameters_on(on); }
        std::span<const Scalar> parameters_on(Context& on) const override { return model.parameters_on(on); }
        void visit_parameters(const Visitor& visit) override { model.visit_parameters(visit); }
        void initialize(std::uint64_t seed, Initialization habits) override { model.initialize(seed, habits); }
        void infer(Context& on, View<const Scalar> x, View<const Scalar> side, View<Scalar> y) const override {
            model.infer(on, x, side, y);
        }
        void infer(Context& on, const Windows<Scalar>& x, View<const Scalar> side, View<Scalar> y) const override {
            model.infer(on, x, side, y);
        }
        void scan(Context& on, const Windows<Scalar>& stretch, Index stride, View<const Scalar> side, View<Scalar> y) const override {
            model.scan(on, stretch, stride, side, y);
        }
        Tape<B> tape(Index batch) const override { return model.tape(batch); }
        void forward(Context& on, const Windows<Scalar>& x, View<const Scalar> side, View<Scalar> y, Tape<B>& tape) const override {
            if constexpr (M::is_trainable) model.forward(on, x, side, y, tape);
            else untrainable();
        }
        void backward(Context& on, const Windows<Scalar>& x, View<const Scalar> side, View<const Scalar> y, View<Scalar> dy,
                      std::span<Scalar> gradients, Tape<B>& tape) const override {
            if constexpr (M::is_trainable) model.backward(on, x, side, y, dy, gradients, tape);
            else untrainable();
        }
        void forward(Context& on, View<const Scalar> x, View<const Scalar> side, View<Scalar> y, Tape<B>& tape) const override {
            if constexpr (M::is_trainable) model.forward(on, x, side, y, tape);
            else untrainable();
        }
        void backward(Context& on, View<const Scalar> x, View<const Scalar> side, View<const Scalar> y, View<Scalar> dy, View<Scalar> dx,
                      std::span<Scalar> gradients, Tape<B>& tape) const override {
            if constexpr (M::is_trainable) model.backward(on, x, side, y, dy, dx, gradients, tape);
            else untrainable();
        }
        void trace(Context& on, View<const Scalar> x, View<const Scalar> side, View<Scalar> y, const Sight& see) const override {
            model.trace(on, x, side, y, see);
        }
    };

    template <class S>
    static std::vector<Index> extents_of(const S& shape) {
        if constexpr (AnyShape<S>) return {shape.values().begin(), shape.values().end()};
        else return shape;
    }

    [[noreturn]] static void untrainable() { throw ModelError("a layer of this network has no backward pass: it cannot be trained"); }

    std::unique_ptr<Interface> self_;
};

}  // namespace chromatid
