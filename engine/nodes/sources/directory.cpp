#include "engine/formats/text.h"
#include "engine/nodes/record_options.h"
#include "engine/nodes/sources/shared/arrived_files.h"
#include "engine/nodes/sources/shared/file_pieces.h"
#include "engine/nodes/sources/shared/first_rows.h"
#include "engine/transport/directory_watch.h"

namespace streamwright {

namespace {

struct Options : RecordOptions {
    std::string path;
    std::string pattern;
    bool header = true;
    bool multiLine = false;
    std::string existing = "read";
    int64_t maxFiles = 0;
    Duration forgetAfter = seconds(7 * 24 * 3600);
};

class Directory final : public ReplayableSource {
public:
    Directory(Options options, std::string folder, FileFormat format)
        : options_(std::move(options)), folder_(std::move(folder)), format_(std::move(format)), arrived_(options_.forgetAfter)
    {
    }

    Result<void> open(const SourceContext& context) override
    {
        if (context.continued || options_.existing == "read") return {};
        auto listing = listFiles(folder_, options_.pattern);
        if (!listing) return listing.error();
        start_ = arrived_.withAll(listing->files);
        return {};
    }

    Result<Range> plan(const Offset& from, const ReadLimit& limit, Timestamp) override
    {
        if (auto known = arrived_.goTo(from.text.empty() ? start_ : from.text); !known) return known.error();
        if (auto looked = look(); !looked) return looked.error();
        if (!arrived_.anyWaiting()) {
            nothingAfter_ = from;
            return Range{from, from};
        }
        nothingAfter_.reset();
        FileCut cut(format_, limit.rows, limit.all ? 0 : options_.maxFiles);
        while (auto file = arrived_.next()) {
            auto until = cut.take(*file);
            if (!until) return until.error();
            if (!*until) arrived_.drop();
            else arrived_.took(*file, **until);
            if (cut.full()) break;
        }
        if (cut.segments().empty()) return Range{from, from};
        return Range{from, Offset{arrived_.text()}, segmentsText(cut.segments()), cut.rows()};
    }

    size_t pieces(const Range& range) const override
    {
        const auto pieces = pieces_.of(range, format_);
        // The error is met again, and reported, by read.
        return pieces ? (*pieces)->size() : 1;
    }

    Result<void> read(const Range& range, size_t piece, const BatchContext&, Emitter& out) override
    {
        const auto pieces = pieces_.of(range, format_);
        return pieces ? readPiece((*pieces)->at(piece), format_, out) : pieces.error();
    }

    bool ended(const Offset& at) const override { return nothingAfter_ == at; }

    bool hasMore(const Offset&) override
    {
        // Asked more than once before the next plan: what the watch told once stays true until the folder is listed.
        if (arrived_.anyWaiting() || blind_ || changed_) return true;
        if (!watch_.changed()) return false;
        changed_ = true;
        return true;
    }

    std::string status() const override
    {
        if (!missing_) return arrived_.leftOut();
        std::error_code none;
        const bool file = std::filesystem::is_regular_file(folder_, none);
        return fmt::format("waiting for the folder {}: {}", folder_, file ? "a file is there instead; name its folder, and the file in `pattern`" : "there is none of this name yet");
    }
    std::string description() const override { return "directory " + folder_; }

private:
    // Lists the folder when something changed in it.
    Result<void> look()
    {
        if (!blind_ && !std::exchange(changed_, false) && !watch_.changed()) return {};
        auto listing = listFiles(folder_, options_.pattern);
        if (!listing) return listing.error();
        if (listing->folders != folders_) {
            // Watched first, listed then: nothing that arrives in between is missed.
            folders_ = listing->folders;
            watch_.watch(folders_);
            listing = listFiles(folder_, options_.pattern);
            if (!listing) return listing.error();
        }
        missing_ = folders_.empty();
        blind_ = false;
        arrived_.found(listing->files);
        return {};
    }

