#include "engine/base/clock.h"
#include "engine/nodes/hdfs_options.h"
#include "engine/nodes/sources/shared/watched_files.h"

#include <fnmatch.h>

namespace streamwright {

namespace {

struct Options : WatchOptions, HdfsOptions {};

constexpr int64_t kPieceBytes = 8 << 20;
// Behind a piece, for the line that goes on beyond it.
constexpr int64_t kBeyond = 64 << 10;
// HDFS tells nobody that a file has come.
constexpr int64_t kLookNanos = 500'000'000;

FoundFile foundFile(std::string path, const HdfsStatus& status) { return {std::move(path), status.length, status.modified * 1'000'000}; }

// Reads large parts of a file at once: each is two requests.
class HdfsFile final : public PlacedFile {
public:
    HdfsFile(std::shared_ptr<const WebHdfs> hdfs, FoundFile file, int64_t from, int64_t to, const StopToken* stop)
        : hdfs_(std::move(hdfs)), file_(std::move(file)), part_(to - from + kBeyond), stop_(stop)
    {
    }

    Result<size_t> readAt(int64_t offset, char* into, size_t size) override
    {
        size = std::min(size, static_cast<size_t>(std::max<int64_t>(file_.size - offset, 0)));
        const auto held = static_cast<int64_t>(bytes_.size());
        if (offset < begin_ || offset + static_cast<int64_t>(size) > begin_ + held) {
            auto read = hdfs_->read(file_.path, offset, std::min(std::max<int64_t>(part_, static_cast<int64_t>(size)), file_.size - offset), stop_);
            if (!read) return gone(read.error());
            bytes_ = std::move(*read);
            begin_ = offset;
            size = std::min(size, bytes_.size());
        }
        std::memcpy(into, bytes_.data() + (offset - begin_), size);
        return size;
    }

    Result<void> finish() override { return check(*hdfs_, file_); }

    // That the file is still the one that was planned.
    static Result<void> check(const WebHdfs& hdfs, const FoundFile& planned)
    {
        const auto now = hdfs.status(planned.path);
        if (!now) return now.error();
        if (!*now) return isAnotherFile(planned, "is not there any more");
        if (foundFile(planned.path, **now) != planned) return isAnotherFile(planned, fmt::format("is another one now ({} bytes)", (*now)->length));
        return {};
    }

private:
    // A file that vanished while it was read is told as such.
    Error gone(const Error& error) const
    {
        if (error.kind != ErrorKind::Permanent) return error;
        const auto checked = check(*hdfs_, file_);
        return checked ? error : checked.error();
    }

    std::shared_ptr<const WebHdfs> hdfs_;
    FoundFile file_;
    int64_t part_;
    const StopToken* stop_;
    int64_t begin_ = 0;
    std::string bytes_;
};

class HdfsFiles final : public FilePlace {
public:
    HdfsFiles(std::shared_ptr<const WebHdfs> hdfs, std::string pattern) : hdfs_(std::move(hdfs)), pattern_(std::move(pattern)), folder_(hdfs_->url().text()) {}

    Result<Listing> list() override
    {
        looked_ = steadyNanos();
        Listing listing;
        auto folders = foldersOf(hdfs_->url().path);
        if (!folders) return folders.error();
        isFile_ = false;
        for (const std::string& folder : *folders) {
            auto entries = hdfs_->list(folder);
            if (!entries) return entries.error();
            if (!*entries) continue;
            isFile_ = (*entries)->size() == 1 && (*entries)->front().name.empty();
            if (isFile_) continue;
            listing.folders.push_back(folder);
            for (const HdfsStatus& entry : **entries) {
                if (entry.folder || entry.name.starts_with('.') || entry.name.starts_with('_')) continue;
                if (!pattern_.empty() && ::fnmatch(pattern_.c_str(), entry.name.c_str(), 0) != 0) continue;
                listing.files.push_back(foundFile(belowHdfs(folder, entry.name), entry));
            }
        }
        std::ranges::sort(listing.files, [](const FoundFile& a, const FoundFile& b) { return a.modified != b.modified ? a.modified < b.modified : a.path < b.path; });
        return listing;
    }

    bool changed() override { return steadyNanos() - looked_ >= kLookNanos; }

