#include "engine/base/files.h"
#include "engine/nodes/sources/shared/watched_files.h"

namespace streamwright {

namespace {

using Options = WatchOptions;

constexpr int64_t kPieceBytes = 2 << 20;

class LocalFile final : public PlacedFile {
public:
    explicit LocalFile(File file) : file_(std::move(file)) {}
    Result<size_t> readAt(int64_t offset, char* into, size_t size) override { return file_.readAt(offset, into, size); }

private:
    File file_;
};

class LocalFiles final : public FilePlace {
public:
    LocalFiles(std::string folder, std::string pattern) : folder_(std::move(folder)), pattern_(std::move(pattern)) {}

    Result<Listing> list() override
    {
        auto listing = listFiles(folder_, pattern_);
        if (listing && listing->folders != folders_) {
            // Watched first, listed then: nothing that arrives in between is missed.
            folders_ = listing->folders;
            watch_.watch(folders_);
            listing = listFiles(folder_, pattern_);
        }
        return listing;
    }

    bool changed() override { return watch_.changed(); }

    Result<std::unique_ptr<PlacedFile>> open(const FoundFile& listed) override
    {
        // A file that does not open is looked at again, to tell one that has vanished from one that must not be read.
        auto opened = File::read(listed.path);
        if (!opened) {
            if (std::error_code gone; !std::filesystem::exists(listed.path, gone)) return std::unique_ptr<PlacedFile>();
            return transient(opened.error().message, opened.error().hint);
        }
        if (opened->size() < listed.size) return std::unique_ptr<PlacedFile>();
        return std::unique_ptr<PlacedFile>(std::make_unique<LocalFile>(std::move(*opened)));
    }

    std::string whyMissing() const override
    {
        std::error_code none;
        const bool file = std::filesystem::is_regular_file(folder_, none);
        return file ? "a file is there instead; name its folder, and the file in `pattern`" : "there is none of this name yet";
    }

    Result<std::unique_ptr<PlacedFile>> openPlanned(const FoundFile& planned, int64_t, int64_t, const StopToken*) const override
    {
        auto file = File::read(planned.path);
        auto now = statFile(planned.path);
        if (file && now && (now->size > planned.size || *now == planned)) return std::unique_ptr<PlacedFile>(std::make_unique<LocalFile>(std::move(*file)));
        return isAnotherFile(planned, now ? fmt::format("is another one now ({} bytes)", now->size) : "cannot be read any more");
    }

    int64_t pieceBytes() const override { return kPieceBytes; }
    const std::string& folder() const override { return folder_; }
    std::string description() const override { return "directory " + folder_; }

private:
    std::string folder_;
    std::string pattern_;
    DirectoryWatch watch_;
    std::vector<std::string> folders_;
};

std::unique_ptr<FilePlace> placeOf(const Options& options, const PlanContext& context) { return std::make_unique<LocalFiles>((context.folder / options.path).lexically_normal().string(), options.pattern); }

}

NodeType directorySource()
{
    Declare<Options> declare("source.directory", Group::Source);
    declare.summary("Read the files that arrive in a folder.")
        .help("Every file is read once, in the order of modification time and name, and remembered across restarts. Write files "
              "elsewhere on the same disk and move them in: a file must be whole when it appears, and one that changes is read again "
              "as a new file. Names that start with . or _ are passed over.")
        .output("out")
        .rejects()
        .field(&Options::path, {.name = "path", .help = "The folder, or a glob of folders.", .kind = FieldKind::Glob, .required = true, .example = Json::string("incoming")});
    declareWatchFields(declare);
    declare
        .check([](const Options& options) {
            std::vector<FieldError> errors = checkWatchOptions(options);
            if (options.path.empty()) errors.push_back({"path", "path must name a folder, but is empty", {}});
            return errors;
        })
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return recordSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<ReplayableSource>> {
            return watchedFiles(options, context, placeOf(options, context));
        })
        .verify([](const Options& options, const Inputs&, const PlanContext& context, Probe& probe) { probeFiles(options, context, placeOf(options, context), probe); });
    return declare;
}

}
