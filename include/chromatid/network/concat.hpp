// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/chain.hpp>
#include <chromatid/network/description.hpp>
#include <chromatid/network/step.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace chromatid {

/// Branches over the same input, their outputs side by side along the last axis.
///
///     y = [branch_0(x), branch_1(x), ...]
///
/// In  any shape; out the first branch's shape, its channels the sum of all branches' channels. The other extents must agree.
template <class First, class... Rest>
class Concat {
    static constexpr std::size_t size_ = 1 + sizeof...(Rest);
    using Branches = std::tuple<First, Rest...>;
    template <std::size_t I>
    using BranchAt = std::tuple_element_t<I, Branches>;

  public:
    constexpr Concat()
        requires(std::default_initializable<First> && ... && std::default_initializable<Rest>)
    = default;
    constexpr explicit Concat(First first, Rest... rest) : branches_(std::move(first), std::move(rest)...) {}

    static constexpr std::string_view name() { return "Concat"; }
    static constexpr Index layer_count = (chromatid::layer_count<First>() + ... + chromatid::layer_count<Rest>());
    static constexpr bool translation_equivariant = (is_translation_equivariant<First> && ... && is_translation_equivariant<Rest>);

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const { return join<1>(branch_shape<0>(in), in); }

    template <AnyShape In>
    constexpr Index parameter_count(const In& in) const {
        Index n = 0;
        for_each_index<size_>([&](auto i) { n += chromatid::parameter_count(std::get<i>(branches_), in); });
        return n;
    }
    template <AnyShape In>
    void describe(const In& in, Description& description) const {
        for_each_index<size_>([&](auto i) { description.add(std::get<i>(branches_), in); });
    }
    /// \throws ShapeError when two branches read side inputs of different widths
    constexpr Index side_size() const { return common_side_size(branches_); }
    static void add_fused_runs(Index first, Description& description) {
        for_each_index<size_>([&](auto i) {
            chromatid::add_fused_runs<BranchAt<i>>(first, description);
            first += chromatid::layer_count<BranchAt<i>>();
        });
    }

    template <AnyShape In, Backend B>
    class Bound : public Binding<Concat, In> {
        using T = typename B::Scalar;
        template <std::size_t... I>
        static auto bound_types(std::index_sequence<I...>) -> std::tuple<BoundLayer<BranchAt<I>, In, B>...>;
        using Steps = decltype(bound_types(std::make_index_sequence<size_>{}));
        static constexpr bool all_trainable = Trainable<First, In, B> && (Trainable<Rest, In, B> && ...);

      public:
        Bound(const Concat& net, const In& input) : Binding<Concat, In>(net, input), steps_(bind(std::make_index_sequence<size_>{})) {}

        LayerMemory memory(Index batch) const {
            LayerMemory all;
            const Index dx = arena_size(batch * this->in.size());
            for_each_index<size_>([&](auto i) {
                const auto& step = std::get<i>(steps_);
                const LayerMemory m = memory_of(step, batch);
                const Index output = arena_size(batch * step.out.size());
                all.infer = std::max(all.infer, m.infer + output);
                all.train = std::max(all.train, m.train + output + dx);
                all.tape += output + arena_size(m.tape);
            });
            return all;
        }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            const Index batch = x.extent(0);
            for_each_branch(run, [&](auto i, const auto& step, Index column, Index first) {
                auto frame = run.arena.frame();
                const View<T> part(frame.take(batch * step.out.size()), batch, step.out);
                step.infer(run, parameters + first, x, part);
                if constexpr (!Composite<BranchAt<i>, In>)
                    if (run.observer != nullptr) run.observer->layer(run.layer, part);
                join(run, part, column, y);
            });
        }

        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T* tape) const
            requires all_trainable
        {
            const Index batch = x.extent(0);
            for_each_branch(run, [&](auto, const auto& step, Index column, Index first) {
                const View<T> part(tape, batch, step.out);
                tape += arena_size(part.size());
                step.forward(run, parameters + first, x, part, tape);
                tape += arena_size(memory_of(step, batch).tape);
                join(run, part, column, y);
            });
        }

        void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T>, View<T> dy, View<T> dx, const T* tape,
                      T* gradients) const
        requires all_trainable
    {
            const Index batch = x.extent(0), all = channels(this->out).value();
            for_each_branch(run, [&](auto i, const auto& step, Index column, Index first) {
                auto frame = run.arena.frame();
                const View<const T> part(tape, batch, step.out);
                tape += arena_size(part.size());
                const View<T> dpart(frame.take(part.size()), batch, step.out);
                const Index width = channels(step.out).value(), rows = part.size() / width;
                B::copy_rows(run.on, rows, width, dy.data() + column, rows, all, dpart.data(), width);
                const bool adds = i > 0 && dx.data() != nullptr;
                const View<T> to(adds ? frame.take(x.size()) : dx.data(), batch, this->in);
                step.backward(run, parameters + first, x, part, dpart, to, tape, gradients + first);
                if (adds) B::add(run.on, x.size(), to.data(), dx.data());
                tape += arena_size(memory_of(step, batch).tape);
            });
        }

      private:
        /// Calls `f(number, branch, first channel of its output, first of its parameters)`, with the number of its first layer in `run`.
        template <class F>
        void for_each_branch(Run<B>& run, const F& f) const {
            const Index first_layer = run.layer;
            Index column = 0, parameter = 0, layer = first_layer;
            for_each_index<size_>([&](auto i) {
                const auto& step = std::get<i>(steps_);
                run.layer = layer;
                f(i, step, column, parameter);
                layer += chromatid::layer_count<BranchAt<i>>();
                column += channels(step.out).value();
                parameter += chromatid::parameter_count(step.recipe, step.in);
            });
            run.layer = first_layer;
        }
        void join(Run<B>& run, View<const T> part, Index column, View<T> y) const {
            const Index width = part.extent(part.rank() - 1), rows = part.size() / width;
            B::copy_rows(run.on, rows, width, part.data(), rows, width, y.data() + column, channels(this->out).value());
        }

        template <std::size_t... I>
        Steps bind(std::index_sequence<I...>) const {
            return Steps(BoundLayer<BranchAt<I>, In, B>(std::get<I>(this->recipe.branches_), this->in)...);
        }

        Steps steps_;
    };

  private:
    template <std::size_t I, AnyShape In>
    constexpr auto branch_shape(const In& in) const { return step_shape<I, BranchAt<I>>(std::get<I>(branches_), in); }

    /// The shape so far with the channels of branches I, I + 1, ... added.
    template <std::size_t I, AnyShape Joined, AnyShape In>
    constexpr auto join(const Joined& joined, const In& in) const {
        if constexpr (I == size_) return joined;
        else {
            const auto next = branch_shape<I>(in);
            CHROMATID_EXPECT(rank_is<Joined::rank>(next), "Concat: the branches put out shapes of different rank");
            if constexpr (Joined::rank == 2) {
                CHROMATID_EXPECT(length(joined) == length(next), "Concat: the branches put out different lengths");
                return join<I + 1>(shape(length(joined), channels(joined) + channels(next)), in);
            } else {
                static_assert(Joined::rank == 1, "Concat joins flat features or (length, channels)");
                return join<I + 1>(shape(channels(joined) + channels(next)), in);
            }
        }
    }

    Branches branches_;
};

}  // namespace chromatid