    Result<std::unique_ptr<PlacedFile>> open(const FoundFile& listed) override
    {
        const auto now = hdfs_->status(listed.path);
        if (!now) return now.error();
        if (!*now || foundFile(listed.path, **now) != listed) return std::unique_ptr<PlacedFile>();
        return std::unique_ptr<PlacedFile>(std::make_unique<HdfsFile>(hdfs_, listed, 0, kPieceBytes, nullptr));
    }

    std::string whyMissing() const override { return isFile_ ? "a file is there instead; name its folder, and the file in `pattern`" : "there is none of this name yet"; }

    Result<std::unique_ptr<PlacedFile>> openPlanned(const FoundFile& planned, int64_t from, int64_t to, const StopToken* stop) const override
    {
        if (auto same = HdfsFile::check(*hdfs_, planned); !same) return same.error();
        return std::unique_ptr<PlacedFile>(std::make_unique<HdfsFile>(hdfs_, planned, from, to, stop));
    }

    int64_t pieceBytes() const override { return kPieceBytes; }
    const std::string& folder() const override { return folder_; }
    Readings readings() const override { return hdfs_->readings(); }
    std::string description() const override { return "files of " + folder_; }

private:
    // The folders that fit: name by name of the path, only those with a sign of a glob are looked for.
    Result<std::vector<std::string>> foldersOf(std::string_view path) const
    {
        std::vector<std::string> found{"/"};
        while (path.size() > 1) {
            path.remove_prefix(1);
            const std::string name(path.substr(0, path.find('/')));
            path.remove_prefix(name.size());
            std::vector<std::string> next;
            for (const std::string& folder : found) {
                if (name.find_first_of("*?[") == std::string::npos) {
                    next.push_back(belowHdfs(folder, name));
                    continue;
                }
                auto entries = hdfs_->list(folder);
                if (!entries) return entries.error();
                if (!*entries) continue;
                for (const HdfsStatus& entry : **entries) {
                    const bool hidden = entry.name.starts_with('.') || entry.name.starts_with('_');
                    if (entry.folder && !hidden && ::fnmatch(name.c_str(), entry.name.c_str(), FNM_PERIOD) == 0) next.push_back(belowHdfs(folder, entry.name));
                }
            }
            found = std::move(next);
        }
        return found;
    }

    std::shared_ptr<const WebHdfs> hdfs_;
    std::string pattern_;
    std::string folder_;
    int64_t looked_ = 0;
    std::atomic<bool> isFile_{false};
};

Checked<std::unique_ptr<FilePlace>> placeOf(const Options& options)
{
    auto url = parseHdfsUrl(options.path);
    if (!url) return inField("path", url.error());
    return std::unique_ptr<FilePlace>(std::make_unique<HdfsFiles>(hdfsOf(options, *url), options.pattern));
}

}

NodeType hdfsSource()
{
    Declare<Options> declare("source.hdfs", Group::Source);
    declare.summary("Read the files that arrive in a folder of HDFS.")
        .help("Every file is read once, whole, in the order of modification time and name, and remembered across restarts. Asks the "
              "name nodes over WebHDFS; of two, the one that is active. Write files elsewhere and rename them into the folder: a file "
              "must be whole when it appears, and one that changes is read again as a new file. Names that start with . or _ are "
              "passed over.")
        .output("out")
        .rejects()
        .field(static_cast<std::string Options::*>(&Options::path), {.name = "path", .help = "hdfs://[user@]host:port[,host:port]/folder, or a glob of folders; the ports are those of the name nodes' web pages (9870).", .kind = FieldKind::Text, .required = true, .example = Json::string("hdfs://namenode:9870/incoming")});
    declareWatchFields(declare);
    declareHdfsFields(declare);
    declare
        .check([](const Options& options) {
            std::vector<FieldError> errors = checkWatchOptions(options);
            std::ranges::move(checkHdfsOptions(options, "path", options.path), std::back_inserter(errors));
            return errors;
        })
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return recordSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<ReplayableSource>> {
            auto place = placeOf(options);
            if (!place) return place.error();
            return watchedFiles(options, context, std::move(*place));
        })
        .verify([](const Options& options, const Inputs&, const PlanContext& context, Probe& probe) {
            const auto url = parseHdfsUrl(options.path);
            auto place = placeOf(options);
            if (!url || !place || !probeHdfs(*hdfsOf(options, *url), probe)) return;
            probeFiles(options, context, std::move(*place), probe);
        });
    return declare;
}

}
