// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/alphabet.hpp>
#include <chromatid/core/strand_merge.hpp>
#include <chromatid/network/chain.hpp>
#include <chromatid/network/description.hpp>
#include <chromatid/network/step.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid {

/// Which signal tracks change places under reverse complement: pairs of track numbers, counted from 0 behind the letters.
/// `SwapTracks<0, 1>` swaps the first two. `SwapTracks<dyn>` takes them at run time. Without it every track keeps its place.
template <Index... Track>
struct SwapTracks {
    static_assert(sizeof...(Track) % 2 == 0, "SwapTracks takes pairs of track numbers");
    using property_kind = kind::Tracks;
    static constexpr std::array<Index, sizeof...(Track)> tracks{Track...};
    /// Tracks that the input must have.
    static constexpr Index needed = [] {
        Index most = 0;
        for (const Index t : tracks) most = t + 1 > most ? t + 1 : most;
        return most;
    }();
    static_assert(((Track >= 0) && ...), "SwapTracks counts tracks from 0");
    static_assert(
        [] {
            for (const Index t : tracks) {
                Index times = 0;
                for (const Index other : tracks) times += other == t ? 1 : 0;
                if (times > 1) return false;
            }
            return true;
        }(),
        "SwapTracks has a track in two pairs");
};

/// Pairs given to the constructor.
template <>
struct SwapTracks<dyn> {
    using property_kind = kind::Tracks;
};

/// One network over both strands of DNA with shared weights; the two outputs are merged. Quang and Xie 2019.
///
///     y = merge(net(x), net(rc(x))),   rc(x)[t, c] = x[length - 1 - t, partner(c)]
///
/// Reverse complement reverses positions, swaps A with T and C with G, and swaps stranded signal tracks. Both strands run as one batch of
/// twice the size; a network whose first layers are fused reads the other strand from the windows as they are. The side input is the same
/// for both.
///
/// In  (length, letters + tracks), out what `Net` puts out. Outputs are merged element by element: one with positions is merged without
/// turning the reverse strand's round.
///
/// \tparam P  `MeanOfStrands` (default), `MaxOfStrands`, `LogitMeanOfStrands`; `Alphabet<Dna>` (default); `SwapTracks<...>`
template <class Net, class... P>
class ReverseComplementSiamese : public Properties<Takes<kind::Merge, kind::Alphabet, kind::Tracks>, P...> {
    using Letters = typename property_or<kind::Alphabet, Alphabet<Dna>, P...>::type;
    using Swaps = property_or<kind::Tracks, SwapTracks<>, P...>;
    static constexpr bool swaps_are_dynamic = std::is_same_v<Swaps, SwapTracks<dyn>>;
    static_assert(ComplementedAlphabet<Letters>, "ReverseComplementSiamese needs an alphabet with a complement, such as Dna");

  public:
    using Merge = property_or<kind::Merge, MeanOfStrands, P...>;

    constexpr ReverseComplementSiamese()
        requires std::default_initializable<Net>
    = default;
    constexpr explicit ReverseComplementSiamese(Net net) : net_(std::move(net)) {}
    /// \param tracks  with `SwapTracks<dyn>`: pairs of track numbers that change places
    ReverseComplementSiamese(Net net, std::vector<Index> tracks)
        requires swaps_are_dynamic
        : net_(std::move(net)), swaps_(std::move(tracks)) {}

