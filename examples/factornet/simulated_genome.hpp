// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/philox.hpp>
#include <chromatid/genome/chrom_sizes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulated_motif.hpp"

namespace factornet {

/// Half-open, counted from 0, on a chromosome that the context names.
struct Stretch {
    std::int64_t start = 0;
    std::int64_t end = 0;
};

/// A genome with genes, islands, repeats and motif sites, and cells in which parts of it are open: every number is a pure function of the
/// seed and of what it is for, so that chromosomes can be made one at a time and in any order.
///
/// Chromosomes are cut into slots of 800 bases. Each holds one region of 300 to 600 bases that may be open: in some slots (most of those at
/// transcription starts) in all cells, else in each cell by its own draw. A stretch of bases is a site of a factor where the motif scores
/// above its threshold; a site is bound in a cell where its region is open, unless the place is too repetitive for reads to show it.
/// Besides the sites in regions there are decoys: sites outside of all regions, regions without a site, and spoilt motifs. Peaks are as
/// imperfect as an assay: 2 % of the sites have none, and about as many conservative peaks have no site.
class SimulatedGenome {
  public:
    static constexpr std::int64_t slot = 800;
    static constexpr std::int64_t shortest_chromosome = 20000;
    static constexpr std::size_t annotations = 6;  ///< in the order of `chromatid::Annotations::names`

    struct Repeat : Stretch {
        int mappability = 4;  ///< in quarters
    };

    /// Where a factor's motif stands.
    struct Site : Stretch {
        int score = 0;  ///< thousandths of a bit
        bool reverse = false;
    };

    /// What all cells share of one chromosome.
    struct Chromosome {
        std::uint32_t number = 0;
        std::string name;
        std::vector<std::uint8_t> codes;
        std::vector<Repeat> repeats;     ///< stretches that reads cannot be placed in with certainty, sorted, disjoint
        std::vector<Stretch> blacklist;  ///< sorted
        std::array<std::vector<Stretch>, annotations> features;
        std::vector<std::vector<Site>> sites;  ///< of each factor, sorted
        std::vector<std::uint8_t> slot_kind;   ///< closed in all cells, ordinary, or open in most cells
        std::int64_t size() const { return static_cast<std::int64_t>(codes.size()); }
    };

    /// A ChIP-seq peak over one site or several that stand close together, or over none.
    struct Peak : Stretch {
        std::int64_t summit = 0;    ///< position on the chromosome
        Stretch relaxed;            ///< the peak as the relaxed list has it
        int strength = 0;           ///< openness times motif score, about 20 to 200
        bool conservative = false;  ///< whether the conservative list has it
    };

    SimulatedGenome(std::uint64_t seed, chromatid::ChromSizes sizes, std::size_t factors);

    const chromatid::ChromSizes& sizes() const { return sizes_; }
    const std::vector<SimulatedMotif>& motifs() const { return motifs_; }

    Chromosome chromosome(std::size_t number) const;

    /// The region of a slot.
    Stretch region(const Chromosome& c, std::int64_t slot_number) const;
    /// How open the region is in a cell: mean cuts per base of its middle in 1/128; 0 where it is closed.
    int openness(const Chromosome& c, std::int64_t slot_number, std::uint32_t cell) const;

    /// The bound sites of a factor in a cell, sorted.
    std::vector<Site> bound(const Chromosome& c, std::size_t factor, std::uint32_t cell) const;
    /// The peaks, sorted.
    std::vector<Peak> peaks(const Chromosome& c, std::size_t factor, std::uint32_t cell, const std::vector<Site>& bound) const;

    /// Which cuts are counted.
    enum class Strand { both, forward, reverse };

    /// Cuts at each base of a slot in a cell: Poisson, many in open regions, few elsewhere, none where reads cannot be placed. Over a bound
    /// site there are few, beside it many: forward reads on its left, reverse reads on its right.
    /// \param bound  bound sites of all factors in the cell, sorted; those before the slot may be left out
    /// \param cuts   `slot` values, or as many as the chromosome has left
    void cuts(const Chromosome& c, std::int64_t slot_number, std::uint32_t cell, Strand strand, const Site* first, const Site* last,
              std::vector<std::uint8_t>& cuts) const;

    /// Values that describe a cell; the first one follows how much of the genome is open in it.
    std::vector<double> metadata(std::uint32_t cell) const;

  private:
    enum class Use : std::uint32_t {
        bases = 1,
        gc,
        genes,
        islands,
        blacklist,
        repeats,
        region,
        kind,
        openness,
        planted,
        outside,
        spoilt,
        edges,
        missed,
        without_site,
        cuts,
        forward_cuts,
        reverse_cuts,
        cell
    };
    enum Kind : std::uint8_t { closed, ordinary, shared };

    chromatid::Philox::Block draw(Use use, std::uint32_t number, std::uint32_t a = 0, std::uint32_t b = 0) const {
        return chromatid::Philox::block(key_, {number, a, b, static_cast<std::uint32_t>(use)});
    }
    std::uint32_t open_share(std::uint32_t cell) const;

    void make_genes(Chromosome& c) const;
    void make_bases(Chromosome& c) const;
    void make_unsure_places(Chromosome& c) const;
    void choose_slots(Chromosome& c) const;
    void plant(Chromosome& c) const;
    void find_sites(Chromosome& c) const;

    chromatid::Philox::Key key_;
    chromatid::ChromSizes sizes_;
    std::vector<SimulatedMotif> motifs_;
};

}  // namespace factornet
