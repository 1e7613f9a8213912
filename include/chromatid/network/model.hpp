// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/network/arena_pool.hpp>
#include <chromatid/network/initialize.hpp>
#include <chromatid/network/stretch_scan.hpp>
#include <chromatid/network/stretch_windows.hpp>
#include <chromatid/network/summary.hpp>
#include <chromatid/network/tape.hpp>
#include <chromatid/tensor/array.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace chromatid {

/// A network bound to an input shape and a backend, with its parameters in one flat buffer.
///
///     Model<FactorNet, Shape<1000, 6>> model;      // on Cpu<float>
///     auto probabilities = model.predict(windows); // (n, 1000, 6) -> (n, 1)
///
/// Inference is const and safe from any number of threads on one model. Work is cut into tiles of `windows_per_tile` windows whose borders do
/// not depend on the number of threads, so neither do the results. Arrays may be of any type with `ArrayTraits`; results are of the
/// family of the input.
///
/// \tparam Net  recipe: a layer or network
/// \tparam In   shape of one sample
/// \tparam B    backend
template <class Net, AnyShape In, Backend B = Cpu<float>>
class Model {
  public:
    using Scalar = typename B::Scalar;
    using Context = typename B::Context;
    using BackendType = B;
    static constexpr Index windows_per_tile = 48;  ///< enough rows to keep a matrix kernel busy while its weights pass by
    static constexpr bool is_trainable = Trainable<Net, In, B>;           ///< whether each layer has a backward pass
    static constexpr std::size_t output_rank = OutputShape<Net, In>::rank + 1;  ///< the batch and the output shape

    /// \throws ShapeError when a layer cannot take the shape that reaches it (where sizes are `dyn`; else this does not compile)
    explicit Model(Net net = Net{}, In in = In{})
        : bound_(net, in),
          side_size_(chromatid::side_size(net)),
          description_(chromatid::describe(net, in)),
          parameters_(chromatid::parameter_count(net, in)),
          arenas_(std::make_unique<ArenaPool<B>>(memory(windows_per_tile).infer)) {
        if constexpr (B::fuses) add_fused_runs<Net>(Index{0}, description_);
    }

    const Net& recipe() const { return bound_.recipe; }
    const In& input_shape() const { return bound_.in; }
    const OutputShape<Net, In>& output_shape() const { return bound_.out; }
    /// Width of the side input, 0 where the network has none.
    Index side_size() const { return side_size_; }
    const Description& description() const { return description_; }
    /// The Keras-like table.
    std::string summary() const { return chromatid::summary(description_); }

    /// All parameters, in the order of the description.
    std::span<Scalar> parameters() { return parameters_.span(); }
    std::span<const Scalar> parameters() const { return parameters_.span(); }

    /// Calls `visit(name, spec, values)` for each parameter array; names are "layer.array", as in "conv1d_1.kernel".
    template <class F>
    void visit_parameters(F&& visit) { visit_arrays(parameters(), visit); }
    template <class F>
    void visit_parameters(F&& visit) const { visit_arrays(parameters(), visit); }

    /// Sets all parameters as the layers' initializers say; equal seeds give equal parameters on every machine.
    void initialize(std::uint64_t seed, Initialization habits = Initialization::standard) {
        std::uint32_t array = 0;
        visit_parameters([&](const std::string&, const ParameterSpec& spec, std::span<Scalar> values) {
            chromatid::initialize(spec, seed, array++, values, habits);
        });
    }

    /// Outputs for a batch: x (n, input shape...), result (n, output shape...). Runs on the caller's thread.
    /// \throws ShapeError when x is not a batch of the model's input shape, or the network has a side input
    template <Array X>
    auto predict(const X& x) const {
        Context on;
        return predict(on, x);
    }
    /// The same with the side input (n, side_size()).
    template <Array X, Array S>
    auto predict(const X& x, const S& side) const {
        Context on;
        return predict(on, x, side);
    }
    template <Array X>
    auto predict(Context& on, const X& x) const { return predict(on, x, View<const Scalar>{}); }
    /// The same on the threads of a context.
    template <Array X, Array S>
    auto predict(Context& on, const X& x, const S& side) const {
        const auto input = read_array<Scalar>(x);
        const View<const Scalar> in = input;
        auto y = ArrayTraits<X>::template make<Scalar>(View<Scalar>(nullptr, rows_of(in), output_shape()).extents().template first<output_rank>());
        infer(on, in, side, y);
        return y;
    }

