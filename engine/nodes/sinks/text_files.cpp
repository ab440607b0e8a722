#include "engine/base/files.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/dataflow/staged_files.h"
#include "engine/nodes/sinks/shared/row_lines.h"

#include <fmt/core.h>

namespace streamwright {

namespace {

namespace fs = std::filesystem;

struct Options {
    std::string prefix;
    std::string suffix;
};

// Spark's saveAsTextFiles: a folder per batch, part-NNNNN per logical partition, _SUCCESS last. Staged
// beside the target under a hidden name; one rename publishes the folder. A staged folder that is gone
// was published; a target that stands while the staged folder does too is somebody else's.
class TextFiles final : public Sink {
public:
    TextFiles(fs::path prefix, std::string suffix) : prefix_(std::move(prefix)), suffix_(std::move(suffix)) {}

    Result<void> open(const SinkContext& context) override
    {
        staged_ = StagedFiles(prefix_.has_parent_path() ? prefix_.parent_path() : fs::path("."), context);
        incarnation_ = context.incarnation;
        return makeFolder(staged_.folder());
    }

    std::unique_ptr<SinkWork> begin(const BatchContext& context, uint32_t partitions, size_t workers) override
    {
        return std::make_unique<Work>(*this, context, partitions, workers);
    }

    Result<void> publish(const Pending& pending) override
    {
        auto published = publishFile(staged_.folder() / pending.staged, target(pending.batchTime));
        if (published) return {};
        std::error_code ignored;
        if (!fs::exists(target(pending.batchTime), ignored)) return published.error();
        return permanent(fmt::format("the folder {} is already there and is not this batch's: it was written by somebody else, or before the checkpoint was rewound", target(pending.batchTime).string()), "move it away, or choose another prefix, and run again");
    }

    Result<void> discardUndecided(Epoch lastDecided) override { return staged_.discardAfter(lastDecided); }

    std::string description() const override { return "text files " + prefix_.string() + "-*"; }

private:
    class Work final : public SinkWork {
    public:
        Work(const TextFiles& sink, const BatchContext& context, uint32_t partitions, size_t workers) : sink_(sink), lines_("text", context.timeZone), partitions_(partitions), gathered_(workers) {}

        void consume(const Morsel& in, size_t worker, Emitter&) override { gathered_.add(in, worker); }

        Result<std::optional<std::string>> stage(Epoch epoch) override
        {
            if (parts_.empty()) parts_ = lines_.parts(gathered_.take(), partitions_, false);
            const std::string name = sink_.staged_.name(sink_.incarnation_, epoch);
            const fs::path folder = sink_.staged_.folder() / name;
            if (auto removed = removeAll(folder); !removed) return removed.error();
            if (auto made = makeFolder(folder); !made) return made.error();
            for (size_t i = 0; i < parts_.size(); ++i) {
                if (auto written = StagedFiles::write(folder / fmt::format("part-{:05}", i), parts_[i]); !written) return written.error();
            }
            if (auto written = StagedFiles::write(folder / "_SUCCESS", ""); !written) return written.error();
            if (auto synced = syncFolder(folder); !synced) return synced.error();
            if (auto synced = syncFolder(sink_.staged_.folder()); !synced) return synced.error();
            return std::optional(name);
        }

    private:
        const TextFiles& sink_;
        RowLines lines_;
        uint32_t partitions_;
        GatheredRows gathered_;
        std::vector<std::string> parts_;
    };

    fs::path target(Timestamp batchTime) const
    {
        const std::string stem = prefix_.filename().string();
        return staged_.folder() / fmt::format("{}{}{}{}", stem.empty() ? "" : stem + "-", batchTime.millis(), suffix_.empty() ? "" : ".", suffix_);
    }

    fs::path prefix_;
    std::string suffix_;
    StagedFiles staged_;
    int64_t incarnation_ = 0;
};

}

NodeType textFilesSink()
{
    return Declare<Options>("sink.text_files", Group::Sink)
        .summary("Save every batch as a folder of text files, as Spark's saveAsTextFiles.")
        .help("Each batch makes the folder prefix-TIME_IN_MS[.suffix] with part-00000 … and _SUCCESS, also when it is empty. Exactly once.")
        .input("in")
        .afterRewind("its folders stay; the rows come again, in folders of later batch times")
        .field(&Options::prefix, {.name = "prefix", .help = "Folder and first part of the name of each batch's folder.", .kind = FieldKind::Path, .required = true, .example = Json::string("out/counts")})
        .field(&Options::suffix, {.name = "suffix", .help = "Last part of the name, after a dot.", .kind = FieldKind::Text, .example = Json::string("txt")})
        .check([](const Options& o) -> std::vector<FieldError> {
            if (o.suffix.find_first_of(std::string_view("/\0", 2)) == std::string::npos) return {};
            return {{"suffix", "suffix must be part of a name, but holds a / or a NUL character", "folders belong to the prefix"}};
        })
        .make([](const Options& o, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<Sink>> {
            return std::unique_ptr<Sink>(std::make_unique<TextFiles>(context.folder / o.prefix, o.suffix));
        })
        .verify([](const Options& o, const Inputs&, const PlanContext& context, Probe& probe) { probeFolder((context.folder / o.prefix).parent_path(), probe); });
}

}
