// SPDX-License-Identifier: MIT
#include "scan_store.hpp"

#include "file_digest.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/io/binary_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace factornet {

using namespace chromatid;

namespace {

constexpr const char* description = "scan.json";
constexpr const char* scores_end = ".scores";

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw IoError(path.string(), "cannot open", errno);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What of two descriptions is not the same.
std::string difference(const nlohmann::ordered_json& then, const nlohmann::ordered_json& now) {
    for (const auto& [key, value] : now.items())
        if (!then.contains(key) || then[key] != value)
            return key + ", " + (then.contains(key) ? then[key].dump() : "nothing") + " then and " + value.dump() + " now";
    for (const auto& [key, value] : then.items())
        if (!now.contains(key)) return key + ", " + value.dump() + " then and nothing now";
    return "";
}

/// Removes the files that a store writes, and the folder unless others are in it.
void remove_store(const std::filesystem::path& folder, std::error_code& error) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(description) || name.find(scores_end) != std::string::npos) std::filesystem::remove(entry.path(), error);
        if (error) return;
    }
    if (!error && std::filesystem::is_empty(folder, error)) std::filesystem::remove(folder, error);
}

}  // namespace

ScanStore::ScanStore(std::filesystem::path folder, const nlohmann::ordered_json& identity, Index columns, bool resume)
    : folder_(std::move(folder)), columns_(columns) {
    Digest digest;
    digest.add(identity.dump());
    head_ = "chromatid scan " + digest.text() + "\n";
    const std::filesystem::path file = folder_ / description;
    const std::string way_out = "\n       give -o another name, or remove " + folder_.string() + " to begin anew";
    if (exists(folder_) && finished() > 0) {
        const std::string scores = std::to_string(finished()) + (finished() == 1 ? " chromosome" : " chromosomes");
        if (!resume)
            throw UsageError(folder_.string() + ": an earlier scan left the scores of " + scores +
                             "\n       go on behind them with --resume, give -o another name, or remove the folder to begin anew");
        const auto then = nlohmann::ordered_json::parse(content(file), nullptr, false);
        if (then.is_discarded()) throw FormatError(file.string(), "", "is not what a scan writes" + way_out);
        if (const std::string other = difference(then, identity); !other.empty())
            throw UsageError(folder_.string() + ": holds the scores of " + scores + " by another scan; it differs in " + other + way_out);
        return;
    }
    std::error_code error;
    std::filesystem::create_directory(folder_, error);
    if (error) throw IoError(folder_.string(), "cannot make the folder", error.value());
    OutputFile text(file);
    text.write(identity.dump(2) + "\n");
    text.commit();
}

ScanStore::~ScanStore() {
    std::error_code ignored;
    if (std::filesystem::exists(folder_, ignored) && finished() == 0) remove_store(folder_, ignored);
}

std::int64_t ScanStore::finished() const {
    std::int64_t n = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) n += entry.path().extension() == scores_end ? 1 : 0;
    return n;
}

void ScanStore::Writer::add(View<const float> scores, Index masked) {
    file_.write({reinterpret_cast<const char*>(scores.data()), scores.span().size_bytes()});
    masked_ += masked;
}

void ScanStore::Writer::commit() {
    file_.write({reinterpret_cast<const char*>(&masked_), sizeof masked_});
    file_.commit();
}

std::int64_t ScanStore::read(const ScanRegions& regions, const See& see) const {
    constexpr Index piece = 16'384;
    std::optional<detail::BinaryFile> file;
    std::uint64_t at = 0;
    std::int64_t masked = 0;
    const auto take = [&](void* to, std::size_t size) {
        file->read(at, {static_cast<std::uint8_t*>(to), size}, "scores");
        at += size;
    };
    std::vector<float> scores;
    for (std::size_t r = 0; r < regions.runs().size(); ++r) {
        const ScanRegions::Run& run = regions.runs()[r];
        if (!file) {
            file.emplace(file_of(run.chromosome));
            std::string head(head_.size(), ' ');
            at = 0;
            take(head.data(), head.size());
            if (head != head_) file->fail(0, "is not of this scan; remove it to have its chromosome scanned again");
        }
        for (Index done = 0; done < run.count; done += piece) {
            const Index count = std::min(piece, run.count - done);
            scores.resize(static_cast<std::size_t>(count * columns_));
            take(scores.data(), scores.size() * sizeof(float));
            see({run.chromosome, run.first + done * regions.bins().stride, count}, {scores.data(), {count, columns_}});
        }
        if (r + 1 < regions.runs().size() && regions.runs()[r + 1].chromosome == run.chromosome) continue;
        std::int64_t here = 0;
        take(&here, sizeof here);
        if (at != file->size()) file->fail(at, "holds more than the scores of its chromosome; remove it to have them made again");
        masked += here;
        file.reset();
    }
    return masked;
}

std::filesystem::path ScanStore::file_of(Index chromosome) const { return folder_ / (std::to_string(chromosome) + scores_end); }

void ScanStore::remove() {
    std::error_code error;
    remove_store(folder_, error);
    if (error) throw IoError(folder_.string(), "cannot remove the folder", error.value());
}

}  // namespace factornet
