// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/io/pending_file.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/serialize/hdf5_file.hpp>
#include <chromatid/serialize/keras1_graph_writer.hpp>

#include <hdf5.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

namespace detail {

/// Writes weights in the layout of Keras 1's `save_weights`: a group for each layer, its datasets float32, lists of names as attributes.
class Keras1WeightsWriter {
  public:
    explicit Keras1WeightsWriter(const std::filesystem::path& path)
        : path_(path.string()), file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose) {
        require(file_.is_open(), "create the file");
    }

    /// A list of names; an empty one is a list of no numbers, as h5py writes it.
    void names(const std::string& object, const char* attribute, const std::vector<std::string>& names) {
        std::size_t width = 1;
        for (const std::string& name : names) width = std::max(width, name.size());
        const Hdf5Handle type(names.empty() ? H5Tcopy(H5T_IEEE_F64LE) : H5Tcopy(H5T_C_S1), H5Tclose);
        if (!names.empty()) require(H5Tset_size(type.id(), width) >= 0 && H5Tset_strpad(type.id(), H5T_STR_NULLPAD) >= 0, "describe names");
        const hsize_t count = names.size();
        const Hdf5Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
        const Hdf5Handle target(H5Oopen(file_.id(), object.c_str(), H5P_DEFAULT), H5Oclose);
        const Hdf5Handle list(H5Acreate2(target.id(), attribute, type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
        require(list.is_open(), "write names");
        std::string bytes;
        for (const std::string& name : names) bytes += name + std::string(width - name.size(), '\0');
        if (!names.empty()) require(H5Awrite(list.id(), type.id(), bytes.data()) >= 0, "write names");
    }

    void group(const std::string& name) {
        const Hdf5Handle made(H5Gcreate2(file_.id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
        require(made.is_open(), "write layer " + name);
    }

    void dataset(const std::string& name, const std::vector<Index>& extents, const std::vector<float>& values) {
        const std::vector<hsize_t> sizes(extents.begin(), extents.end());
        const Hdf5Handle space(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose);
        const Hdf5Handle settings(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        require(H5Pset_obj_track_times(settings.id(), false) >= 0, "leave out the time");  // equal weights give equal files
        const Hdf5Handle set(H5Dcreate2(file_.id(), name.c_str(), H5T_IEEE_F32LE, space.id(), H5P_DEFAULT, settings.id(), H5P_DEFAULT),
                             H5Dclose);
        require(set.is_open() && H5Dwrite(set.id(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0, "write " + name);
    }

    void close() { require(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL) >= 0, "bring it to disk"); }

  private:
    void require(bool done, const std::string& what) const {
        if (!done) throw IoError(path_, "HDF5 cannot " + what, errno != 0 ? errno : EIO);
    }

    std::string path_;
    Hdf5Session session_;
    Hdf5Handle file_;
};

/// The arrays of one layer as Keras 1 stores them: the inverse of `Keras1LayerReader`.
template <class T>
void write_keras1_layer(Keras1WeightsWriter& file, const std::string& name, const std::string& array_prefix, const LayerDescription& layer,
                        std::span<const T> parameters) {
    file.group(name);
    std::vector<std::string> arrays;
    const auto write = [&](const std::string& array, const std::vector<Index>& extents, const std::vector<float>& values) {
        arrays.push_back(array);
        file.dataset(name + "/" + array, extents, values);
    };
    if (layer.kind == "BiLSTM") {
        for (std::size_t direction = 0; direction < 6; direction += 3) {
            const Index inputs = layer.parameters[direction].extents()[0], all = layer.parameters[direction].extents()[1], units = all / 4;
            const std::string prefix = direction == 0 ? "forward_lstm_1_" : "backward_lstm_1_";
            for (const auto& [gate, place] : {std::pair{'i', 0}, {'c', 2}, {'f', 1}, {'o', 3}}) {
                Index offset = 0;
                for (const auto& [letter, rows] : {std::pair{'W', inputs}, {'U', units}, {'b', Index{1}}}) {
                    std::vector<float> block;
                    for (Index r = 0; r < rows; ++r)
                        for (Index u = 0; u < units; ++u)
                            block.push_back(static_cast<float>(parameters[static_cast<std::size_t>(offset + r * all + place * units + u)]));
                    write(prefix + letter + "_" + gate, letter == 'b' ? std::vector<Index>{units} : std::vector<Index>{rows, units}, block);
                    offset += rows * all;
                }
            }
            parameters = parameters.subspan(static_cast<std::size_t>((inputs + units + 1) * all));
        }
    } else {
        const ParameterSpec& kernel = layer.parameters[0];
        std::vector<Index> extents(kernel.extents().begin(), kernel.extents().end());
        std::vector<float> values(parameters.begin(), parameters.begin() + kernel.size());
        if (layer.kind == "Conv1D") {  // the taps turn round: Theano convolves, we correlate
            const Index tap = extents[1] * extents[2];
            for (Index j = 0; j < extents[0]; ++j)
                std::transform(parameters.begin() + (extents[0] - 1 - j) * tap, parameters.begin() + (extents[0] - j) * tap,
                               values.begin() + j * tap, [](T v) { return static_cast<float>(v); });
            extents.insert(extents.begin() + 1, 1);
        }
        write(array_prefix + "_W", extents, values);
        write(array_prefix + "_b", {layer.parameters[1].size()}, {parameters.begin() + kernel.size(), parameters.end()});
    }
    file.names(name, "weight_names", arrays);
}

}  // namespace detail

/// Writes a FactorNet as Keras 1.2.2 with Theano would: model.json and final_model.hdf5 (weights alone, float32) in a directory, which must
/// exist. `load_keras1` reads them back to the same bits, where the model is float. Each file appears whole or not at all.
///
/// \param model  made by `make_factornet(sizes)`
/// \throws ModelError where the model is not of these sizes, IoError
template <Backend B>
void save_keras1(const AnyModel<B>& model, const FactorNetSizes& sizes, const std::filesystem::path& directory) {
    using T = typename B::Scalar;
    const detail::Keras1GraphWriter graph(sizes);
    detail::PendingFile pending(directory / "final_model.hdf5");
    {
        detail::Keras1WeightsWriter file(pending.temporary());
        file.names("/", "layer_names", graph.layer_names());
        std::span<const T> parameters = model.parameters();
        std::size_t written = 0;
        for (const LayerDescription& layer : model.description().layers()) {
            if (layer.parameters.empty()) continue;
            if (written == graph.weighted_names().size())
                throw ModelError("the model has more layers with parameters than a FactorNet of these sizes");
            const std::string& name = graph.weighted_names()[written++];
            const auto size = static_cast<std::size_t>(layer.parameter_count());
            detail::write_keras1_layer<T>(file, name, layer.kind == "TimeDistributedDense" ? "dense_1" : name, layer,
                                          parameters.first(size));
            parameters = parameters.subspan(size);
        }
        if (written != graph.weighted_names().size())
            throw ModelError("the model has fewer layers with parameters than a FactorNet of these sizes");
        for (const std::string& name : graph.layer_names())
            if (std::ranges::find(graph.weighted_names(), name) == graph.weighted_names().end()) {
                file.group(name);
                file.names(name, "weight_names", {});
            }
        file.close();
    }
    OutputFile json(directory / "model.json");
    json.write(graph.text());
    pending.commit();
    json.commit();
}

}  // namespace chromatid
