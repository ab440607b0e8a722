#include "engine/nodes/sources/shared/watched_files.h"

#include "engine/formats/text.h"
#include "engine/nodes/sources/shared/arrived_files.h"
#include "engine/nodes/sources/shared/first_rows.h"

namespace streamwright {

namespace {

class WatchedFiles final : public ReplayableSource {
public:
    WatchedFiles(WatchOptions options, std::unique_ptr<FilePlace> place, FileFormat format)
        : options_(std::move(options)), place_(std::move(place)), format_(std::move(format)), arrived_(options_.forgetAfter), pieces_(place_->pieceBytes())
    {
    }

    Result<void> open(const SourceContext& context) override
    {
        if (context.continued || options_.existing == "read") return {};
        auto listing = place_->list();
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
        FileCut cut(format_, *place_, limit.rows, limit.all ? 0 : options_.maxFiles);
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

    Result<void> read(const Range& range, size_t piece, const BatchContext& context, Emitter& out) override
    {
        const auto pieces = pieces_.of(range, format_);
        return pieces ? readPiece((*pieces)->at(piece), format_, *place_, context.stop, out) : pieces.error();
    }

    bool ended(const Offset& at) const override { return nothingAfter_ == at; }

    bool hasMore(const Offset&) override
    {
        // Asked more than once before the next plan: what the watch told once stays true until the folder is listed.
        if (arrived_.anyWaiting() || blind_ || changed_) return true;
        if (!place_->changed()) return false;
        changed_ = true;
        return true;
    }

    std::string status() const override
    {
        if (!missing_) return arrived_.leftOut();
        return fmt::format("waiting for the folder {}: {}", place_->folder(), place_->whyMissing());
    }
    std::string description() const override { return place_->description(); }
    Readings readings() const override { return place_->readings(); }

private:
    // Lists the folder when something changed in it.
    Result<void> look()
    {
        if (!blind_ && !std::exchange(changed_, false) && !place_->changed()) return {};
        auto listing = place_->list();
        if (!listing) {
            changed_ = true;
            return listing.error();
        }
        missing_ = listing->folders.empty();
        blind_ = false;
        arrived_.found(listing->files);
        return {};
    }

    WatchOptions options_;
    std::unique_ptr<FilePlace> place_;
    FileFormat format_;
    ArrivedFiles arrived_;
    std::string start_;                     // the offset of a fresh run
    bool blind_ = true;                     // not listed yet
    bool changed_ = false;
    std::atomic<bool> missing_{false};
    std::optional<Offset> nothingAfter_;
    FilePieces pieces_;
};

}

Error isAnotherFile(const FoundFile& planned, const std::string& is)
{
    return permanent(fmt::format("{} had {} bytes when it was put into this batch, and {}", planned.path, planned.size, is), "put the file back as it was, or start with a fresh checkpoint");
}

std::vector<FieldError> checkWatchOptions(const WatchOptions& options)
{
    std::vector<FieldError> errors = checkRecordOptions(options);
    if (options.forgetAfter.micros <= 0) errors.push_back({"forget_after", "forget_after must be longer than nothing, but is " + printDuration(options.forgetAfter), {}});
    return errors;
}

std::unique_ptr<ReplayableSource> watchedFiles(const WatchOptions& options, const PlanContext& context, std::unique_ptr<FilePlace> place)
{
    FileFormat format{.schema = options.schema ? std::make_shared<const Schema>(*options.schema) : textSchema(), .csv = csvFormat(options, context)};
    if (options.format == "csv") format.header = options.header, format.wholeFiles = options.multiLine, format.isCsv = true;
    else format.decoder = recordDecoder(options, context);
    return std::make_unique<WatchedFiles>(options, std::move(place), std::move(format));
}

void probeFiles(WatchOptions options, const PlanContext& context, std::unique_ptr<FilePlace> place, Probe& probe)
{
    const auto listing = place->list();
    Result<std::string> found = listing ? Result<std::string>(fmt::format("{} folders fit", listing->folders.size())) : listing.error();
    if (listing && listing->folders.size() == 1) found = listing->folders.front();
    if (listing && listing->folders.empty()) found = transient("there is none of this name yet", "the run would wait for it");
    if (!probe.step("find the folder " + place->folder(), found)) return;
    const size_t files = listing->files.size();
    probe.step(options.pattern.empty() ? std::string("find files") : "find files that fit " + options.pattern, files == 0 ? std::string("there are none yet") : fmt::format("{} file{}, the newest {}", files, files == 1 ? "" : "s", listing->files.back().path));
    if (files == 0) return;
    // What is there is looked at, also when the run would leave it aside.
    options.existing = "read";
    probeFirstRows(*watchedFiles(options, context, std::move(place)), probe);
}

}
