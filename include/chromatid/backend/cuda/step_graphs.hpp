// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/step_cells.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace chromatid::cuda {

/// Work that is done again and again with other numbers: run as it is the first time, recorded as a graph the second time, and from then on
/// launched as one. The graphs of one context; the host goes through the same calls each time, see `StepCells`. Work with more numbers that
/// differ than these hold is never recorded.
///
/// \tparam E  `Gpu` or `Emulator`
template <class E>
class StepGraphs {
  public:
    StepMode mode() const { return mode_; }

    /// What kernels are to be given for a number that differs from step to step.
    template <class T>
    Late<T> late(const T& value) {
        ++asked_for_;
        return mode_ == StepMode::eager ? Late<T>{value} : entry_->cells.keep(value);
    }

    /// \param key  equal for equal work: the same calls with the same sizes and the same memory
    /// \param f    makes the calls; must not wait for the device, nor copy from or to the host
    template <class F>
    void run(typename E::Context& on, std::uint64_t key, const F& f) {
        if (mode_ != StepMode::eager) throw DeviceError("a step cannot be part of a step");
        const auto found = entries_.find(key);
        if (found == entries_.end()) return run_first(on, key, f);
        Entry& entry = found->second;
        if (entry.numbers > StepCells::most) return f();
        const bool recorded = entry.graph.has_value();
        if (recorded) E::wait_for_cells(on);
        entry.cells.rewind();
        {
            const Mode mode(*this, entry, recorded ? StepMode::replaying : StepMode::capturing);
            if (recorded) f();
            else entry.graph.emplace(E::capture(on, f));
        }
        if (!recorded) entry.numbers = entry.cells.used();
        else if (entry.cells.used() != entry.numbers)
            throw DeviceError("a recorded step has " + std::to_string(entry.numbers) + " numbers that change, now it asks for " +
                              std::to_string(entry.cells.used()));
        E::copy_cells(on, entry.host.data(), entry.device.data(), StepCells::cell_bytes * entry.numbers);
        E::launch(on, *entry.graph);
    }

    /// Forgets all graphs: for when memory that they use has moved.
    void clear() { entries_.clear(); }

  private:
    struct Entry {
        typename E::template PinnedBuffer<std::byte> host{static_cast<Index>(StepCells::bytes())};
        typename E::template Buffer<std::byte> device{static_cast<Index>(StepCells::bytes())};
        StepCells cells{host.data(), device.data()};
        std::optional<typename E::Graph> graph;
        std::size_t numbers = 0;

        Entry() = default;
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
    };

    struct Mode {
        StepGraphs& graphs;
        Mode(StepGraphs& g, Entry& entry, StepMode mode) : graphs(g) {
            g.entry_ = &entry;
            g.mode_ = mode;
        }
        Mode(const Mode&) = delete;
        Mode& operator=(const Mode&) = delete;
        ~Mode() { graphs.mode_ = StepMode::eager; }
    };

    /// A step that fails is as if it had never run: recording needs what only a whole run makes, such as tables and plans of products.
    template <class F>
    void run_first(typename E::Context& on, std::uint64_t key, const F& f) {
        E::synchronize(on);  // makes its device the one that memory is taken from
        const auto entry = entries_.try_emplace(key).first;
        asked_for_ = 0;
        try {
            f();
            entry->second.numbers = asked_for_;
        } catch (...) {
            entries_.erase(entry);
            throw;
        }
    }

    std::map<std::uint64_t, Entry> entries_;
    Entry* entry_ = nullptr;
    std::size_t asked_for_ = 0;  // numbers
    StepMode mode_ = StepMode::eager;
};

}  // namespace chromatid::cuda
