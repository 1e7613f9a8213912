// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/tensor.hpp>

#include <hdf5.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace chromatid::test {

/// Writes HDF5 files, and damages them. Objects are named by their path from the root; "/" is the root.
class Hdf5Writer {
  public:
    enum class Mode { create, change };
    enum class Text { fixed, variable };

    explicit Hdf5Writer(const std::filesystem::path& path, Mode mode = Mode::create)
        : file_(check(mode == Mode::create ? H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)
                                           : H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT))) {}
    Hdf5Writer(const Hdf5Writer&) = delete;
    Hdf5Writer& operator=(const Hdf5Writer&) = delete;
    ~Hdf5Writer() { H5Fclose(file_); }

    void group(const std::string& path) { H5Gclose(check(H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))); }

    /// An array of float32, or of 32-bit integers.
    void dataset(const std::string& path, const Tensor<double>& values, bool as_integers = false) {
        const std::vector<float> numbers(values.span().begin(), values.span().end());
        const std::vector<hsize_t> extents(values.extents().begin(), values.extents().end());
        const hid_t space = check(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr));
        const hid_t set = check(
            H5Dcreate2(file_, path.c_str(), as_integers ? H5T_STD_I32LE : H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        check(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()));
        H5Dclose(set);
        H5Sclose(space);
    }

    /// A list of texts; an empty list as h5py writes it, of float64.
    void texts(const std::string& object, const std::string& name, const std::vector<std::string>& values, Text kind = Text::fixed) {
        const hsize_t n = values.size();
        const hid_t space = check(H5Screate_simple(1, &n, nullptr));
        write_texts(object, name, values, kind, space);
    }
    /// One text.
    void text(const std::string& object, const std::string& name, const std::string& value, Text kind = Text::fixed) {
        write_texts(object, name, {value}, kind, check(H5Screate(H5S_SCALAR)));
    }

    void remove(const std::string& path) { check(H5Ldelete(file_, path.c_str(), H5P_DEFAULT)); }
    void remove_attribute(const std::string& object, const std::string& name) {
        check(H5Adelete_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT));
    }
    void rename(const std::string& from, const std::string& to) {
        check(H5Lmove(file_, from.c_str(), file_, to.c_str(), H5P_DEFAULT, H5P_DEFAULT));
    }

  private:
    template <class Id>
    static Id check(Id id) {
        if (id < 0) throw std::runtime_error("a test could not write its HDF5 file");
        return id;
    }

    void write_texts(const std::string& object, const std::string& name, const std::vector<std::string>& values, Text kind, hid_t space) {
        std::size_t width = 1;
        for (const std::string& value : values) width = std::max(width, value.size());
        const hid_t type = values.empty() ? check(H5Tcopy(H5T_IEEE_F64LE)) : check(H5Tcopy(H5T_C_S1));
        if (!values.empty()) check(H5Tset_size(type, kind == Text::variable ? H5T_VARIABLE : width));
        const hid_t attribute =
            check(H5Acreate_by_name(file_, object.c_str(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        if (kind == Text::variable) {
            std::vector<const char*> pointers;
            for (const std::string& value : values) pointers.push_back(value.c_str());
            if (!values.empty()) check(H5Awrite(attribute, type, pointers.data()));
        } else if (!values.empty()) {
            std::string bytes;
            for (std::string value : values) {
                value.resize(width, '\0');
                bytes += value;
            }
            check(H5Awrite(attribute, type, bytes.data()));
        }
        H5Aclose(attribute);
        H5Tclose(type);
        H5Sclose(space);
    }

    hid_t file_;
};

}  // namespace chromatid::test
