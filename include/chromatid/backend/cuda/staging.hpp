// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/window_tables.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/tensor/view.hpp>
#include <chromatid/tensor/windows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace chromatid::cuda {

/// Brings the host's arrays of one piece of work to a device, and its results back: a block of pinned memory and one of the device with the
/// same places in both, so that all arrays go there in one copy, and all results come back in one.
///
///     stage.open(on, stage.room(x) + stage.room(y));   // waits until the work before is done
///     const auto x_there = stage.in(x);
///     const auto y_there = stage.out(y);
///     stage.send_ahead(on);                        // beside what the device does
///     ... work that reads x_there and writes y_there ...
///     stage.fetch(on);
///     stage.finish();                              // waits, and y is written
///
/// Arrays that are device memory already are used as they are and take no room; so are null pointers. With two stages in turn the copies of
/// one piece of work run beside the other's.
///
/// \tparam E  `Gpu` or `Emulator`
template <class E>
class Staging {
    using Context = typename E::Context;

  public:
    static bool is_there(const void* p) { return p == nullptr || E::is_device(p); }
    template <class T>
    static bool is_there(const Windows<T>& x) {
        return x.encoded() ? E::is_device(x.codes) : is_there(x.dense);
    }

    /// Bytes that an array takes in the blocks.
    template <class T>
    static std::size_t room(View<T> x) { return is_there(x.data()) ? 0 : bytes<T>(x.size()); }
    template <class T>
    static std::size_t room(std::span<T> x) { return is_there(x.data()) ? 0 : bytes<T>(static_cast<Index>(x.size())); }
    template <class T>
    static std::size_t room(const Windows<T>& x) {
        if (is_there(x)) return 0;
        if (!x.encoded()) return bytes<T>(x.count * x.length * x.channels);
        const Index tracks = x.channels - Windows<T>::letters;
        return room_every(x, x.count) + bytes<T>(x.count * tracks * x.length) + bytes<std::uint8_t>(x.count * x.length);
    }
    /// The same for `every`.
    template <class T>
    static std::size_t room_every(const Windows<T>& stretch, Index count) {
        return bytes<const std::uint8_t*>(count) + bytes<const T*>(count * (stretch.channels - Windows<T>::letters));
    }

    /// Waits for the work before and forgets its arrays. Keeps its memory where that is enough.
    void open(Context& on, std::size_t size) {
        if (size > 0) E::wait(done_);
        results_.clear();
        next_ = sent_ = first_result_ = last_result_ = 0;
        if (static_cast<Index>(size) <= device_.size()) return;
        E::synchronize(on);  // makes its device the current one
        device_ = {};
        host_ = {};
        ++blocks_;
        host_ = typename E::template PinnedBuffer<std::byte>(static_cast<Index>(size));
        device_ = typename E::template Buffer<std::byte>(static_cast<Index>(size));  // last: its size says that both are there
    }
    /// How many blocks there have been: graphs that know the device's are right as long as this is the same. It depends on the sizes alone
    /// that were opened, unlike where blocks lie.
    Index blocks() const { return blocks_; }
    /// Drops results that nobody waits for any more, after work that broke off.
    void forget() { results_.clear(); }

    /// Where the array will lie on the device. All `in` come before `send` and before any `out`.
    template <class T>
    View<const T> in(View<const T> x) { return is_there(x.data()) ? x : View<const T>(copied(x.data(), x.size()).device, x.extents()); }
    /// Rows and tables of pointers to them.
    template <class T>
    Windows<T> in(const Windows<T>& x) {
        if (is_there(x)) return x;
        Windows<T> there = x;
        if (!x.encoded()) {
            there.dense = copied(x.dense, x.count * x.length * x.channels).device;
            return there;
        }
        const Index tracks = x.channels - Windows<T>::letters;
        there.codes = rows(x.codes, x.count, x.length);
        there.tracks = rows(x.tracks, x.count * tracks, x.length);
        return there;
    }
    /// Where results are to be written that `finish` brings to `y`.
    template <class T>
    View<T> out(View<T> y) {
        if (is_there(y.data())) return y;
        const Place<T> place = take<T>(y.size());
        keep(y, place);
        return {place.device, y.extents()};
    }
    /// The same for what the work changes; the last of all `in`.
    template <class T>
    View<T> in_out(View<T> y) {
        if (is_there(y.data())) return y;
        const Place<T> place = copied(y.data(), y.size());
        keep(y, place);
        return {place.device, y.extents()};
    }

