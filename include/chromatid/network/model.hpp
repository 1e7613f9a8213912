// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/network/arena_pool.hpp>
#include <chromatid/network/initialize.hpp>
#include <chromatid/network/stretch_scan.hpp>
#include <chromatid/network/stretch_windows.hpp>
#include <chromatid/network/summary.hpp>
#include <chromatid/network/tape.hpp>
#include <chromatid/network/with_room.hpp>
#include <chromatid/tensor/array.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace chromatid {

/// A network bound to an input shape and a backend, with its parameters in one flat buffer.
///
///     Model<FactorNet, Shape<1000, 6>> model;      // on Cpu<float>
///     auto probabilities = model.predict(windows); // (n, 1000, 6) -> (n, 1)
///
/// Inference is const and safe from any number of threads on one model. Work is cut into tiles of `windows_per_tile` windows whose borders
/// do not depend on the number of threads, so neither do the results. Arrays may be of any type with `ArrayTraits`; results are of the
/// family of the input.
///
/// On a device arrays may be the host's, which are copied in tiles while the tile before is computed, or device memory, which is used as it
/// is. A call returns when results of the host are written; where all arrays are on the device it returns at once, and the context has the
/// order.
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
    static constexpr Index windows_per_tile = B::windows_per_tile;
    static constexpr bool is_trainable = Trainable<Net, In, B>;           ///< whether each layer has a backward pass
    static constexpr std::size_t output_rank = OutputShape<Net, In>::rank + 1;  ///< the batch and the output shape

    /// \throws ShapeError when a layer cannot take the shape that reaches it (where sizes are `dyn`; else this does not compile)
    explicit Model(Net net = Net{}, In in = In{})
        : bound_(net, in),
          side_size_(chromatid::side_size(net)),
          description_(chromatid::describe(net, in)),
          parameters_(chromatid::parameter_count(net, in)),
          tile_scratch_(memory(windows_per_tile).infer),
          arenas_(std::make_unique<ArenaPool<B>>()) {
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
    /// The same where the backend's primitives read and write them, such as optimizers do; what the host has written is brought there
    /// first.
    std::span<Scalar> parameters_on(Context& on) { return {parameters_.on(on), static_cast<std::size_t>(parameters_.size())}; }
    std::span<const Scalar> parameters_on(Context& on) const { return {parameters_.on(on), static_cast<std::size_t>(parameters_.size())}; }

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
        auto y = ArrayTraits<X>::template make<Scalar>(
            View<Scalar>(nullptr, rows_of(in), output_shape()).extents().template first<output_rank>());
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
        run_tiles(on, arrays.x, arrays,
                  [&](Run<B>& run, View<const Scalar> in, View<Scalar> out) { bound_.infer(run, parameters_.on(on), in, out); });
    }
    /// The same for windows as base codes and tracks: what the genome side has, and the fastest.
    template <Array S, Array Y>
    void infer(Context& on, const Windows<Scalar>& x, const S& side, Y&& y) const {
        const auto side_array = read_array<Scalar>(side);
        const Checked arrays = check(shape_of(x), side_array, write_array<Scalar>(y));
        run_tiles(on, x, arrays, [&](Run<B>& run, const Windows<Scalar>& in, View<Scalar> out) { infer_windows(run, in, out); });
    }

    /// Outputs of windows that begin every `stride` bases of one stretch of a genome: what `infer` gives for each of them, bit for bit, but
    /// layers whose outputs windows have in common run once, see `SharedScan`. Allocates its scratch memory anew in each call: stretches
    /// should be long.
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
            throw ShapeError("a scan of " + std::to_string(n) + " windows of " + std::to_string(length) + " bases every " +
                             std::to_string(stride) + " needs one encoded stretch of " + std::to_string((n - 1) * stride + length) +
                             " bases, not of " + std::to_string(stretch.length));
        Windows<Scalar> as_windows = stretch;
        as_windows.count = n;
        as_windows.length = length;
        const Checked arrays = check(shape_of(as_windows), side_array, out);
        if constexpr (StretchScan<Net, In, B>::available) {
            const StretchScan<Net, In, B> shared(bound_.recipe, bound_.in);
            if (shared.pays(stride)) return scan_shared(on, shared, stretch, stride, arrays);
        }
        if constexpr (B::on_host) {
            run_tiles(on, StretchTiles{stretch, stride, length}, arrays,
                      [&](Run<B>& run, const StretchWindows<Scalar>& windows, View<Scalar> to) { infer_windows(run, windows.view(), to); });
        } else {
            auto lease = borrow(on, n);
            Windows<Scalar> windows = lease.tiles().every(on, lease.tiles().bring(on, stretch, n), stride, n);
            windows.length = length;
            staged(on, lease, windows, arrays, windows_per_tile,
                   [&](Run<B>& run, Index, const Windows<Scalar>& in, View<Scalar> to) { infer_windows(run, in, to); });
        }
    }

    /// Runs a batch in one piece and shows the output of each layer of a `Sequential` or `Concat`: `see(layer, output)` with a
    /// `LayerDescription` and a `View<const Scalar>`, the batch first. Inside a `ReverseComplementSiamese` the first half of the batch is
    /// the forward strand, the second the reverse. For inspection: slower than `infer`, and takes memory for the whole batch.
    template <Array X, Array S, Array Y, class F>
    void trace(const X& x, const S& side, Y&& y, F&& see) const {
        Context on;
        trace(on, x, side, y, see);
    }
    /// The same in a context of the caller's. Outputs are shown on the host.
    template <Array X, Array S, Array Y, class F>
    void trace(Context& on, const X& x, const S& side, Y&& y, F&& see) const {
        struct Tracer final : Run<B>::Observer {
            Context& on;
            const Description& description;
            F& see;
            Tracer(Context& c, const Description& d, F& f) : on(c), description(d), see(f) {}
            void layer(Index number, View<const Scalar> output) override {
                const LayerDescription& layer = description.layers()[static_cast<std::size_t>(number)];
                if constexpr (B::on_host) see(layer, output);
                else {
                    Tensor<Scalar> here(output.extents());
                    B::download(on, output.size(), output.data(), here.data());
                    see(layer, std::as_const(here).view());
                }
            }
        };
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        const Checked arrays = check(x_array, side_array, write_array<Scalar>(y));
        const Index n = arrays.x.extent(0);
        if (n == 0) return;
        B::synchronize(on);  // so that memory is taken on its device
        typename B::template Buffer<Scalar> scratch(memory(n).infer);
        Tracer tracer(on, description_, see);
        const auto run_all = [&](Index, View<const Scalar> in, View<const Scalar> side_in, View<Scalar> out) {
            Arena<Scalar> arena(scratch.data(), scratch.size());
            Run<B> run{.on = on, .arena = arena, .side = side_in, .observer = &tracer};
            bound_.infer(run, parameters_.on(on), in, out);
        };
        if constexpr (B::on_host) run_all(0, arrays.x, arrays.side, arrays.y);
        else StagedTiles<B>().run(on, n, n, arrays.x, arrays.side, arrays.y, run_all);
    }

    /// Memory for training on batches of `batch` samples, see `forward` and `backward`.
    /// \throws DeviceError where a device has no room for it, with the batch that would fit
    Tape<B> tape(Index batch) const {
        return with_room<B>(
            batch, [&](Index n) { return memory(n).tape + memory(n).train; }, [&] { return Tape<B>(memory(batch), batch); });
    }

    /// Outputs of a training batch; keeps on the tape what `backward` needs, and draws dropout masks as `tape.draws` says. `side` is
    /// `View<const Scalar>{}` where the network has none.
    /// \throws ShapeError when an array does not have the shape it must have
    template <Array X, Array S, Array Y>
    void forward(Context& on, const X& x, const S& side, Y&& y, Tape<B>& tape) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        const Checked arrays = check_training(x_array, side_array, write_array<Scalar>(y), tape);
        run_forward(on, arrays.x, arrays, tape);
    }
    /// The same for windows as base codes and tracks.
    template <Array S, Array Y>
    void forward(Context& on, const Windows<Scalar>& x, const S& side, Y&& y, Tape<B>& tape) const {
        const auto side_array = read_array<Scalar>(side);
        run_forward(on, x, check_training(shape_of(x), side_array, write_array<Scalar>(y), tape), tape);
    }

    /// Gradients after `forward` with the same x and y: adds dloss/dparameters to `gradients` (as long as `parameters()`), and writes
    /// dloss/dx into `dx` unless its data is null, as that of `View<Scalar>{}`. Overwrites `dy`.
    /// \throws ShapeError when an array does not have the shape it must have
    template <Array X, Array S, Array Y, Array DY, Array DX>
    void backward(Context& on, const X& x, const S& side, const Y& y, DY&& dy, DX&& dx, std::span<Scalar> gradients, Tape<B>& tape) const {
        const auto x_array = read_array<Scalar>(x);
        const auto side_array = read_array<Scalar>(side);
        const auto y_array = read_array<Scalar>(y);
        const View<Scalar> dx_view = write_array<Scalar>(dx);
        const Checked arrays = check_training(x_array, side_array, write_array<Scalar>(dy), tape);
        if (dx_view.data() != nullptr) expect("gradient of the input", dx_view.extents(), arrays.x.extents());
        run_backward(on, arrays.x, arrays, y_array, dx_view, gradients, tape);
    }
    /// The same for windows as base codes and tracks, which have no gradient.
    template <Array S, Array Y, Array DY>
    void backward(Context& on, const Windows<Scalar>& x, const S& side, const Y& y, DY&& dy, std::span<Scalar> gradients,
                  Tape<B>& tape) const {
        const auto side_array = read_array<Scalar>(side);
        const auto y_array = read_array<Scalar>(y);
        const Checked arrays = check_training(shape_of(x), side_array, write_array<Scalar>(dy), tape);
        run_backward(on, x, arrays, y_array, View<Scalar>(nullptr, 0, bound_.in), gradients, tape);
    }

  private:
    struct Checked {
        View<const Scalar> x, side;
        View<Scalar> y;
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

    /// Windows of a stretch, tile by tile.
    struct StretchTiles {
        const Windows<Scalar>& stretch;
        Index stride, length;
        friend StretchWindows<Scalar> rows_of_tile(const StretchTiles& x, Index first, Index count) {
            return {x.stretch, x.stride, x.length, first, count};
        }
    };

    /// Calls `f(run, rows of x, rows of the output)` for each tile of a batch.
    template <class X, class F>
    void run_tiles(Context& on, const X& x, const Checked& arrays, const F& f) const {
        const Index n = arrays.y.extent(0), tiles = (n + windows_per_tile - 1) / windows_per_tile;
        if constexpr (B::on_host) {
            B::for_each_tile(on, tiles, [&](Index tile) {
                const Index first = tile * windows_per_tile, count = std::min(windows_per_tile, n - first);
                auto lease = arenas_->lease(on, tile_scratch_);
                Arena<Scalar> arena = lease.arena();
                Run<B> run{.on = on, .arena = arena, .side = rows_of_tile(arrays.side, first, count)};
                f(run, rows_of_tile(x, first, count), arrays.y.rows(first, count));
            });
        } else if (n > 0) {
            auto lease = borrow(on, n);
            staged(on, lease, x, arrays, windows_per_tile, [&](Run<B>& run, Index, const X& in, View<Scalar> out) { f(run, in, out); });
        }
    }
    /// On a device: calls `f(run, first, rows of x, rows of the output)` for each tile, with arrays that are on the device.
    template <class X, class F>
    void staged(Context& on, typename ArenaPool<B>::Lease& lease, const X& x, const Checked& arrays, Index per_tile, const F& f) const {
        lease.tiles().run(on, arrays.y.extent(0), per_tile, x, arrays.side, arrays.y,
                          [&](Index first, const X& in, View<const Scalar> side, View<Scalar> out) {
                              Arena<Scalar> arena = lease.arena();
                              Run<B> run{.on = on, .arena = arena, .side = side};
                              f(run, first, in, out);
                          });
        if (!B::Staging::is_there(arrays.y.data())) lease.idle();
    }
    Index tile_scratch(Index n) const { return n < windows_per_tile ? memory(n).infer : tile_scratch_; }
    /// Scratch on a device for the tiles of n windows.
    typename ArenaPool<B>::Lease borrow(Context& on, Index n) const {
        return borrow(on, std::min(n, windows_per_tile), [&](Index windows) { return tile_scratch(windows); });
    }
    /// \param memory  see `with_room`
    template <class Memory>
    typename ArenaPool<B>::Lease borrow(Context& on, Index windows, const Memory& memory) const {
        (void)parameters_.on(on);
        return with_room<B>(windows, memory, [&] { return arenas_->lease(on, memory(windows)); });
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
        with_windows(run, x, [&](const auto& in) { bound_.infer(run, parameters_.on(run.on), in, y); });
    }

    template <class Shared>
    void scan_shared(Context& on, const Shared& shared, const Windows<Scalar>& stretch, Index stride, const Checked& arrays) const {
        const Index n = arrays.y.extent(0), length = input_shape().values()[0],
                    at_once = B::on_host ? windows_per_tile : std::min(n, windows_per_tile);
        const Index per_tile = shared.windows_per_tile(stride, at_once), tiles = (n + per_tile - 1) / per_tile;
        // the last tile has fewer windows, but may be cut into longer segments and so need more scratch than a whole one
        const Index last = n - (tiles - 1) * per_tile;
        const Index scratch = std::max(shared.memory(stride, std::min(n, per_tile), at_once), shared.memory(stride, last, at_once));
        if constexpr (B::on_host) {
            ArenaPool<B> arenas;
            B::for_each_tile(on, tiles, [&](Index tile) {
                const Index first = tile * per_tile, count = std::min(per_tile, n - first);
                auto lease = arenas.lease(on, scratch);
                Arena<Scalar> arena = lease.arena();
                Run<B> run{.on = on, .arena = arena, .side = rows_of_tile(arrays.side, first, count)};
                const StretchWindows<Scalar> piece(stretch, stride, (count - 1) * stride + length, first, 1);
                shared.infer(run, parameters_.on(on), piece.view(), stride, count, at_once, arrays.y.rows(first, count).data());
            });
        } else {
            const Index most = std::min(n, per_tile);
            auto lease = borrow(on, most, [&](Index windows) {
                return windows == most ? scratch : shared.memory(stride, windows, std::min(windows, at_once));
            });
            const Windows<Scalar> pieces = lease.tiles().every(on, lease.tiles().bring(on, stretch, tiles), per_tile * stride, tiles);
            staged(on, lease, View<const Scalar>{}, arrays, per_tile, [&](Run<B>& run, Index first, View<const Scalar>, View<Scalar> out) {
                Windows<Scalar> piece = pieces.part(first / per_tile, 1);
                piece.length = (out.extent(0) - 1) * stride + length;
                shared.infer(run, parameters_.on(on), piece, stride, out.extent(0), at_once, out.data());
            });
        }
    }

    template <class X>
    void run_forward(Context& on, const X& x, const Checked& arrays, Tape<B>& tape) const {
        const Scalar* const parameters = parameters_.on(on);
        if constexpr (B::on_host) forward_here(on, parameters, x, arrays.side, arrays.y, tape);
        else {
            auto& stage = tape.staging();
            stage.open(on, stage.room(x) + stage.room(arrays.side) + stage.room(arrays.y));
            const X x_there = stage.in(x);
            const auto side = stage.in(arrays.side);
            const auto y = stage.out(arrays.y);
            stage.send(on);
            forward_here(on, parameters, x_there, side, y, tape);
            stage.fetch(on);
            stage.finish();
        }
    }
    template <class X>
    void run_backward(Context& on, const X& x, const Checked& arrays, View<const Scalar> y, View<Scalar> dx, std::span<Scalar> gradients,
                      Tape<B>& tape) const {
        expect("output", y.extents(), arrays.y.extents());
        expect("gradient of the parameters", std::array{static_cast<Index>(gradients.size())}, std::array{parameters_.size()});
        const Scalar* const parameters = parameters_.on(on);
        if constexpr (B::on_host) backward_here(on, parameters, x, arrays.side, y, arrays.y, dx, gradients.data(), tape);
        else {
            auto& stage = tape.staging();
            const View<Scalar> all(gradients.data(), {static_cast<Index>(gradients.size())});
            stage.open(on,
                       stage.room(x) + stage.room(arrays.side) + stage.room(y) + stage.room(arrays.y) + stage.room(all) + stage.room(dx));
            const X x_there = stage.in(x);
            const auto side = stage.in(arrays.side), y_there = stage.in(y);
            const auto dy = stage.in_out(arrays.y), sums = stage.in_out(all), dx_there = stage.out(dx);
            stage.send(on);
            backward_here(on, parameters, x_there, side, y_there, dy, dx_there, sums.data(), tape);
            stage.fetch(on);
            stage.finish();
        }
    }
    /// The passes over arrays in the backend's memory.
    template <class X>
    void forward_here(Context& on, const Scalar* parameters, const X& x, View<const Scalar> side, View<Scalar> y, Tape<B>& tape) const {
        train(on, x, side, y, tape, [&](Run<B>& run, const auto& in) { bound_.forward(run, parameters, in, y, tape.data()); });
    }
    template <class X>
    void backward_here(Context& on, const Scalar* parameters, const X& x, View<const Scalar> side, View<const Scalar> y, View<Scalar> dy,
                       View<Scalar> dx, Scalar* gradients, Tape<B>& tape) const {
        train(on, x, side, dy, tape,
              [&](Run<B>& run, const auto& in) { bound_.backward(run, parameters, in, y, dy, dx, tape.data(), gradients); });
    }
    template <class X, class F>
    void train(Context& on, const X& x, View<const Scalar> side, View<Scalar> y, Tape<B>& tape, const F& f) const {
        Arena<Scalar> arena = tape.arena();
        Run<B> run{.on = on, .arena = arena, .draws = tape.draws, .side = side};
        run.draws.windows = y.extent(0);
        if constexpr (std::is_same_v<X, View<const Scalar>>) f(run, x);
        else with_windows(run, x, [&](const auto& in) { f(run, in); });
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
            throw ShapeError("a batch of " + std::to_string(x.extent(0)) + " samples does not fit a tape made for " +
                             std::to_string(tape.batch()));
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
    typename B::template Mirror<Scalar> parameters_;
    Index tile_scratch_;  // of a whole tile
    std::unique_ptr<ArenaPool<B>> arenas_;
};

}  // namespace chromatid
