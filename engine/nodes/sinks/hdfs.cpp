#include "engine/dataflow/gathered_rows.h"
#include "engine/nodes/hdfs_options.h"
#include "engine/nodes/sinks/shared/row_lines.h"

#include <charconv>
#include <random>

namespace streamwright {

namespace {

struct Options : HdfsOptions {
    std::string prefix;
    std::string suffix;
    std::string format = "text";
    bool header = true;
    std::string existing = "fail";
};

std::string randomName()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

std::string parentOf(const std::string& path) { return path.rfind('/') == 0 ? "/" : path.substr(0, path.rfind('/')); }

// A folder per batch, as sink.text_files: staged beside the targets under .streamwright, where one rename takes it from. A staged
// folder that is gone was published; each attempt to stage has a folder of its own, since what a cut-off one left is not known.
class Hdfs final : public Sink {
public:
    Hdfs(std::shared_ptr<const WebHdfs> hdfs, Options options)
        : hdfs_(std::move(hdfs)), options_(std::move(options)), prefix_(hdfs_->url().path), parent_(parentOf(prefix_))
    {
    }

    Result<void> open(const SinkContext& context) override
    {
        incarnation_ = context.incarnation;
        temporary_ = context.checkpointId.empty();
        const std::string whose = temporary_ ? "run-" + randomName() : context.checkpointId;
        run_ = belowHdfs(parent_, ".streamwright/" + whose);
        stages_ = belowHdfs(run_, context.node.name);
        return hdfs_->makeFolder(stages_);
    }

    std::unique_ptr<SinkWork> begin(const BatchContext& context, uint32_t partitions, size_t workers) override
    {
        return std::make_unique<Work>(*this, context, partitions, workers);
    }

    Result<void> publish(const Pending& pending) override
    {
        const std::string stage = belowHdfs(stages_, pending.staged);
        const std::string target = targetOf(pending.batchTime);
        auto renamed = hdfs_->rename(stage, target);
        if (!renamed) return renamed.error();
        switch (*renamed) {
            case WebHdfs::Renamed::Done: return {};
            case WebHdfs::Renamed::NoSource: return wasPublished(target);
            case WebHdfs::Renamed::Taken: break;
        }
        if (options_.existing == "replace") return replace(stage, target);
        return permanent(fmt::format("{} is already there and is not this batch's: it was written by somebody else, or before the checkpoint was rewound", hdfs_->url().at(target)),
                         "move it away, choose another prefix, or set existing to replace, and run again");
    }

    // One epoch at most is decided and not published: the last one.
    Result<void> discardUndecided(Epoch lastDecided) override
    {
        auto stages = hdfs_->list(stages_);
        if (!stages) return stages.error();
        if (!*stages) return {};
        for (const HdfsStatus& each : **stages) {
            const size_t dash = each.name.find('-');
            int64_t epoch = -1;
            if (dash != std::string::npos) std::from_chars(each.name.data() + dash + 1, each.name.data() + each.name.size(), epoch);
            if (epoch == lastDecided.value) continue;
            if (auto gone = hdfs_->remove(belowHdfs(stages_, each.name)); !gone) return gone;
        }
        return {};
    }

    void close() override
    {
        if (temporary_ && !run_.empty()) (void)hdfs_->remove(run_);
    }

    Readings readings() const override { return hdfs_->readings(); }
    std::string description() const override { return "folders " + hdfs_->url().text() + "-*"; }

private:
    class Work final : public SinkWork {
    public:
        Work(const Hdfs& sink, const BatchContext& context, uint32_t partitions, size_t workers) : sink_(sink), lines_(sink.options_.format, context.timeZone), partitions_(partitions), gathered_(workers) {}

        void consume(const Morsel& in, size_t worker, Emitter&) override { gathered_.add(in, worker); }

        Result<std::optional<std::string>> stage(Epoch epoch) override
        {
            if (parts_.empty()) parts_ = lines_.parts(gathered_.take(), partitions_, sink_.options_.header);
            const std::string name = fmt::format("{}-{}-{}", sink_.incarnation_, epoch.value, randomName());
            const std::string folder = belowHdfs(sink_.stages_, name);
            auto written = write(folder);
            if (written) return std::optional(name);
            // Also told by the next start, where this fails too.
            (void)sink_.hdfs_->remove(folder);
            return written.error();
        }

    private:
        Result<void> write(const std::string& folder)
        {
            if (auto made = sink_.hdfs_->makeFolder(folder); !made) return made;
            for (size_t i = 0; i < parts_.size(); ++i) {
                if (auto done = sink_.hdfs_->write(belowHdfs(folder, fmt::format("part-{:05}", i)), parts_[i]); !done) return done;
            }
            return sink_.hdfs_->write(belowHdfs(folder, "_SUCCESS"), {});
        }

        const Hdfs& sink_;
        RowLines lines_;
        uint32_t partitions_;
        GatheredRows gathered_;
        std::vector<std::string> parts_;
    };

    // The staged folder is not there: it was published, unless all that was staged has been removed.
    Result<void> wasPublished(const std::string& target)
    {
        auto stages = hdfs_->status(stages_);
        if (!stages) return stages.error();
        if (*stages) return {};
        return permanent(fmt::format("{} is gone, and with it what was staged for {}", hdfs_->url().at(stages_), target), "who removed it may have removed published output too");
    }