    Options options_;
    std::string folder_;
    FileFormat format_;
    ArrivedFiles arrived_;
    std::string start_;                     // the offset of a fresh run
    DirectoryWatch watch_;
    std::vector<std::string> folders_;
    bool blind_ = true;                     // not listed yet
    bool changed_ = false;
    std::atomic<bool> missing_{false};
    std::optional<Offset> nothingAfter_;
    FilePieces pieces_;
};

std::string folderOf(const Options& options, const PlanContext& context) { return (context.folder / options.path).lexically_normal().string(); }

std::unique_ptr<ReplayableSource> makeDirectory(const Options& options, const PlanContext& context)
{
    FileFormat format{.schema = options.schema ? std::make_shared<const Schema>(*options.schema) : textSchema(), .csv = csvFormat(options, context)};
    if (options.format == "csv") format.header = options.header, format.wholeFiles = options.multiLine, format.isCsv = true;
    else format.decoder = recordDecoder(options, context);
    return std::make_unique<Directory>(options, folderOf(options, context), std::move(format));
}

void verifyDirectory(Options options, const PlanContext& context, Probe& probe)
{
    const std::string folder = folderOf(options, context);
    const auto listing = listFiles(folder, options.pattern);
    Result<std::string> found = listing ? Result<std::string>(fmt::format("{} folders fit", listing->folders.size())) : listing.error();
    if (listing && listing->folders.size() == 1) found = listing->folders.front();
    if (listing && listing->folders.empty()) found = transient("there is none of this name yet", "the run would wait for it");
    if (!probe.step("find the folder " + folder, found)) return;
    const size_t files = listing->files.size();
    probe.step(options.pattern.empty() ? std::string("find files") : "find files that fit " + options.pattern, files == 0 ? std::string("there are none yet") : fmt::format("{} file{}, the newest {}", files, files == 1 ? "" : "s", listing->files.back().path));
    if (files == 0) return;
    // What is there is looked at, also when the run would leave it aside.
    options.existing = "read";
    probeFirstRows(*makeDirectory(options, context), probe);
}

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
        .field(&Options::path, {.name = "path", .help = "The folder, or a glob of folders.", .kind = FieldKind::Glob, .required = true, .example = Json::string("incoming")})
        .field(&Options::pattern, {.name = "pattern", .help = "A glob that file names must fit; empty: all.", .kind = FieldKind::Text, .fallback = Json::string(""), .example = Json::string("*.csv")});
    declareRecordFields(declare);
    declare
        .field(&Options::header, {.name = "header", .help = "The first line of each CSV file names its columns.", .kind = FieldKind::Boolean, .fallback = Json::boolean(true), .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .field(&Options::multiLine, {.name = "multi_line", .help = "Quoted CSV fields may hold line ends; a file is then read by one worker.", .kind = FieldKind::Boolean, .fallback = Json::boolean(false), .advanced = true, .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .field(&Options::existing, {.name = "existing", .help = "What to do with the files that are there when the stream first starts.", .kind = FieldKind::Choice, .fallback = Json::string("read"), .choices = {"read", "ignore"}})
        .field(&Options::maxFiles, {.name = "max_files", .help = "At most so many files in a batch; 0: no limit. With the trigger once the batch takes all.", .kind = FieldKind::Integer, .fallback = Json::integer(0), .unit = "files", .least = 0, .advanced = true})
        .field(&Options::forgetAfter, {.name = "forget_after", .help = "Files this much older than the newest one read are left out, and need not be remembered.", .kind = FieldKind::Duration, .fallback = Json::string("7d"), .advanced = true})
        .check([](const Options& options) {
            std::vector<FieldError> errors = checkRecordOptions(options);
            if (options.path.empty()) errors.push_back({"path", "path must name a folder, but is empty", {}});
            if (options.forgetAfter.micros <= 0) errors.push_back({"forget_after", "forget_after must be longer than nothing, but is " + printDuration(options.forgetAfter), {}});
            return errors;
        })
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return recordSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<ReplayableSource>> {
            return makeDirectory(options, context);
        })
        .verify([](const Options& options, const Inputs&, const PlanContext& context, Probe& probe) { verifyDirectory(options, context, probe); });
    return declare;
}

}
