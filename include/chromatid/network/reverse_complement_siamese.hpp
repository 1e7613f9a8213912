// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/alphabet.hpp>
#include <chromatid/core/strand_merge.hpp>
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
            for (std::size_t i = 0; i < tracks.size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    if (tracks[i] == tracks[j]) return false;
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
/// twice the size; nobody has to build a second input. The side input is the same for both.
///
/// In  (length, letters + tracks), out what `Net` puts out. Outputs are merged element by element: one with positions is merged without turning the
/// reverse strand's round.
///
/// \tparam P  `MeanOfStrands` (default), `MaxOfStrands`, `LogitMeanOfStrands`; `Alphabet<Dna>` (default); `SwapTracks<...>`
template <class Net, class... P>
class ReverseComplementSiamese : public Properties<Takes<kind::Merge, kind::Alphabet, kind::Tracks>, P...> {
    using Merge = property_or<kind::Merge, MeanOfStrands, P...>;
    using Letters = typename property_or<kind::Alphabet, Alphabet<Dna>, P...>::type;
    using Swaps = property_or<kind::Tracks, SwapTracks<>, P...>;
    static constexpr bool swaps_are_dynamic = std::is_same_v<Swaps, SwapTracks<dyn>>;
    static_assert(ComplementedAlphabet<Letters>, "ReverseComplementSiamese needs an alphabet with a complement, such as Dna");

  public:
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
            CHROMATID_EXPECT(extent<Letters::size + Swaps::needed> <= channels(in), "ReverseComplementSiamese: SwapTracks names a track that the input does not have");
        }
        return net_.output_shape(in);
    }
    template <AnyShape In>
    constexpr Index parameter_count(const In& in) const { return chromatid::parameter_count(net_, in); }
    template <AnyShape In>
    void describe(const In& in, Description& description) const { description.add(net_, in); }
    constexpr Index side_size() const { return chromatid::side_size(net_); }

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
            const Index both = arena_size(2 * batch * this->in.size()) + arena_size(2 * batch * this->out.size());
            const LayerMemory net = memory_of(net_, 2 * batch);
            return {.infer = both + net.infer, .tape = both + net.tape, .train = both + net.train};
        }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            auto frame = run.arena.frame();
            const View<T> strands(frame.take(2 * x.size()), 2 * x.extent(0), this->in);
            const View<T> outputs(frame.take(2 * y.size()), 2 * x.extent(0), this->out);
            split(run, x, strands);
            net_.infer(run, parameters, strands, outputs);
            B::template merge_strands<Merge>(run.on, y.size(), outputs.data(), outputs.data() + y.size(), y.data());
        }

        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T* tape) const
            requires Trainable<Net, In, B>
        {
            const View<T> strands(tape, 2 * x.extent(0), this->in);
            const View<T> outputs(tape + arena_size(strands.size()), 2 * x.extent(0), this->out);
            split(run, x, strands);
            net_.forward(run, parameters, strands, outputs, outputs.data() + arena_size(outputs.size()));
            B::template merge_strands<Merge>(run.on, y.size(), outputs.data(), outputs.data() + y.size(), y.data());
        }

        void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T* tape, T* gradients) const
            requires Trainable<Net, In, B>
        {
            const View<const T> strands(tape, 2 * x.extent(0), this->in);
            const View<const T> outputs(tape + arena_size(strands.size()), 2 * x.extent(0), this->out);
            auto frame = run.arena.frame();
            const View<T> doutputs(frame.take(outputs.size()), 2 * x.extent(0), this->out);
            const bool wanted = dx.data() != nullptr;
            const View<T> dstrands(wanted ? frame.take(strands.size()) : nullptr, 2 * x.extent(0), this->in);
            B::template merge_strands_backward<Merge>(run.on, y.size(), outputs.data(), outputs.data() + y.size(), dy.data(), doutputs.data(),
                                                      doutputs.data() + y.size());
            net_.backward(run, parameters, strands, outputs, doutputs, dstrands, outputs.data() + arena_size(outputs.size()), gradients);
            if (!wanted) return;
            other_strand(run, x.extent(0), dstrands.data() + x.size(), dx.data());
            B::add(run.on, x.size(), dstrands.data(), dx.data());
        }

      private:
        /// Both strands of a batch, the forward ones first.
        void split(Run<B>& run, View<const T> x, View<T> strands) const {
            B::copy(run.on, x.size(), x.data(), strands.data());
            other_strand(run, x.extent(0), x.data(), strands.data() + x.size());
        }
        void other_strand(Run<B>& run, Index batch, const T* from, T* to) const {
            B::reverse_complement(run.on, batch, length(this->in).value(), channels(this->in).value(), partner_.data(), from, to);
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
