// SPDX-License-Identifier: MIT
#include "simulated_genome.hpp"

#include <chromatid/genome/base_code.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace factornet {

using namespace chromatid;

namespace {

constexpr std::int64_t gene_segment = 25000, blacklist_segment = 250000, repeat_segment = 20000, gc_segment = 10000;
constexpr int rate_unit = 256;  // cuts per base are counted in 1/256
constexpr int highest_rate = 4 * rate_unit;
constexpr int conservative_strength = 40;

/// True in `share` of 1024 cases.
bool happens(std::uint32_t bits, std::uint32_t share) { return bits >> 22 < share; }

std::int64_t between(std::uint32_t bits, std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>((std::uint64_t{bits} * static_cast<std::uint64_t>(high - low + 1)) >> 32);
}

std::uint32_t index32(std::int64_t i) { return static_cast<std::uint32_t>(i); }

bool meet(const Stretch& a, const Stretch& b) { return a.start < b.end && b.start < a.end; }

/// Poisson numbers by inversion: how many of a row's limits a 32-bit number reaches. The limits are coarse enough for the last bit of
/// `exp`, which is not the same on every machine, to get lost.
class Poisson {
  public:
    Poisson() {
        for (int rate = 0; rate <= highest_rate; ++rate) {
            const double mean = static_cast<double>(rate) / rate_unit;
            double term = std::exp(-mean), sum = term;
            for (std::size_t k = 0; k < most; ++k) {
                limits_[static_cast<std::size_t>(rate)][k] = static_cast<std::uint32_t>(std::min(sum * 1048576.0, 1048575.0)) << 12;
                term *= mean / static_cast<double>(k + 1);
                sum += term;
            }
        }
    }
    std::uint8_t operator()(int rate, std::uint32_t bits) const {
        const auto& limits = limits_[static_cast<std::size_t>(rate)];
        std::uint8_t count = 0;
        while (count < most && bits >= limits[count]) ++count;
        return count;
    }

  private:
    static constexpr std::size_t most = 16;
    std::array<std::array<std::uint32_t, most>, highest_rate + 1> limits_{};
};

}  // namespace

SimulatedGenome::SimulatedGenome(std::uint64_t seed, ChromSizes sizes, std::size_t factors)
    : key_(Philox::key(seed)), sizes_(std::move(sizes)) {
    for (std::size_t f = 0; f < factors; ++f) motifs_.emplace_back(SimulatedMotif::Draws{key_, static_cast<std::uint32_t>(f)});
}

SimulatedGenome::Chromosome SimulatedGenome::chromosome(std::size_t number) const {
    const chromatid::Chromosome& listed = sizes_[static_cast<Index>(number)];
    Chromosome c;
    c.number = static_cast<std::uint32_t>(number);
    c.name = listed.name;
    c.codes.resize(static_cast<std::size_t>(listed.size));
    make_genes(c);
    make_bases(c);
    make_unsure_places(c);
    choose_slots(c);
    plant(c);
    find_sites(c);
    return c;
}

void SimulatedGenome::make_genes(Chromosome& c) const {
    auto& [cpg, cds, intron, promoter, utr5, utr3] = c.features;
    for (std::int64_t segment = 0; segment + 20000 <= c.size(); segment += gene_segment) {
        const Philox::Block d = draw(Use::genes, index32(segment / gene_segment), c.number);
        const std::int64_t start = segment + between(d[0], 6000, 14000), length = between(d[1], 3000, 6000);
        const bool reverse = (d[2] & 1) != 0;
        const auto add = [&](std::vector<Stretch>& feature, std::int64_t from, std::int64_t to) {
            feature.push_back(reverse ? Stretch{start - to, start - from} : Stretch{start + from, start + to});
        };
        add(promoter, -500, 100);
        add(utr5, 0, 150);
        std::int64_t at = 150;
        for (bool exon = true; at < length - 500; exon = !exon) {
            const std::int64_t next = std::min(at + (exon ? 150 : 600), length - 500);
            add(exon ? cds : intron, at, next);
            at = next;
        }
        add(utr3, length - 500, length);
        if (happens(d[3], 614)) {
            const Philox::Block edges = draw(Use::islands, index32(segment / gene_segment), c.number);
            add(cpg, -between(edges[0], 250, 600), between(edges[1], 250, 600));
        }
    }
    for (auto& feature : c.features)
        std::sort(feature.begin(), feature.end(), [](const Stretch& a, const Stretch& b) { return a.start < b.start; });
}