    /// `count` windows that begin every `step` bases of a stretch that is on the device: pointers into it. Comes after `send`.
    template <class T>
    Windows<T> every(Context& on, const Windows<T>& stretch, Index step, Index count) {
        const Index tracks = stretch.channels - Windows<T>::letters;
        const StepsOfStretch<T> steps{
            stretch.codes, stretch.tracks, take<const std::uint8_t*>(count).device, take<const T*>(count * tracks).device, tracks, step};
        for_each<E>(on, count, steps);
        Windows<T> there = stretch;
        there.count = count;
        there.codes = steps.to_codes;
        there.tracks = steps.to_tracks;
        return there;
    }

    /// Copies all `in` to the device, in order with what it does.
    void send(Context& on) {
        if (sent_ == 0) return;
        E::copy_to_device(on, sent_, host_.data(), device_.data());
        E::mark(on, done_);
    }
    /// The same beside what it does.
    void send_ahead(Context& on) {
        if (sent_ == 0) return;
        E::copy_ahead(on, sent_, host_.data(), device_.data());
        E::mark(on, done_);
    }
    /// Asks for the results, once all that was asked for is done.
    void fetch(Context& on) {
        if (last_result_ > first_result_)
            E::copy_to_host(on, last_result_ - first_result_, device_.data() + first_result_, host_.data() + first_result_);
        if (next_ > 0) E::mark(on, done_);
    }
    /// Waits for them and writes them to the host's arrays.
    void finish() {
        if (results_.empty()) return;
        E::wait(done_);
        for (const Result& r : results_) std::memcpy(r.to, r.from, r.bytes);
        results_.clear();
    }

  private:
    static constexpr std::size_t line = 256;

    template <class T>
    struct Place {
        T *host, *device;
    };
    struct Result {
        void* to;
        const void* from;
        std::size_t bytes;
    };

    template <class T>
    static constexpr std::size_t bytes(Index n) { return (static_cast<std::size_t>(n) * sizeof(T) + line - 1) / line * line; }
    template <class T>
    Place<T> take(Index n) {
        const std::size_t at = next_;
        next_ += bytes<T>(n);
        return {reinterpret_cast<T*>(host_.data() + at), reinterpret_cast<T*>(device_.data() + at)};
    }
    template <class T>
    Place<T> copied(const T* x, Index n) {
        const Place<T> place = take<T>(n);
        std::copy_n(x, n, place.host);
        sent_ = next_;
        return place;
    }
    template <class T>
    void keep(View<T> y, const Place<T>& place) {
        const auto size = static_cast<std::size_t>(y.size()) * sizeof(T);
        if (size == 0) return;
        if (results_.empty()) first_result_ = next_ - bytes<T>(y.size());
        last_result_ = next_;
        results_.push_back({y.data(), place.host, size});
    }
    template <class T>
    const T* const* rows(const T* const* x, Index count, Index length) {
        const auto table = take<const T*>(count);
        const auto values = take<T>(count * length);
        for (Index r = 0; r < count; ++r) {
            std::copy_n(x[r], length, values.host + r * length);
            table.host[r] = values.device + r * length;
        }
        sent_ = next_;
        return table.device;
    }

    typename E::template PinnedBuffer<std::byte> host_;
    typename E::template Buffer<std::byte> device_;
    typename E::Event done_;
    std::vector<Result> results_;
    std::size_t next_ = 0, sent_ = 0, first_result_ = 0, last_result_ = 0;
    Index blocks_ = 0;
};

}  // namespace chromatid::cuda
