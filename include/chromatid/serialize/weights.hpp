// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/network/description.hpp>
#include <chromatid/serialize/safetensors_file.hpp>
#include <chromatid/serialize/safetensors_writer.hpp>
#include <chromatid/version.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace chromatid {

namespace detail {

inline constexpr std::string_view self_test_prefix = "self_test.";

/// Calls `visit(name, spec, first)` for each parameter array of a network: its name and where it begins in the flat parameters.
template <class F>
void visit_arrays(const Description& description, F&& visit) {
    std::size_t first = 0;
    for (const LayerDescription& layer : description.layers())
        for (const ParameterSpec& spec : layer.parameters) {
            visit(layer.name + "." + std::string(spec.name()), spec, first);
            first += static_cast<std::size_t>(spec.size());
        }
}

/// An array of floating-point numbers of either width.
template <class T>
void read_converted(const SafetensorsFile& file, const std::string& name, std::span<T> values) {
    const auto convert = [&]<class From>(From) {
        std::vector<From> from(values.size());
        file.read(name, std::span(from));
        std::transform(from.begin(), from.end(), values.begin(), [](From v) { return static_cast<T>(v); });
    };
    if (file.array(name).type == (std::is_same_v<T, float> ? "F64" : "F32")) {
        if constexpr (std::is_same_v<T, float>) convert(double{});
        else convert(float{});
    } else {
        file.read(name, values);
    }
}

}  // namespace detail

/// Adds the parameters of a model to a file, one array each, named "layer.array" as `visit_parameters` does: "conv1d_1.kernel".
///
/// \param model   a `Model` or `AnyModel`, or whatever has their `description()` and `parameters()`
/// \param prefix  put before the names
template <class M>
void add_weights(SafetensorsWriter& file, const M& model, const std::string& prefix = "") {
    const std::span<const typename M::Scalar> parameters = model.parameters();
    detail::visit_arrays(model.description(), [&](const std::string& name, const ParameterSpec& spec, std::size_t first) {
        file.add(prefix + name, spec.extents(), parameters.subspan(first, static_cast<std::size_t>(spec.size())));
    });
}

/// Writes the parameters of a model to a safetensors file, which appears whole or not at all.
/// \throws IoError
template <class M>
void save_weights(const M& model, const std::filesystem::path& path) {
    SafetensorsWriter file(path);
    file.text("format", "chromatid weights");
    file.text("chromatid_version", std::string(version));
    add_weights(file, model);
    file.commit();
}

/// Reads the parameters of a model, all or none of them. Numbers of the other width (float for a double model, double for a float one) are
/// converted.
///
/// \param prefix  what the names in the file begin with; arrays whose names begin otherwise are not looked at. A self-test is none of the
///                weights.
/// \throws ModelError that lists the arrays that are missing, that the network does not have, and whose shapes are others; FormatError for
///         a damaged file, or one that holds other than floating-point numbers
template <class M>
void load_weights(M& model, const SafetensorsFile& file, const std::string& prefix = "") {
    using T = typename M::Scalar;
    std::map<std::string, std::vector<Index>> found;
    for (const SafetensorsArray& array : file.arrays())
        if (array.name.starts_with(prefix) && !array.name.starts_with(detail::self_test_prefix)) found.emplace(array.name, array.extents);
    std::string missing, extra, other;
    const auto list = [](std::string& to, const std::string& what) { to += (to.empty() ? "" : ", ") + what; };
    detail::visit_arrays(model.description(), [&](const std::string& name, const ParameterSpec& spec, std::size_t) {
        const auto node = found.extract(prefix + name);
        if (node.empty()) list(missing, prefix + name + " " + to_string(spec.extents()));
        else if (!std::ranges::equal(node.mapped(), spec.extents()))
            list(other, prefix + name + " is " + to_string(std::span<const Index>(node.mapped())) + ", the network needs " +
                            to_string(spec.extents()));
    });
    for (const auto& [name, extents] : found) list(extra, name + " " + to_string(std::span<const Index>(extents)));
    if (!missing.empty() || !extra.empty() || !other.empty())
        throw ModelError(
            file.path() + ": these are not the weights of this network" + (missing.empty() ? "" : "\n       missing: " + missing) +
            (extra.empty() ? "" : "\n       not in the network: " + extra) + (other.empty() ? "" : "\n       of another shape: " + other));
    file.verify();
    std::vector<T> values(model.parameters().size());
    detail::visit_arrays(model.description(), [&](const std::string& name, const ParameterSpec& spec, std::size_t first) {
        detail::read_converted(file, prefix + name, std::span(values).subspan(first, static_cast<std::size_t>(spec.size())));
    });
    std::ranges::copy(values, model.parameters().begin());
}
template <class M>
void load_weights(M& model, const std::filesystem::path& path) {
    load_weights(model, SafetensorsFile(path));
}

}  // namespace chromatid
