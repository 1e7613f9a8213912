// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/context_pool.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace chromatid {

/// A network that runs on a device behind the calls of one on the processor, so that programs for the one run the other as well:
///
///     AnyModel<> model = OnDevice(make_factornet<Cuda<>>(sizes), [] { return std::make_unique<Cuda<>::Context>(0); });
///     model.infer(threads, windows, side, outputs);      // on the device, whatever `threads` is
///
/// The threads it is given have nothing to do. Each call borrows a context of the device, so calls from several threads overlap: one copies
/// while the other computes. For inference; a network is trained on its device as `AnyModel<Cuda<...>>`.
///
/// \tparam M  `Model` or `AnyModel` on a device
template <class M>
class OnDevice {
    using B = typename M::BackendType;
    using Pool = ContextPool<typename B::Context>;
    static_assert(!B::on_host, "OnDevice is for networks on a device: a network on the processor needs no adaptor");

  public:
    using BackendType = Cpu<typename B::Scalar>;
    using Scalar = typename B::Scalar;
    using Context = typename BackendType::Context;
    static constexpr Index windows_per_tile = B::windows_per_tile;
    static constexpr bool is_trainable = true;  // so that the error is of this class

    /// \param make  makes a context of the device where the model is to run; called when more calls run at once than ever before
    OnDevice(M model, typename Pool::Make make) : model_(std::move(model)), contexts_(std::make_unique<Pool>(std::move(make))) {}

    auto input_shape() const { return model_.input_shape(); }
    auto output_shape() const { return model_.output_shape(); }
    Index side_size() const { return model_.side_size(); }
    const Description& description() const { return model_.description(); }
    std::span<Scalar> parameters() { return model_.parameters(); }
    std::span<const Scalar> parameters() const { return model_.parameters(); }
    std::span<Scalar> parameters_on(Context&) { return model_.parameters(); }
    std::span<const Scalar> parameters_on(Context&) const { return model_.parameters(); }
    template <class F>
    void visit_parameters(F&& visit) { model_.visit_parameters(visit); }
    void initialize(std::uint64_t seed, Initialization habits = Initialization::standard) { model_.initialize(seed, habits); }

    /// \tparam X  `View` or `Windows`
    template <class X>
    void infer(Context&, const X& x, View<const Scalar> side, View<Scalar> y) const {
        const auto on = contexts_->lease();
        model_.infer(*on, x, side, y);
    }
    void scan(Context&, const Windows<Scalar>& stretch, Index stride, View<const Scalar> side, View<Scalar> y) const {
        const auto on = contexts_->lease();
        model_.scan(*on, stretch, stride, side, y);
    }
    template <class F>
    void trace(Context&, View<const Scalar> x, View<const Scalar> side, View<Scalar> y, const F& see) const {
        const auto on = contexts_->lease();
        model_.trace(*on, x, side, y, see);
    }

    /// \throws UsageError  always
    [[noreturn]] Tape<BackendType> tape(Index) const { refuse(); }
    template <class... Arguments>
    [[noreturn]] void forward(Arguments&&...) const { refuse(); }
    template <class... Arguments>
    [[noreturn]] void backward(Arguments&&...) const { refuse(); }

  private:
    [[noreturn]] static void refuse() {
        throw UsageError("this network runs on a device and can only predict through the calls of one on the processor\n"
                         "       to train it, use it as what it is: AnyModel<Cuda<...>>");
    }

    M model_;
    std::unique_ptr<Pool> contexts_;
};

}  // namespace chromatid
