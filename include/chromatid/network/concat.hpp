// SPDX-License-Identifier: MIT
#pragma once

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

    template <AnyShape In, Backend B>
    class Bound : public Binding<Concat, In> {
        using T = typename B::Scalar;
        template <std::size_t... I>
        static auto bound_types(std::index_sequence<I...>) -> std::tuple<BoundLayer<BranchAt<I>, In, B>...>;
        using Steps = decltype(bound_types(std::make_index_sequence<size_>{}));

      public:
        Bound(const Concat& net, const In& input) : Binding<Concat, In>(net, input), steps_(bind(std::make_index_sequence<size_>{})) {}

        LayerMemory memory(Index batch) const {
            LayerMemory largest;
            for_each_index<size_>([&](auto i) {
                const auto& step = std::get<i>(steps_);
                largest.infer = std::max(largest.infer, memory_of(step, batch).infer + arena_size(batch * step.out.size()));
            });
            return largest;
        }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            const Index batch = x.extent(0), all = channels(this->out).value();
            Index offset = 0;
            for_each_index<size_>([&](auto i) {
                const auto& step = std::get<i>(steps_);
                auto frame = run.arena.frame();
                const View<T> part(frame.take(batch * step.out.size()), batch, step.out);
                step.infer(run, parameters, x, part);
                if constexpr (!Composite<BranchAt<i>, In>)
                    if (run.observer != nullptr) run.observer->layer(run.layer++, part);
                const Index width = channels(step.out).value(), rows = part.size() / width;
                B::copy_rows(run.on, rows, width, part.data(), rows, width, y.data() + offset, all);
                offset += width;
                parameters += chromatid::parameter_count(step.recipe, step.in);
            });
        }

      private:
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
