// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/signal_source.hpp>

#include <concepts>
#include <memory>
#include <span>
#include <utility>

namespace chromatid {

/// Any `SignalSource` behind one type, for programs that learn at run time what kind of file they are given. One virtual call per fetch.
class AnySignal {
  public:
    template <class S>
    requires(!std::same_as<S, AnySignal> && SignalSource<S>) AnySignal(S source)
        : source_(std::make_unique<Holder<S>>(std::move(source))) {}

    const ChromSizes& chromosomes() const { return source_->chromosomes(); }
    void fetch(const Interval& interval, std::span<float> values) { source_->fetch(interval, values); }
    AnySignal clone() const { return AnySignal(source_->clone()); }

  private:
    struct Source {
        virtual ~Source() = default;
        virtual const ChromSizes& chromosomes() const = 0;
        virtual void fetch(const Interval& interval, std::span<float> values) = 0;
        virtual std::unique_ptr<Source> clone() const = 0;
    };

    template <class S>
    struct Holder final : Source {
        explicit Holder(S source) : held(std::move(source)) {}
        const ChromSizes& chromosomes() const override { return held.chromosomes(); }
        void fetch(const Interval& interval, std::span<float> values) override { held.fetch(interval, values); }
        std::unique_ptr<Source> clone() const override { return std::make_unique<Holder>(held.clone()); }
        S held;
    };

    explicit AnySignal(std::unique_ptr<Source> source) : source_(std::move(source)) {}

    std::unique_ptr<Source> source_;
};

}  // namespace chromatid