    static constexpr std::string_view name() { return "ReverseComplementSiamese"; }
    static constexpr Index layer_count = chromatid::layer_count<Net>();
    /// The network that reads each strand.
    constexpr const Net& net() const { return net_; }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "ReverseComplementSiamese needs (length, channels)");
        CHROMATID_EXPECT(extent<Letters::size> <= channels(in), "ReverseComplementSiamese: fewer channels than the alphabet has letters");
        if constexpr (!swaps_are_dynamic) {
            CHROMATID_EXPECT(extent<Letters::size + Swaps::needed> <= channels(in),
                             "ReverseComplementSiamese: SwapTracks names a track that the input does not have");
        }
        return net_.output_shape(in);
    }
    template <AnyShape In>
    constexpr Index parameter_count(const In& in) const { return chromatid::parameter_count(net_, in); }
    template <AnyShape In>
    void describe(const In& in, Description& description) const { description.add(net_, in); }
    constexpr Index side_size() const { return chromatid::side_size(net_); }
    static void add_fused_runs(Index first, Description& description) { chromatid::add_fused_runs<Net>(first, description); }

    /// Channel that each channel becomes on the other strand.
    /// \throws ShapeError for a track number that the input does not have, or that is in two pairs
    std::vector<Index> partners(Index channels) const {
        std::vector<Index> partner(static_cast<std::size_t>(channels));
        for (Index c = 0; c < channels; ++c) partner[static_cast<std::size_t>(c)] = c < Letters::size ? Letters::complement(c) : c;
        std::span<const Index> tracks;
        if constexpr (swaps_are_dynamic) tracks = swaps_;
        else tracks = Swaps::tracks;
        if (tracks.size() % 2 != 0) throw ShapeError("SwapTracks takes pairs of track numbers");
        for (std::size_t i = 0; i < tracks.size(); i += 2) {
            const Index a = Letters::size + tracks[i], b = Letters::size + tracks[i + 1];
            for (const Index c : {a, b})
                if (c < Letters::size || c >= channels || partner[static_cast<std::size_t>(c)] != c)
                    throw ShapeError("SwapTracks: track " + std::to_string(c - Letters::size) + " is not in the input or is paired twice");
            partner[static_cast<std::size_t>(a)] = b;
            partner[static_cast<std::size_t>(b)] = a;
        }
        return partner;
    }

    template <AnyShape In, Backend B>
    class Bound : public Binding<ReverseComplementSiamese, In> {
        using T = typename B::Scalar;

      public:
        Bound(const ReverseComplementSiamese& siamese, const In& input)
            : Binding<ReverseComplementSiamese, In>(siamese, input),
              net_(siamese.net_, input),
              partner_(siamese.partners(channels(input).value())) {}

        LayerMemory memory(Index batch) const {
            const Index strands = arena_size(2 * batch * this->in.size()), outputs = arena_size(2 * batch * this->out.size());
            const LayerMemory net = memory_of(net_, 2 * batch);
            return {.infer = strands + outputs + net.infer, .tape = (reads_windows ? 0 : strands) + outputs + net.tape,
                    .train = strands + outputs + net.train};
        }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const { infer(run, parameters, windows(x), y); }
        void infer(Run<B>& run, const T* parameters, const Windows<T>& x, View<T> y) const {
            auto frame = run.arena.frame();
            const View<T> outputs(frame.take(2 * y.size()), 2 * x.count, this->out);
            if constexpr (reads_windows) {
                if (run.observer == nullptr) {
                    net_.infer(run, parameters, both_strands(x), outputs);
                    return merge(run, outputs, y);
                }
            }
            const View<T> strands(frame.take(2 * x.count * this->in.size()), 2 * x.count, this->in);
            B::expand(run.on, both_strands(x), strands.data());
            net_.infer(run, parameters, View<const T>(strands), outputs);
            merge(run, outputs, y);
        }

        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T* tape) const
            requires Trainable<Net, In, B>
        {
            forward(run, parameters, windows(x), y, tape);
        }
        void forward(Run<B>& run, const T* parameters, const Windows<T>& x, View<T> y, T* tape) const
            requires Trainable<Net, In, B>
        {
            const Index rows = 2 * x.count;
            const View<T> outputs(tape, rows, this->out);
            tape += arena_size(outputs.size());
            if constexpr (reads_windows) {
                net_.forward(run, parameters, both_strands(x), outputs, tape);
            } else {
                const View<T> strands(tape, rows, this->in);
                B::expand(run.on, both_strands(x), strands.data());
                net_.forward(run, parameters, View<const T>(strands), outputs, tape + arena_size(strands.size()));
            }
            merge(run, outputs, y);
        }

        void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T* tape,
                      T* gradients) const
        requires Trainable<Net, In, B>
    {
            backward(run, parameters, windows(x), y, dy, dx, tape, gradients);
        }
        void backward(Run<B>& run, const T* parameters, const Windows<T>& x, View<const T> y, View<T> dy, View<T> dx, const T* tape,
                      T* gradients) const
        requires Trainable<Net, In, B>
    {
            const Index rows = 2 * x.count, size = x.count * this->in.size();
            const View<const T> outputs(tape, rows, this->out);
            tape += arena_size(outputs.size());
            auto frame = run.arena.frame();
            const View<T> doutputs(frame.take(outputs.size()), rows, this->out);
            const bool wanted = dx.data() != nullptr;
            const View<T> dstrands(wanted ? frame.take(2 * size) : nullptr, rows, this->in);
            B::template merge_strands_backward<Merge>(run.on, y.size(), outputs.data(), outputs.data() + y.size(), dy.data(),
                                                      doutputs.data(), doutputs.data() + y.size());
            if constexpr (reads_windows) {
                net_.backward(run, parameters, both_strands(x), outputs, doutputs, dstrands, tape, gradients);
            } else {
                const View<const T> strands(tape, rows, this->in);
                net_.backward(run, parameters, strands, outputs, doutputs, dstrands, tape + arena_size(strands.size()), gradients);
            }
            if (!wanted) return;
            B::reverse_complement(run.on, x.count, length(this->in).value(), channels(this->in).value(), partner_.data(),
                                  dstrands.data() + size, dx.data());
            B::add(run.on, size, dstrands.data(), dx.data());
        }

      private:
        static constexpr bool reads_windows = ReadsWindows<BoundLayer<Net, In, B>, B>;

        Windows<T> windows(View<const T> x) const {
            return {.count = x.extent(0), .length = length(this->in).value(), .channels = channels(this->in).value(), .dense = x.data()};
        }
        Windows<T> both_strands(Windows<T> x) const {
            x.partner = partner_.data();
            return x;
        }
        void merge(Run<B>& run, View<const T> outputs, View<T> y) const {
            B::template merge_strands<Merge>(run.on, y.size(), outputs.data(), outputs.data() + y.size(), y.data());
        }

        BoundLayer<Net, In, B> net_;
        std::vector<Index> partner_;
    };

  private:
    struct None {};

    Net net_;
    std::conditional_t<swaps_are_dynamic, std::vector<Index>, None> swaps_{};
};

}  // namespace chromatid
