// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/serialize/json_object.hpp>

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdlib>
#include <string>

namespace chromatid::detail {

/// Calls `visit(name, size, is_needed)` for each size of a FactorNet that is a number; one that its structure does not need may be 0.
template <class Sizes, class F>
void visit_sizes(Sizes& s, F&& visit) {
    using Structure = FactorNetSizes::Structure;
    visit("length", s.length, true);
    visit("tracks", s.tracks, false);
    visit("filters", s.filters, true);
    visit("width", s.width, true);
    visit("position_units", s.position_units, true);
    visit("pool", s.pool, s.structure != Structure::global_max);
    visit("lstm_units", s.lstm_units, s.structure == Structure::recurrent);
    visit("dense_units", s.dense_units, true);
    visit("side", s.side, false);
    visit("side_dense_units", s.side_dense_units, s.side > 0);
    visit("tasks", s.tasks, true);
}

/// Calls `visit(name, rate)` for each share of dropout.
template <class Dropout, class F>
void visit_rates(Dropout& d, F&& visit) {
    visit("after_conv", d.after_conv);
    visit("lstm_input", d.lstm_input);
    visit("lstm_state", d.lstm_state);
    visit("after_features", d.after_features);
    visit("after_dense", d.after_dense);
    visit("after_side", d.after_side);
    visit("after_second_dense", d.after_second_dense);
}

inline const char* name_of(FactorNetSizes::Structure structure) {
    switch (structure) {
        case FactorNetSizes::Structure::recurrent: return "recurrent";
        case FactorNetSizes::Structure::pooled: return "pooled";
        case FactorNetSizes::Structure::global_max: break;
    }
    return "global_max";
}
inline const char* name_of(FactorNetSizes::Gates gates) { return gates == FactorNetSizes::Gates::logistic ? "logistic" : "hard_sigmoid"; }

/// The double that prints as the float does: 0.1 for 0.1F.
inline double decimal(float value) {
    char text[32];
    *std::to_chars(text, text + sizeof text - 1, value).ptr = '\0';
    return std::strtod(text, nullptr);
}

inline nlohmann::ordered_json sizes_to_json(const FactorNetSizes& sizes) {
    nlohmann::ordered_json json{{"structure", name_of(sizes.structure)}, {"gates", name_of(sizes.gates)}};
    visit_sizes(sizes, [&](const char* name, Index size, bool) { json[name] = size; });
    visit_rates(sizes.dropout, [&](const char* name, float rate) { json["dropout"][name] = decimal(rate); });
    return json;
}

inline FactorNetSizes sizes_from_json(JsonObject from) {
    using Structure = FactorNetSizes::Structure;
    using Gates = FactorNetSizes::Gates;
    constexpr Index largest = 1'000'000;
    FactorNetSizes sizes;
    const auto choose = [&](const char* key, auto& value, auto... known) {
        const std::string text = from.text(key);
        std::string all;
        if (!((text == name_of(known) ? (value = known, true) : (all += (all.empty() ? "" : ", ") + std::string(name_of(known)), false)) ||
              ...))
            from.fail(key, "is \"" + text + "\", expected is one of " + all);
    };
    choose("structure", sizes.structure, Structure::recurrent, Structure::pooled, Structure::global_max);
    choose("gates", sizes.gates, Gates::hard_sigmoid, Gates::logistic);
    visit_sizes(sizes, [&](const char* name, Index& size, bool is_needed) { size = from.number(name, is_needed ? 1 : 0, largest); });
    JsonObject dropout = from.object("dropout");
    visit_rates(sizes.dropout, [&](const char* name, float& rate) { rate = dropout.share(name); });
    dropout.expect_no_more();
    from.expect_no_more();
    return sizes;
}

}  // namespace chromatid::detail
