// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/dataset/data_draws.hpp>
#include <chromatid/dataset/keyed_permutation.hpp>
#include <chromatid/tensor/array.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid {

/// A `BatchSource` over arrays in memory, of any type with `ArrayTraits`:
///
///     const ArrayBatches training(x, y, {.batch = 32, .seed = 1}), validation(x_held_out, y_held_out, {.shuffle = false});
///
/// Each epoch shows every row once, in an order that seed and epoch pick; the last batch may be shorter. Arrays of float that lie row-major
/// are not copied and must outlive this object, unless they are moved in; others are converted. Copies share them.
class ArrayBatches {
  public:
    struct Options {
        Index batch = 100;
        std::uint64_t seed = 420;
        bool shuffle = true;
    };

    /// \param x        (rows, length, channels), or (rows, anything)
    /// \param targets  (rows, tasks): 1, 0 or `ambiguous`
    /// \throws ShapeError where the numbers of rows differ, or an array has no rows; UsageError for batches below 1
    template <Array X, Array Y>
    ArrayBatches(X&& x, Y&& targets, Options options) : ArrayBatches(held<X>(x), nullptr, held<Y>(targets), options) {}
    template <Array X, Array Y>
    ArrayBatches(X&& x, Y&& targets) : ArrayBatches(held<X>(x), nullptr, held<Y>(targets), Options{}) {}

    /// \param side  (rows, side size)
    template <Array X, Array S, Array Y>
    ArrayBatches(X&& x, S&& side, Y&& targets, Options options) : ArrayBatches(held<X>(x), held<S>(side), held<Y>(targets), options) {}

    Index batches(Index) const { return (rows_ + options_.batch - 1) / options_.batch; }

    void load(Index epoch, Index number, Batch& batch) const {
        const Index first = number * options_.batch;
        const Index count = std::min(options_.batch, rows_ - first);
        if (number < 0 || count <= 0)
            throw UsageError("there are " + std::to_string(batches(epoch)) + " batches, number " + std::to_string(number) +
                             " was asked for");
        const KeyedPermutation order(rows_, options_.seed,
                                     static_cast<std::uint64_t>(DataDraws::Purpose::order) << 32 | static_cast<std::uint32_t>(epoch));
        const auto fill = [&](const Held& from, Tensor<float>& to, BatchShare::Range wanted) {
            fit(from->view, count, to);
            for (Index row = wanted.first; row < wanted.end; ++row) {
                const std::span<const float> values = from->view.rows(options_.shuffle ? order(first + row) : first + row, 1).span();
                std::copy(values.begin(), values.end(), to.view().rows(row, 1).data());
            }
        };
        batch.encoded = {};
        fill(x_, batch.x, batch.share.own_windows(count));
        if (side_) fill(side_, batch.side, {0, count});
        else batch.side = {};
        fill(targets_, batch.targets, {0, count});
        batch.size = count;
    }

  private:
    /// An array, or the copy that was needed to have it as floats.
    struct HeldArray {
        virtual ~HeldArray() = default;
        View<const float> view;
    };
    using Held = std::shared_ptr<const HeldArray>;

    /// \tparam A  a reference for an array that the caller keeps, else the array's type: it is then moved in
    template <class A>
    static Held held(std::remove_reference_t<A>& array) {
        struct Kept final : HeldArray {
            explicit Kept(std::remove_reference_t<A>& a) : owned(static_cast<A&&>(a)), values(read_array<float>(owned)) {
                view = View<const float>(values);
            }
            A owned;
            decltype(read_array<float>(std::declval<const std::remove_cvref_t<A>&>())) values;
        };
        return std::make_shared<const Kept>(array);
    }

    ArrayBatches(Held x, Held side, Held targets, Options options)
        : x_(std::move(x)), side_(std::move(side)), targets_(std::move(targets)), options_(options) {
        if (options.batch < 1) throw UsageError("batches of " + std::to_string(options.batch) + " rows: give at least 1");
        for (const Held& array : {x_, targets_})
            if (array->view.rank() < 2) throw ShapeError("ArrayBatches: arrays have shape (rows, ...), with at least one value in a row");
        rows_ = x_->view.extent(0);
        if (rows_ == 0) throw ShapeError("ArrayBatches: the arrays have no rows");
        for (const auto& [array, what] : {std::pair{side_, "side input"}, std::pair{targets_, "targets"}})
            if (array && (array->view.rank() != 2 || array->view.extent(0) != rows_))
                throw ShapeError(std::string("ArrayBatches: ") + what + " of shape " + to_string(array->view.extents()) + " do not fit " +
                                 std::to_string(rows_) + " rows of inputs: (" + std::to_string(rows_) + ", n) is needed");
    }

    void fit(const View<const float>& like, Index rows, Tensor<float>& tensor) const {
        const std::span<const Index> have = tensor.extents();
        if (have.size() == like.rank() && have[0] >= rows && std::equal(have.begin() + 1, have.end(), like.extents().begin() + 1)) return;
        std::vector<Index> extents(like.extents().begin(), like.extents().end());
        extents[0] = std::min(options_.batch, rows_);
        tensor = Tensor<float>(std::span<const Index>(extents));
    }

    Held x_, side_, targets_;
    Options options_;
    Index rows_ = 0;
};

static_assert(BatchSource<ArrayBatches>);

}  // namespace chromatid