    // Moves away what stands at the target. What is moved may be this batch's own output, when another process that took over
    // published it since; a folder keeps its number when it is renamed.
    Result<void> replace(const std::string& stage, const std::string& target)
    {
        auto ours = hdfs_->status(stage);
        if (!ours) return ours.error();
        if (!*ours) return wasPublished(target);
        const std::string aside = belowHdfs(stages_, fmt::format("replaced-{}", (*ours)->id));
        if (auto gone = hdfs_->remove(aside); !gone) return gone;
        if (auto moved = hdfs_->rename(target, aside); !moved) return moved.error();
        auto old = hdfs_->status(aside);
        if (!old) return old.error();
        const bool wasOurs = *old && (*old)->id == (*ours)->id;
        auto renamed = hdfs_->rename(wasOurs ? aside : stage, target);
        if (!renamed) return renamed.error();
        if (*renamed == WebHdfs::Renamed::Taken) return transient(fmt::format("{} is written by somebody else at the same time", hdfs_->url().at(target)));
        return wasOurs ? Result<void>() : hdfs_->remove(aside);
    }

    std::string targetOf(Timestamp batchTime) const
    {
        const std::string stem = prefix_.substr(prefix_.rfind('/') + 1);
        return belowHdfs(parent_, fmt::format("{}{}{}{}{}", stem, stem.empty() ? "" : "-", batchTime.millis(), options_.suffix.empty() ? "" : ".", options_.suffix));
    }

    std::shared_ptr<const WebHdfs> hdfs_;
    Options options_;
    std::string prefix_;
    std::string parent_;
    std::string run_;           // folder of all that this checkpoint stages
    std::string stages_;        // and of this node
    int64_t incarnation_ = 0;
    bool temporary_ = false;    // no checkpoint: nobody comes back for it
};

// Whether a file can be made and written there, or in the nearest folder above that exists.
Result<std::string> tryToWrite(const WebHdfs& hdfs, std::string folder)
{
    for (;;) {
        auto there = hdfs.status(folder);
        if (!there) return there.error();
        if (*there && !(*there)->folder) return permanent(fmt::format("{} is a file", folder), "name a folder");
        if (*there || folder == "/") break;
        folder = parentOf(folder);
    }
    const std::string file = belowHdfs(folder, ".streamwright-verify-" + randomName());
    const auto written = hdfs.write(file, "may be removed\n");
    const auto gone = hdfs.remove(file);
    if (!written) return written.error();
    if (!gone) return gone.error();
    return "a file was written in " + folder + " and removed";
}

std::vector<FieldError> checkSink(const Options& o)
{
    std::vector<FieldError> errors = checkHdfsOptions(o, "prefix", o.prefix);
    if (o.suffix.find_first_of(std::string_view("/\0", 2)) != std::string::npos) errors.push_back({"suffix", "suffix must be part of a name, but holds a / or a NUL character", "folders belong to the prefix"});
    return errors;
}

Checked<std::shared_ptr<const WebHdfs>> reached(const Options& o)
{
    auto url = parseHdfsUrl(o.prefix);
    if (!url) return inField("prefix", url.error());
    return hdfsOf(o, *url);
}

}

NodeType hdfsSink()
{
    Declare<Options> declare("sink.hdfs", Group::Sink);
    declare.summary("Save every batch as a folder of text files in HDFS, as Spark's saveAsTextFiles.")
        .help("Each batch makes the folder prefix-TIME_IN_MS[.suffix] with part-00000 … and _SUCCESS, also when it is empty. It is "
              "written below .streamwright beside it, and one rename makes it visible: exactly once. Asks the name nodes over WebHDFS; "
              "of two, the one that is active.")
        .input("in")
        .afterRewind("its folders stay; the rows come again, in folders of later batch times")
        .field(&Options::prefix, {.name = "prefix", .help = "hdfs://[user@]host:port[,host:port]/folder/name: folder and first part of the name of each batch's folder; the ports are those of the name nodes' web pages (9870).", .kind = FieldKind::Text, .required = true, .example = Json::string("hdfs://namenode:9870/out/counts")})
        .field(&Options::suffix, {.name = "suffix", .help = "Last part of the name, after a dot.", .kind = FieldKind::Text, .example = Json::string("txt")})
        .field(&Options::format, {.name = "format", .help = "How rows are written: as sink.text_files, as CSV, or as JSON lines.", .kind = FieldKind::Choice, .fallback = Json::string("text"), .choices = {"text", "csv", "json"}})
        .field(&Options::header, {.name = "header", .help = "Begin each CSV file with the column names.", .kind = FieldKind::Boolean, .fallback = Json::boolean(true), .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .field(&Options::existing, {.name = "existing", .help = "What to do where a batch's folder is already there: stop the run, or put the new one in its place.", .kind = FieldKind::Choice, .fallback = Json::string("fail"), .choices = {"fail", "replace"}, .advanced = true});
    declareHdfsFields(declare);
    declare.check([](const Options& o) { return checkSink(o); })
        .make([](const Options& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<Sink>> {
            auto hdfs = reached(o);
            if (!hdfs) return hdfs.error();
            return std::unique_ptr<Sink>(std::make_unique<Hdfs>(std::move(*hdfs), o));
        })
        .verify([](const Options& o, const Inputs&, const PlanContext&, Probe& probe) {
            const auto hdfs = reached(o);
            if (!hdfs || !probeHdfs(**hdfs, probe)) return;
            const std::string parent = parentOf((*hdfs)->url().path);
            probe.step("write into " + (*hdfs)->url().at(parent), tryToWrite(**hdfs, parent));
        });
    return declare;
}

}
