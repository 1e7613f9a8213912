// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/train/training_interrupted.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid {

/// Several ranks that train one model: processes, or threads of one. A value that is cheap to copy; copies belong to the same rank.
///
/// - `rank()`, `size()`: which one this is, in [0, size)
/// - `send(bytes, to)`, `receive(bytes, from)`: between two ranks, in order; both know the length. `send` may wait for the other side
/// - `broadcast(bytes, from)`: everyone gets what `from` has
/// - `exchange(mine, of_all)`: everyone gets what each has to give, equally long, by rank
/// - `barrier()`: returns when all have come
/// - `abort(message)`: this rank cannot go on. Ends the others, with the message, wherever they wait; may not return
///
/// All ranks make the same calls in the same order, each on one thread; what the calls throw is an `Error`. The forms: `SingleProcess`,
/// `ThreadCommunicator`, `MpiCommunicator`, and `NcclCommunicator` for CUDA devices.
template <class C>
concept Communicator = std::copyable<C> && requires(C all, std::span<const std::byte> out, std::span<std::byte> in, Index rank,
                                                    const std::string& message) {
    { std::as_const(all).rank() } -> std::convertible_to<Index>;
    { std::as_const(all).size() } -> std::convertible_to<Index>;
    all.send(out, rank);
    all.receive(in, rank);
    all.broadcast(in, rank);
    all.exchange(out, in);
    all.barrier();
    all.abort(message);
};

/// A communicator that adds arrays in device memory by itself, where they lie: `all.sum(on, n, numbers)` queues that and returns. In which
/// order the ranks' numbers are added is its own choice, so bits may depend on the number of ranks; they are the same on every rank.
template <class C, class B>
concept DeviceCommunicator =
    Communicator<C> && requires(C all, typename B::Context& on, Index n, typename B::Scalar* numbers) { all.sum(on, n, numbers); };

/// This rank cannot go on because another one failed; the message is the other one's.
class Aborted : public Error {
  public:
    using Error::Error;
};

/// Rank 0's numbers, on every rank.
template <Communicator C, class T>
    requires std::is_trivially_copyable_v<T>
void broadcast(C& all, std::span<T> numbers, Index from = 0) {
    all.broadcast(std::as_writable_bytes(numbers), from);
}
/// A text of rank `from`, on every rank.
template <Communicator C>
void broadcast(C& all, std::string& text, Index from = 0) {
    auto length = static_cast<Index>(text.size());
    broadcast(all, std::span(&length, 1), from);
    text.resize(static_cast<std::size_t>(length));
    broadcast(all, std::span(text), from);
}

/// What each rank has, by rank.
template <Communicator C, class T>
    requires std::is_trivially_copyable_v<T>
std::vector<T> exchange(C& all, const T& mine) {
    std::vector<T> of_all(static_cast<std::size_t>(all.size()), mine);
    all.exchange(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(of_all)));
    return of_all;
}

/// The sum over all ranks, added in their order.
template <Communicator C, class T>
T sum_of_ranks(C& all, const T& mine) {
    if (all.size() == 1) return mine;
    T sum{};
    for (const T& of_one : exchange(all, mine)) sum += of_one;
    return sum;
}

/// Calls `f`, which all ranks do alike. Where it throws on one of them, all end: the exception goes on here after `abort` has told the
/// others. But `TrainingInterrupted` is thrown on all ranks, which have agreed to stop.
template <Communicator C, class F>
decltype(auto) together(C& all, const F& f) {
    try {
        return f();
    } catch (const Aborted&) {
        throw;
    } catch (const TrainingInterrupted&) {
        throw;
    } catch (const std::exception& error) {
        all.abort(error.what());
        throw;
    } catch (...) {
        all.abort("an exception that says nothing");
        throw;
    }
}

}  // namespace chromatid
