// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/io/binary_file.hpp>

#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid::detail {

/// The HDF5 library for one caller at a time, which it is safe for, and without the messages that it prints by itself.
class Hdf5Session {
  public:
    Hdf5Session() : lock_(mutex()) {
        H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }
    Hdf5Session(const Hdf5Session&) = delete;
    Hdf5Session& operator=(const Hdf5Session&) = delete;
    ~Hdf5Session() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

  private:
    static std::recursive_mutex& mutex() {
        static std::recursive_mutex shared;
        return shared;
    }

    std::lock_guard<std::recursive_mutex> lock_;
    H5E_auto2_t print_ = nullptr;
    void* data_ = nullptr;
};

/// An HDF5 handle that closes itself; negative where the library could not give one.
class Hdf5Handle {
  public:
    using Close = herr_t (*)(hid_t);

    Hdf5Handle(hid_t id, Close close) : id_(id), close_(close) {}
    Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Hdf5Handle& operator=(Hdf5Handle&&) = delete;
    ~Hdf5Handle() {
        if (id_ >= 0) close_(id_);
    }

    hid_t id() const { return id_; }
    bool is_open() const { return id_ >= 0; }

  private:
    hid_t id_;
    Close close_;
};

/// An HDF5 file for reading. Objects are named by their path from the root, "/" being the root itself. Every failure is a FormatError with
/// the file, the object and the library's own reason.
class Hdf5File {
  public:
    /// \throws IoError where the file cannot be opened, FormatError where it is not HDF5 or cut off
    explicit Hdf5File(const std::filesystem::path& path) : path_(path.string()), size_(BinaryFile(path).size()), file_(open(path_)) {}

    const std::string& path() const { return path_; }
    /// Bytes.
    std::uint64_t size() const { return size_; }

    /// Throws FormatError about an object.
    [[noreturn]] void fail(const std::string& object, const std::string& what) const { throw FormatError(path_, object, what); }

    /// Whether there is an object of that name.
    bool has(const std::string& object) const { return H5Lexists(file_.id(), object.c_str(), H5P_DEFAULT) > 0; }
    bool has_attribute(const std::string& object, const std::string& name) const {
        return H5Aexists_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
    }

    /// An attribute that is a list of strings, or one string; an empty list may have any type, as h5py writes it.
    std::vector<std::string> strings(const std::string& object, const std::string& name) const {
        const std::string what = "attribute " + name;
        if (!has(object)) fail(object, "there is no such group");
        if (!has_attribute(object, name)) fail(object, "has no " + what);
        const Hdf5Handle attribute(H5Aopen_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
        require(attribute.is_open(), object, what);
        const Hdf5Handle space(H5Aget_space(attribute.id()), H5Sclose);
        const hssize_t count = H5Sget_simple_extent_npoints(space.id());
        require(count >= 0, object, what);
        if (count == 0) return {};
        const Hdf5Handle type(H5Aget_type(attribute.id()), H5Tclose);
        if (H5Tget_class(type.id()) != H5T_STRING) fail(object, what + " is not text");
        const auto n = static_cast<std::size_t>(count);
        return H5Tis_variable_str(type.id()) > 0 ? variable_strings(attribute, space, type, n, object, what)
                                                 : fixed_strings(attribute, type, n, object, what);
    }

    /// Extents of a dataset of floating-point numbers.
    std::vector<Index> extents(const std::string& dataset) const {
        const Hdf5Handle set = open_dataset(dataset);
        const Hdf5Handle space(H5Dget_space(set.id()), H5Sclose);
        const Hdf5Handle type(H5Dget_type(set.id()), H5Tclose);
        if (H5Tget_class(type.id()) != H5T_FLOAT) fail(dataset, "does not hold floating-point numbers");
        const int rank = H5Sget_simple_extent_ndims(space.id());
        require(rank >= 0, dataset, "its extents");
        std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
        require(rank == 0 || H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr) >= 0, dataset, "its extents");
        return {sizes.begin(), sizes.end()};
    }

    /// All numbers of a dataset whose extents have been looked at, row-major.
    /// \throws FormatError besides for a number that is not finite
    template <class T>
    void read(const std::string& dataset, std::span<T> values) const {
        static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
        const Hdf5Handle set = open_dataset(dataset);
        const hid_t type = std::is_same_v<T, float> ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
        require(H5Dread(set.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0, dataset, "its numbers");
        const auto bad = std::find_if(values.begin(), values.end(), [](T v) { return !std::isfinite(v); });
        if (bad != values.end())
            fail(dataset, "number " + std::to_string(bad - values.begin()) + " is " + std::to_string(*bad) + ", not a finite weight");
    }

  private:
    static constexpr std::size_t longest_attribute = std::size_t{1} << 24;

    static Hdf5Handle open(const std::string& path) {
        if (H5Fis_hdf5(path.c_str()) <= 0) throw FormatError(path, "", "this is not an HDF5 file");
        Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
        if (!file.is_open()) throw FormatError(path, "", "HDF5 cannot open it: " + reason() + " (truncated download?)");
        return file;
    }

    Hdf5Handle open_dataset(const std::string& dataset) const {
        if (!has(dataset)) fail(dataset, "there is no such dataset");
        Hdf5Handle set(H5Dopen2(file_.id(), dataset.c_str(), H5P_DEFAULT), H5Dclose);
        require(set.is_open(), dataset, "it as a dataset");
        return set;
    }

    void require(bool done, const std::string& object, const std::string& what) const {
        if (!done) fail(object, "cannot read " + what + ": " + reason());
    }

    /// The library's innermost message about the call that failed last.
    static std::string reason() {
        std::string text;
        const auto take_first = [](unsigned, const H5E_error2_t* error, void* to) -> herr_t {
            *static_cast<std::string*>(to) = error->desc;
            return 1;
        };
        H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &text);
        return text.empty() ? "HDF5 does not say why" : text;
    }

    std::vector<std::string> fixed_strings(const Hdf5Handle& attribute, const Hdf5Handle& type, std::size_t n, const std::string& object,
                                           const std::string& what) const {
        const std::size_t width = H5Tget_size(type.id());
        if (width == 0 || n > longest_attribute / width) fail(object, what + " is implausibly long");
        std::vector<char> bytes(n * width);
        require(H5Aread(attribute.id(), type.id(), bytes.data()) >= 0, object, what);
        const bool space_padded = H5Tget_strpad(type.id()) == H5T_STR_SPACEPAD;
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < n; ++i) {
            std::string text(bytes.data() + i * width, strnlen(bytes.data() + i * width, width));
            if (space_padded) text.erase(text.find_last_not_of(' ') + 1);
            texts.push_back(std::move(text));
        }
        return texts;
    }

    std::vector<std::string> variable_strings(const Hdf5Handle& attribute, const Hdf5Handle& space, const Hdf5Handle& type, std::size_t n,
                                              const std::string& object, const std::string& what) const {
        if (n > longest_attribute / sizeof(char*)) fail(object, what + " is implausibly long");
        std::vector<char*> pointers(n, nullptr);
        require(H5Aread(attribute.id(), type.id(), pointers.data()) >= 0, object, what);
        std::vector<std::string> texts;
        for (const char* text : pointers) texts.emplace_back(text == nullptr ? "" : text);
        H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, pointers.data());
        return texts;
    }

    std::string path_;
    std::uint64_t size_;
    Hdf5Session session_;
    Hdf5Handle file_;
};

}  // namespace chromatid::detail