void SimulatedGenome::make_bases(Chromosome& c) const {
    std::vector<std::uint32_t> gc;  // of 65536
    Philox::Block bits{};
    for (std::int64_t segment = 0; segment < c.size(); segment += gc_segment) {
        const std::int64_t end = std::min(segment + gc_segment, c.size());
        const Philox::Block d = draw(Use::gc, index32(segment / gc_segment), c.number);
        gc.assign(static_cast<std::size_t>(end - segment), index32(between(d[0], 22000, 34000)));
        for (const Stretch& island : c.features[0])
            for (std::int64_t i = std::max(island.start, segment); i < std::min(island.end, end); ++i)
                gc[static_cast<std::size_t>(i - segment)] = 43000;
        for (std::int64_t i = segment; i < end; ++i) {
            if (i % 4 == 0) bits = draw(Use::bases, index32(i / 4), c.number);
            const std::uint32_t b = bits[static_cast<std::size_t>(i % 4)];
            const bool strong = b >> 16 < gc[static_cast<std::size_t>(i - segment)], second = (b & 1) != 0;
            c.codes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(strong ? 1 + second : 3 * second);
        }
    }
}

void SimulatedGenome::make_unsure_places(Chromosome& c) const {
    for (std::int64_t segment = 0; segment + repeat_segment <= c.size(); segment += repeat_segment) {
        const Philox::Block d = draw(Use::repeats, index32(segment / repeat_segment), c.number);
        const std::int64_t start = segment + between(d[0], 0, 17000);
        if (happens(d[1], 700)) c.repeats.push_back({{start, start + between(d[2], 300, 2800)}, static_cast<int>(d[3] % 3)});
    }
    for (std::int64_t segment = 0; segment + shortest_chromosome <= c.size(); segment += blacklist_segment) {
        const Philox::Block d = draw(Use::blacklist, index32(segment / blacklist_segment), c.number);
        const std::int64_t start = segment + between(d[0], 5000, std::min(blacklist_segment, c.size() - segment) - 8000);
        c.blacklist.push_back({start, start + between(d[1], 500, 3000)});
    }
    const Stretch& first = c.blacklist.front();  // its middle is a gap of the assembly
    const std::int64_t quarter = (first.end - first.start) / 4;
    std::fill(c.codes.begin() + first.start + quarter, c.codes.begin() + first.end - quarter, unknown_base);
}

void SimulatedGenome::choose_slots(Chromosome& c) const {
    const std::int64_t slots = (c.size() + slot - 1) / slot;
    c.slot_kind.assign(static_cast<std::size_t>(slots), ordinary);
    std::vector<bool> at_promoter(static_cast<std::size_t>(slots));
    for (const Stretch& p : c.features[3])
        for (std::int64_t s = p.start / slot; s <= (p.end - 1) / slot; ++s) at_promoter[static_cast<std::size_t>(s)] = true;
    for (std::int64_t s = 0; s < slots; ++s)
        if (happens(draw(Use::kind, index32(s), c.number)[0], at_promoter[static_cast<std::size_t>(s)] ? 700 : 150))
            c.slot_kind[static_cast<std::size_t>(s)] = shared;
    const auto close = [&](std::int64_t start, std::int64_t end) {
        for (std::int64_t s = std::max<std::int64_t>(start, 0) / slot; s <= std::min(end - 1, c.size() - 1) / slot; ++s)
            c.slot_kind[static_cast<std::size_t>(s)] = closed;
    };
    close(0, 1600);
    close(c.size() - 1600, c.size());
    for (const Stretch& b : c.blacklist) close(b.start - 1000, b.end + 1000);
}

Stretch SimulatedGenome::region(const Chromosome& c, std::int64_t slot_number) const {
    const Philox::Block d = draw(Use::region, index32(slot_number), c.number);
    const std::int64_t middle = slot_number * slot + between(d[0], 300, 500), half = between(d[1], 150, 300);
    return {middle - half, middle + half};
}

std::uint32_t SimulatedGenome::open_share(std::uint32_t cell) const { return index32(between(draw(Use::cell, 0, cell)[0], 390, 490)); }

int SimulatedGenome::openness(const Chromosome& c, std::int64_t slot_number, std::uint32_t cell) const {
    const std::uint8_t kind = c.slot_kind[static_cast<std::size_t>(slot_number)];
    if (kind == closed) return 0;
    const Philox::Block d = draw(Use::openness, index32(slot_number), c.number, cell);
    if (kind == ordinary && !happens(d[0], open_share(cell))) return 0;
    const std::uint64_t u = d[1] >> 16;
    return 38 + static_cast<int>((115 * u * u) >> 32);
}

