// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/interval.hpp>
#include <chromatid/io/bed.hpp>

#include <filesystem>
#include <vector>

namespace chromatid {

/// One line of a bedGraph file: every base of the interval has the value.
struct BedGraphRecord {
    Interval interval;
    float value = 0;

    friend bool operator==(const BedGraphRecord&, const BedGraphRecord&) = default;
};

/// Reads a bedGraph file line by line; plain, gzip or bgzip.
class BedGraphReader {
  public:
    /// \throws IoError where the file cannot be opened
    explicit BedGraphReader(const std::filesystem::path& path) : reader_(path, 4) {}

    /// The next record, or nullptr at the end. It stays valid until the next call.
    /// \throws FormatError as `BedReader`, and for a value that is no number
    const BedGraphRecord* next() {
        const BedRecord* record = reader_.next();
        if (record == nullptr) return nullptr;
        record_.interval = record->interval;
        record_.value = static_cast<float>(reader_.number<double>(3, "value"));
        return &record_;
    }

  private:
    BedReader reader_;
    BedGraphRecord record_;
};

/// The records of a bedGraph file in its order.
/// \throws IoError, FormatError as `BedGraphReader`
inline std::vector<BedGraphRecord> read_bed_graph(const std::filesystem::path& path) {
    std::vector<BedGraphRecord> records;
    BedGraphReader reader(path);
    while (const BedGraphRecord* record = reader.next()) records.push_back(*record);
    return records;
}

}  // namespace chromatid
