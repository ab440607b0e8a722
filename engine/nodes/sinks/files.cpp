#include "engine/base/files.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/dataflow/staged_files.h"
#include "engine/nodes/sinks/shared/row_lines.h"

namespace streamwright {

namespace {

namespace fs = std::filesystem;

struct Options {
    std::string path;
    std::string format = "csv";
    bool header = true;
};

// A file per batch and logical partition that has rows, `part-<incarnation>-<epoch>-<partition>.<ext>`:
// staged beside its target, published by a rename.
class Files final : public Sink {
public:
    Files(fs::path folder, Options options) : folder_(std::move(folder)), options_(std::move(options)) {}

    Result<void> open(const SinkContext& context) override
    {
        staged_ = StagedFiles(folder_, context);
        incarnation_ = context.incarnation;
        return makeFolder(folder_);
    }

    std::unique_ptr<SinkWork> begin(const BatchContext& context, uint32_t partitions, size_t workers) override
    {
        return std::make_unique<Work>(*this, context, partitions, workers);
    }

    Result<void> publish(const Pending& pending) override
    {
        std::string_view left = pending.staged;
        while (!left.empty()) {
            const std::string_view part = left.substr(0, left.find(' '));
            left.remove_prefix(std::min(left.size(), part.size() + 1));
            const fs::path target = folder_ / fmt::format("part-{}-{:08}-{}.{}", pending.incarnation, pending.epoch.value, part, extension());
            auto published = publishFile(folder_ / stageName(pending.incarnation, pending.epoch, part), target);
            if (published) continue;
            std::error_code ignored;
            if (!fs::exists(target, ignored)) return published.error();
            return permanent(fmt::format("the file {} is already there and is not this batch's: it was written by somebody else", target.string()), "move it away, or choose another path, and run again");
        }
        return {};
    }

    Result<void> discardUndecided(Epoch lastDecided) override { return staged_.discardAfter(lastDecided); }
    std::string description() const override { return options_.format + " files in " + folder_.string(); }

private:
    class Work final : public SinkWork {
    public:
        Work(const Files& sink, const BatchContext& context, uint32_t partitions, size_t workers) : sink_(sink), lines_(sink.options_.format, context.timeZone), partitions_(partitions), gathered_(workers) {}

        void consume(const Morsel& in, size_t worker, Emitter&) override { gathered_.add(in, worker); }

        // The staged text names the partitions that have a file: "00000 00003".
        Result<std::optional<std::string>> stage(Epoch epoch) override
        {
            if (parts_.empty()) parts_ = lines_.parts(gathered_.take(), partitions_, sink_.options_.header);
            std::string staged;
            for (size_t i = 0; i < parts_.size(); ++i) {
                if (parts_[i].empty()) continue;
                const std::string part = fmt::format("{:05}", i);
                const fs::path path = sink_.folder_ / sink_.stageName(sink_.incarnation_, epoch, part);
                if (auto removed = removeAll(path); !removed) return removed.error();
                if (auto written = StagedFiles::write(path, parts_[i]); !written) return written.error();
                staged += (staged.empty() ? "" : " ") + part;
            }
            if (staged.empty()) return std::optional<std::string>();
            if (auto synced = syncFolder(sink_.folder_); !synced) return synced.error();
            return std::optional(std::move(staged));
        }

    private:
        const Files& sink_;
        RowLines lines_;
        uint32_t partitions_;
        GatheredRows gathered_;
        std::vector<std::string> parts_;
    };

    std::string_view extension() const { return options_.format; }
    std::string stageName(int64_t incarnation, Epoch epoch, std::string_view part) const { return staged_.name(incarnation, epoch, fmt::format(".{}", part)); }

    fs::path folder_;
    Options options_;
    StagedFiles staged_;
    int64_t incarnation_ = 0;
};

}

NodeType filesSink()
{
    return Declare<Options>("sink.files", Group::Sink)
        .summary("Write every batch that has rows as a CSV or JSON lines file.")
        .help("Files are named part-<incarnation>-<epoch>-<partition> and appear whole. Exactly once.")
        .input("in")
        .afterRewind("its files stay; the rows come again, in files of the next incarnation")
        .field(&Options::path, {.name = "path", .help = "Folder of the files; made if it is not there.", .kind = FieldKind::Path, .required = true, .example = Json::string("out")})
        .field(&Options::format, {.name = "format", .help = "How rows are written.", .kind = FieldKind::Choice, .fallback = Json::string("csv"), .choices = {"csv", "json"}})
        .field(&Options::header, {.name = "header", .help = "Begin each CSV file with the column names.", .kind = FieldKind::Boolean, .fallback = Json::boolean(true), .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .make([](const Options& o, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<Sink>> {
            return std::unique_ptr<Sink>(std::make_unique<Files>(context.folder / o.path, o));
        })
        .verify([](const Options& o, const Inputs&, const PlanContext& context, Probe& probe) { probeFolder(context.folder / o.path, probe); });
}

}