void SimulatedGenome::plant(Chromosome& c) const {
    const auto factors = static_cast<std::uint32_t>(motifs_.size());
    const auto share = [&](std::uint32_t of_1024) { return of_1024 * 4 / std::max(factors, 4U); };  // or regions would be too full
    for (const Use use : {Use::spoilt, Use::outside, Use::planted})
        for (std::int64_t s = 0; s < static_cast<std::int64_t>(c.slot_kind.size()); ++s) {
            const Stretch inside = region(c, s);
            for (std::uint32_t f = 0; f < factors; ++f) {
                const Philox::Block d = draw(use, index32(s), c.number, f << 12);
                if (!happens(d[0], share(use == Use::planted ? 666 : use == Use::outside ? 500 : 300))) continue;
                const Stretch room = use == Use::outside ? Stretch{s * slot, (s + 1) * slot} : Stretch{inside.start + 30, inside.end - 30};
                constexpr auto width = static_cast<std::int64_t>(SimulatedMotif::width);
                const std::int64_t start = between(d[1], room.start, room.end - width);
                if (start + width > c.size() || (use == Use::outside && meet({start, start + width}, {inside.start - 20, inside.end + 20})))
                    continue;
                if (std::any_of(c.blacklist.begin(), c.blacklist.end(), [&](const Stretch& b) { return meet(b, {start, start + width}); }))
                    continue;
                const auto number = [&](std::uint32_t attempt, std::uint32_t i) {
                    return draw(use, index32(s), c.number, (f << 12) + 1 + attempt * 64 + i)[0];
                };
                SimulatedMotif::Bases bases = motifs_[f].instance(number);
                if (use == Use::spoilt) motifs_[f].spoil(bases, 2, number);
                if ((d[2] & 1) != 0) bases = SimulatedMotif::reverse_complement(bases);
                std::copy(bases.begin(), bases.end(), c.codes.begin() + start);
            }
        }
}

void SimulatedGenome::find_sites(Chromosome& c) const {
    constexpr auto width = static_cast<std::int64_t>(SimulatedMotif::width);
    for (const SimulatedMotif& motif : motifs_) {
        std::vector<Site> sites;
        for (std::int64_t i = 0; i + width <= c.size(); ++i) {
            const std::uint8_t* codes = c.codes.data() + i;
            const int forward = motif.score(codes, false), reverse = motif.score(codes, true);
            const Site site{{i, i + width}, std::max(forward, reverse), reverse > forward};
            if (site.score < motif.threshold()) continue;
            if (sites.empty() || sites.back().end <= i) sites.push_back(site);
            else if (sites.back().score < site.score) sites.back() = site;  // of sites that overlap, the better one
        }
        c.sites.push_back(std::move(sites));
    }
}

std::vector<SimulatedGenome::Site> SimulatedGenome::bound(const Chromosome& c, std::size_t factor, std::uint32_t cell) const {
    std::vector<Site> bound;
    auto repeat = c.repeats.begin();
    for (const Site& site : c.sites[factor]) {
        while (repeat != c.repeats.end() && repeat->end <= site.start) ++repeat;
        if (repeat != c.repeats.end() && meet(*repeat, site)) continue;
        const std::int64_t s = site.start / slot;
        const Stretch open = region(c, s);
        if (open.start <= site.start && site.end <= open.end && openness(c, s, cell) > 0) bound.push_back(site);
    }
    return bound;
}

std::vector<SimulatedGenome::Peak> SimulatedGenome::peaks(const Chromosome& c, std::size_t factor, std::uint32_t cell,
                                                          const std::vector<Site>& bound) const {
    const std::uint32_t place = c.number << 16 | cell;
    const auto f = static_cast<std::uint32_t>(factor);
    std::vector<Peak> peaks;
    for (auto first = bound.begin(); first != bound.end();) {
        auto last = first;
        while (std::next(last) != bound.end() && std::next(last)->start - last->start <= 150) ++last;
        const Philox::Block d = draw(Use::edges, index32(first->start), place, f);
        Peak peak;
        for (auto site = first; site <= last; ++site) {
            const int strength = openness(c, site->start / slot, cell) * site->score / motifs_[factor].best();
            if (strength <= peak.strength) continue;
            peak.strength = strength;
            peak.summit = (site->start + site->end) / 2 + between(d[0], -5, 5);
        }
        peak.start = (first->start + first->end) / 2 - between(d[1], 80, 120);
        peak.end = (last->start + last->end) / 2 + between(d[2], 80, 120);
        peak.relaxed = {peak.start - between(d[3] << 16, 20, 60), peak.end + between(d[3], 20, 60)};
        peak.conservative = peak.strength >= conservative_strength;
        if (!happens(draw(Use::missed, index32(first->start), place, f)[0], 20)) peaks.push_back(peak);
        first = std::next(last);
    }
    const std::size_t with_site = peaks.size();
    for (std::int64_t s = 0; s < static_cast<std::int64_t>(c.slot_kind.size()); ++s) {
        const Philox::Block d = draw(Use::without_site, index32(s), place, f);
        if (!happens(d[0], 60) || openness(c, s, cell) == 0) continue;
        const Stretch open = region(c, s);
        const std::int64_t middle = (open.start + open.end) / 2;
        Peak peak{{middle - between(d[1], 80, 120), middle + between(d[2], 80, 120)},
                  middle,
                  {},
                  static_cast<int>(between(d[3], 10, 25)),
                  happens(d[0], 10)};
        if (peak.conservative) peak.strength += conservative_strength;
        peak.relaxed = {peak.start - 40, peak.end + 40};
        const auto last = peaks.begin() + static_cast<std::ptrdiff_t>(with_site);
        const auto next =
            std::lower_bound(peaks.begin(), last, peak.relaxed.start, [](const Peak& p, std::int64_t at) { return p.relaxed.end <= at; });
        if (next == last || !meet(next->relaxed, peak.relaxed)) peaks.push_back(peak);
    }
    std::sort(peaks.begin(), peaks.end(), [](const Peak& a, const Peak& b) { return a.start < b.start; });
    return peaks;
}

