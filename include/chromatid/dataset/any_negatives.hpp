// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/negative_sampler.hpp>

#include <concepts>
#include <memory>
#include <utility>

namespace chromatid {

/// Any `NegativeSampler` behind one type, for programs that learn at run time which one is wanted. Copies share it. One virtual call per
/// negative.
class AnyNegatives {
  public:
    /// No negatives at all.
    AnyNegatives() = default;

    template <class S>
    requires(!std::same_as<S, AnyNegatives> && NegativeSampler<S>) AnyNegatives(S sampler)
        : sampler_(std::make_shared<const Holder<S>>(std::move(sampler))) {}

    Index count(Index epoch) const { return sampler_ ? sampler_->count(epoch) : 0; }
    Negative operator()(Index epoch, Index index) const { return sampler_->at(epoch, index); }

  private:
    struct Sampler {
        virtual ~Sampler() = default;
        virtual Index count(Index epoch) const = 0;
        virtual Negative at(Index epoch, Index index) const = 0;
    };

    template <class S>
    struct Holder final : Sampler {
        explicit Holder(S sampler) : held(std::move(sampler)) {}
        Index count(Index epoch) const override { return held.count(epoch); }
        Negative at(Index epoch, Index index) const override { return held(epoch, index); }
        S held;
    };

    std::shared_ptr<const Sampler> sampler_;
};

}  // namespace chromatid