    /// Writes outputs for a batch into `y`. Allocates nothing once as many tiles have run at once before.
    /// \throws ShapeError when an array does not have the shape it must have
    template <Array X, Array S, Array Y>
    void infer(Context& on, const X& x, const S& side, Y&& y) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        const Checked arrays = check(x_array, side_array, write_array<Scalar>(y));
        run_tiles(on, arrays, [&](Run<B>& run, Index first, Index count, View<Scalar> out) {
            bound_.infer(run, parameters_.data(), arrays.x.rows(first, count), out);
        });
    }
    /// The same for windows as base codes and tracks: what the genome side has, and the fastest.
    template <Array S, Array Y>
    void infer(Context& on, const Windows<Scalar>& x, const S& side, Y&& y) const {
        const auto side_array = read_array<Scalar>(side);
        const Checked arrays = check(shape_of(x), side_array, write_array<Scalar>(y));
        run_tiles(on, arrays, [&](Run<B>& run, Index first, Index count, View<Scalar> out) { infer_windows(run, x.part(first, count), out); });
    }

    /// Outputs of windows that begin every `stride` bases of one stretch of a genome: what `infer` gives for each of them, bit for bit, but layers
    /// whose outputs windows have in common run once, see `SharedScan`. Allocates its scratch memory anew in each call: stretches should be long.
    /// \param stretch  one row of base codes and tracks, (n - 1) * stride + L long for n windows of length L
    /// \param side     (n, side_size()), or `View<const Scalar>{}`
    /// \param y        (n, output shape...)
    /// \throws ShapeError when an array does not have the shape it must have
    template <Array S, Array Y>
    void scan(Context& on, const Windows<Scalar>& stretch, Index stride, const S& side, Y&& y) const {
        const auto side_array = read_array<Scalar>(side);
        const View<Scalar> out = write_array<Scalar>(y);
        const Index n = rows_of(out), length = input_shape().values()[0];
        if (n == 0) return;
        if (stride < 1 || stretch.count != 1 || !stretch.encoded() || stretch.length != (n - 1) * stride + length)
            throw ShapeError("a scan of " + std::to_string(n) + " windows of " + std::to_string(length) + " bases every " + std::to_string(stride) +
                             " needs one encoded stretch of " + std::to_string((n - 1) * stride + length) + " bases, not of " + std::to_string(stretch.length));
        Windows<Scalar> as_windows = stretch;
        as_windows.count = n;
        as_windows.length = length;
        const Checked arrays = check(shape_of(as_windows), side_array, out);
        if constexpr (StretchScan<Net, In, B>::available) {
            const StretchScan<Net, In, B> shared(bound_.recipe, bound_.in);
            if (shared.pays(stride)) return scan_shared(on, shared, stretch, stride, arrays);
        }
        run_tiles(on, arrays, [&](Run<B>& run, Index first, Index count, View<Scalar> to) {
            const StretchWindows<Scalar> windows(stretch, stride, length, first, count);
            infer_windows(run, windows.view(), to);
        });
    }

    /// Runs a batch in one piece and shows the output of each layer of a `Sequential` or `Concat`: `see(layer, output)` with a `LayerDescription` and a `View<const
    /// Scalar>`, the batch first. Inside a `ReverseComplementSiamese` the first half of the batch is the forward strand, the second
    /// the reverse. For inspection: slower than `infer`, and takes memory for the whole batch.
    template <Array X, Array S, Array Y, class F>
    void trace(const X& x, const S& side, Y&& y, F&& see) const {
        struct Tracer final : Run<B>::Observer {
            const Description& description;
            F& see;
            Tracer(const Description& d, F& f) : description(d), see(f) {}
            void layer(Index number, View<const Scalar> output) override {
                see(description.layers()[static_cast<std::size_t>(number)], output);
            }
        };
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        const Checked arrays = check(x_array, side_array, write_array<Scalar>(y));
        typename B::template Buffer<Scalar> scratch(memory(arrays.x.extent(0)).infer);
        Arena<Scalar> arena(scratch.data(), scratch.size());
        Context on;
        Tracer tracer(description_, see);
        Run<B> run{.on = on, .arena = arena, .side = arrays.side, .observer = &tracer};
        bound_.infer(run, parameters_.data(), arrays.x, arrays.y);
    }

    /// Memory for training on batches of `batch` samples, see `forward` and `backward`.
    Tape<B> tape(Index batch) const { return Tape<B>(memory(batch), batch); }

    /// Outputs of a training batch; keeps on the tape what `backward` needs, and draws dropout masks as `tape.draws` says. `side` is `View<const Scalar>{}` where the network has none.
    /// \throws ShapeError when an array does not have the shape it must have
    template <Array X, Array S, Array Y>
    void forward(Context& on, const X& x, const S& side, Y&& y, Tape<B>& tape) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        const Checked arrays = check_training(x_array, side_array, write_array<Scalar>(y), tape);
        train(on, arrays, tape, [&](Run<B>& run) { bound_.forward(run, parameters_.data(), arrays.x, arrays.y, tape.data()); });
    }
    /// The same for windows as base codes and tracks.
    template <Array S, Array Y>
    void forward(Context& on, const Windows<Scalar>& x, const S& side, Y&& y, Tape<B>& tape) const {
        const auto side_array = read_array<Scalar>(side);
        const Checked arrays = check_training(shape_of(x), side_array, write_array<Scalar>(y), tape);
        train(on, arrays, tape, [&](Run<B>& run) {
            with_windows(run, x, [&](const auto& in) { bound_.forward(run, parameters_.data(), in, arrays.y, tape.data()); });
        });
    }

    /// Gradients after `forward` with the same x and y: adds dloss/dparameters to `gradients` (as long as `parameters()`), and writes
    /// dloss/dx into `dx` unless its data is null, as that of `View<Scalar>{}`. Overwrites `dy`.
    /// \throws ShapeError when an array does not have the shape it must have
    template <Array X, Array S, Array Y, Array DY, Array DX>
    void backward(Context& on, const X& x, const S& side, const Y& y, DY&& dy, DX&& dx, std::span<Scalar> gradients, Tape<B>& tape) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        const auto y_array = read_array<Scalar>(y);
        const View<const Scalar> y_view = y_array;
        const View<Scalar> dx_view = write_array<Scalar>(dx);
        const Checked arrays = check_training(x_array, side_array, write_array<Scalar>(dy), tape);
        expect("output", y_view.extents(), arrays.y.extents());
        if (dx_view.data() != nullptr) expect("gradient of the input", dx_view.extents(), arrays.x.extents());
        expect_gradients(gradients);
        train(on, arrays, tape, [&](Run<B>& run) {
            bound_.backward(run, parameters_.data(), arrays.x, y_view, arrays.y, dx_view, tape.data(), gradients.data());
        });
    }
    /// The same for windows as base codes and tracks, which have no gradient.
    template <Array S, Array Y, Array DY>
    void backward(Context& on, const Windows<Scalar>& x, const S& side, const Y& y, DY&& dy, std::span<Scalar> gradients, Tape<B>& tape) const {
        const auto side_array = read_array<Scalar>(side);
        const auto y_array = read_array<Scalar>(y);
        const View<const Scalar> y_view = y_array;
        const Checked arrays = check_training(shape_of(x), side_array, write_array<Scalar>(dy), tape);
        expect("output", y_view.extents(), arrays.y.extents());
        expect_gradients(gradients);
        train(on, arrays, tape, [&](Run<B>& run) {
            with_windows(run, x, [&](const auto& in) {
                bound_.backward(run, parameters_.data(), in, y_view, arrays.y, View<Scalar>(nullptr, 0, bound_.in), tape.data(), gradients.data());
            });
        });
    }

  private:
    struct Checked {
        View<const Scalar> x, side;
        View<Scalar> y;

        View<const Scalar> side_rows(Index first, Index count) const { return side.rank() == 0 ? side : side.rows(first, count); }
    };

    static constexpr bool reads_windows = ReadsWindows<BoundLayer<Net, In, B>, B>;

    LayerMemory memory(Index batch) const {
        LayerMemory m = memory_of(bound_, batch);
        if constexpr (!reads_windows) {
            m.infer += arena_size(batch * bound_.in.size());
            m.train += arena_size(batch * bound_.in.size());
        }
        return m;
    }

    /// Calls `f(run, first, count, rows of the output)` for each tile of a batch.
    template <class F>
    void run_tiles(Context& on, const Checked& arrays, const F& f) const {
        const Index n = arrays.y.extent(0), tiles = (n + windows_per_tile - 1) / windows_per_tile;
        B::for_each_tile(on, tiles, [&](Index tile) {
            const Index first = tile * windows_per_tile, count = std::min(windows_per_tile, n - first);
            auto lease = arenas_->lease();
            Arena<Scalar> arena = lease.arena();
            Run<B> run{.on = on, .arena = arena, .side = arrays.side_rows(first, count)};
            f(run, first, count, arrays.y.rows(first, count));
        });
    }
    /// Calls `f(x)` with the windows, or with dense rows of them where the network does not read windows.
    template <class F>
    void with_windows(Run<B>& run, const Windows<Scalar>& x, const F& f) const {
        if constexpr (reads_windows) f(x);
        else {
            auto frame = run.arena.frame();
            const View<Scalar> rows(frame.take(x.count * bound_.in.size()), x.count, bound_.in);
            B::expand(run.on, x, rows.data());
            f(View<const Scalar>(rows));
        }
    }
    void infer_windows(Run<B>& run, const Windows<Scalar>& x, View<Scalar> y) const {
        with_windows(run, x, [&](const auto& in) { bound_.infer(run, parameters_.data(), in, y); });
    }

    template <class Shared>
    void scan_shared(Context& on, const Shared& shared, const Windows<Scalar>& stretch, Index stride, const Checked& arrays) const {
        const Index n = arrays.y.extent(0), length = input_shape().values()[0];
        const Index per_tile = shared.windows_per_tile(stride, windows_per_tile), tiles = (n + per_tile - 1) / per_tile;
        // the last tile has fewer windows, but may be cut into longer segments and so need more scratch than a whole one
        const Index last = n - (tiles - 1) * per_tile;
        const Index first_memory = shared.memory(stride, std::min(n, per_tile), windows_per_tile);
        ArenaPool<B> arenas(std::max(first_memory, shared.memory(stride, last, windows_per_tile)));
        B::for_each_tile(on, tiles, [&](Index tile) {
            const Index first = tile * per_tile, count = std::min(per_tile, n - first);
            auto lease = arenas.lease();
            Arena<Scalar> arena = lease.arena();
            Run<B> run{.on = on, .arena = arena, .side = arrays.side_rows(first, count)};
            const StretchWindows<Scalar> piece(stretch, stride, (count - 1) * stride + length, first, 1);
            shared.infer(run, parameters_.data(), piece.view(), stride, count, windows_per_tile, arrays.y.rows(first, count).data());
        });
    }

    template <class F>
    void train(Context& on, const Checked& arrays, Tape<B>& tape, const F& f) const {
        Arena<Scalar> arena = tape.arena();
        Run<B> run{.on = on, .arena = arena, .draws = tape.draws, .side = arrays.side};
        run.draws.windows = arrays.y.extent(0);
        f(run);
    }

    static Index rows_of(View<const Scalar> x) { return x.rank() == 0 ? 0 : x.extent(0); }

    static void expect(const char* what, std::span<const Index> given, std::span<const Index> wanted) {
        if (!std::equal(given.begin(), given.end(), wanted.begin(), wanted.end()))
            throw ShapeError(std::string(what) + " has shape " + to_string(given) + ", the model needs " + to_string(wanted));
    }

    /// A view that has the shape of windows, and no data.
    /// \throws ShapeError for windows of both strands: which strands a network reads is its own affair
    static View<const Scalar> shape_of(const Windows<Scalar>& x) {
        if (x.partner != nullptr)
            throw ShapeError("a model takes windows of one strand: leave `partner` null (ReverseComplementSiamese reads both by itself)");
        return {nullptr, {x.count, x.length, x.channels}};
    }

    void expect_gradients(std::span<Scalar> gradients) const {
        expect("gradient of the parameters", std::array{static_cast<Index>(gradients.size())}, std::array{parameters_.size()});
    }

    Checked check(View<const Scalar> x, View<const Scalar> side, View<Scalar> y) const {
        const Index n = rows_of(x);
        expect("input", x.extents(), View<const Scalar>(nullptr, n, input_shape()).extents());
        expect("output", y.extents(), View<const Scalar>(nullptr, n, output_shape()).extents());
        if (side_size_ > 0) expect("side input", side.extents(), std::array{n, side_size_});
        else if (side.rank() != 0) throw ShapeError("the model has no side input, but one was given");
        return {x, side, y};
    }

    Checked check_training(View<const Scalar> x, View<const Scalar> side, View<Scalar> y, const Tape<B>& tape) const {
        static_assert(is_trainable, "a layer of this network has no backward pass");
        const Checked arrays = check(x, side, y);
        if (x.extent(0) > tape.batch())
            throw ShapeError("a batch of " + std::to_string(x.extent(0)) + " samples does not fit a tape made for " + std::to_string(tape.batch()));
        return arrays;
    }

    template <class T, class F>
    void visit_arrays(std::span<T> all, F& visit) const {
        std::size_t offset = 0;
        for (const LayerDescription& layer : description_.layers())
            for (const ParameterSpec& spec : layer.parameters) {
                visit(layer.name + "." + std::string(spec.name()), spec, all.subspan(offset, static_cast<std::size_t>(spec.size())));
                offset += static_cast<std::size_t>(spec.size());
            }
    }

    BoundLayer<Net, In, B> bound_;
    Index side_size_;
    Description description_;
    typename B::template Buffer<Scalar> parameters_;
    std::unique_ptr<ArenaPool<B>> arenas_;
};

}  // namespace chromatid