void SimulatedGenome::cuts(const Chromosome& c, std::int64_t slot_number, std::uint32_t cell, Strand strand, const Site* first,
                           const Site* last, std::vector<std::uint8_t>& cuts) const {
    static const Poisson poisson;
    const std::int64_t start = slot_number * slot, end = std::min(start + slot, c.size());
    std::array<int, slot> rate{};
    const Use use = strand == Strand::both ? Use::cuts : strand == Strand::forward ? Use::forward_cuts : Use::reverse_cuts;
    const int share = strand == Strand::both ? 2 : 1;  // each strand has half of the cuts
    rate.fill(share * static_cast<int>(between(draw(use, 0, c.number << 16 | cell, index32(slot_number))[0], 1, 2)));
    const int open = openness(c, slot_number, cell);
    const auto range = [&](const Stretch& s, const auto& change) {
        for (std::int64_t i = std::max(s.start, start); i < std::min(s.end, end); ++i) change(rate[static_cast<std::size_t>(i - start)], i);
    };
    if (open > 0) {
        const Stretch inside = region(c, slot_number);
        range(inside, [&](int& r, std::int64_t i) {
            r += static_cast<int>(std::min<std::int64_t>(60, std::min(i - inside.start, inside.end - 1 - i) + 1)) * open * share / 60;
        });
    }
    constexpr std::int64_t shoulder = 8;
    const int left = strand == Strand::both      ? 5
                     : strand == Strand::forward ? 8
                                                 : 2,
              right = strand == Strand::both      ? 5
                      : strand == Strand::forward ? 2
                                                  : 8;
    for (const Site* site = first; site != last && site->start - shoulder < end; ++site) {
        range({site->start - shoulder, site->start}, [&](int& r, std::int64_t) { r = std::min(r * left / 2, highest_rate); });
        range(*site, [&](int& r, std::int64_t) { r /= 8; });
        range({site->end, site->end + shoulder}, [&](int& r, std::int64_t) { r = std::min(r * right / 2, highest_rate); });
    }
    for (auto r = std::lower_bound(c.repeats.begin(), c.repeats.end(), start, [](const Repeat&x, std::int64_t at) { return x.end <= at; });
         r != c.repeats.end() && r->start < end; ++r)
        range(*r, [&](int& value, std::int64_t) { value = value * r->mappability / 4; });
    cuts.resize(static_cast<std::size_t>(end - start));
    Philox::Block bits{};
    for (std::int64_t i = 0; i < end - start; ++i) {
        if (i % 4 == 0) bits = draw(use, 1 + index32(i / 4), c.number << 16 | cell, index32(slot_number));
        const auto at = static_cast<std::size_t>(i);
        cuts[at] = c.codes[static_cast<std::size_t>(start + i)] == unknown_base ? std::uint8_t{0}
                                                                                : poisson(rate[at], bits[static_cast<std::size_t>(i % 4)]);
    }
}

std::vector<double> SimulatedGenome::metadata(std::uint32_t cell) const {
    std::vector<double> values{(open_share(cell) - 440.0) / 100};
    for (std::uint32_t i = 1; i < 8; ++i) values.push_back(static_cast<double>(draw(Use::cell, i, cell)[0] >> 8) / 16777216 - 0.5);
    return values;
}

}  // namespace factornet
