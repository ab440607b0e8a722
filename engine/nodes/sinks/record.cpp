#include "engine/base/files.h"
#include "engine/columns/print.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"

#include <fmt/core.h>

namespace streamwright {

namespace {

namespace fs = std::filesystem;

struct Options {
    std::string file;
    bool sorted = false;
};

// A line of the file is a batch: an array of rows. Exactly once by place: the staged text begins with the
// byte of the file at which it belongs, publishing cuts the file there and writes it.
class Record final : public Sink {
public:
    Record(fs::path file, bool sorted) : file_(std::move(file)), sorted_(sorted) {}

    Result<void> open(const SinkContext& context) override
    {
        if (file_.has_parent_path()) {
            if (auto made = makeFolder(file_.parent_path()); !made) return made;
        }
        auto file = File::append(file_);
        if (!file) return file.error();
        if (!context.continued) {
            if (auto cut = file->truncate(0); !cut) return cut;
        }
        end_ = context.continued ? file->size() : 0;
        return syncFolder(file_.has_parent_path() ? file_.parent_path() : fs::path("."));
    }

    std::unique_ptr<SinkWork> begin(const BatchContext&, uint32_t, size_t workers) override { return std::make_unique<Work>(*this, workers); }
    bool usesOutbox() const override { return true; }

    Result<void> publish(const Pending& pending) override
    {
        const size_t colon = pending.staged.find(':');
        const int64_t at = std::strtoll(pending.staged.c_str(), nullptr, 10);
        const std::string_view line = std::string_view(pending.staged).substr(colon + 1);
        auto file = File::append(file_);
        if (!file) return file.error();
        // Behind the place stand at most the bytes of an attempt that was cut off; more is somebody else's.
        if (file->size() < at || file->size() > at + static_cast<int64_t>(line.size())) {
            return permanent(fmt::format("{} was changed by another program: it has {} bytes, but this run had written {}", file_.string(), file->size(), at), "put the file back, choose another one, or start with a fresh checkpoint");
        }
        if (auto cut = file->truncate(at); !cut) return cut;
        if (auto written = file->write(line); !written) return written;
        if (auto synced = file->sync(); !synced) return synced;
        std::lock_guard lock(mutex_);
        end_ = at + static_cast<int64_t>(line.size());
        return {};
    }

    std::string description() const override { return "record " + file_.string(); }

private:
    class Work final : public SinkWork {
    public:
        Work(Record& sink, size_t workers) : sink_(sink), gathered_(workers) {}

        void consume(const Morsel& in, size_t worker, Emitter&) override { gathered_.add(in, worker); }

        Result<std::optional<std::string>> stage(Epoch epoch) override
        {
            if (line_.empty()) format();
            return std::optional(fmt::format("{}:", sink_.place(epoch, static_cast<int64_t>(line_.size()))) + line_);
        }

    private:
        void format()
        {
            std::vector<std::string> rows;
            for (const Morsel& morsel : gathered_.take()) {
                for (size_t row = 0; row < morsel.batch->rows(); ++row) appendJsonRow(*morsel.batch, row, rows.emplace_back());
            }
            if (sink_.sorted_) std::sort(rows.begin(), rows.end());
            line_ = "[";
            for (const std::string& row : rows) line_ += (line_.size() > 1 ? "," : "") + row;
            line_ += "]\n";
        }

        Record& sink_;
        GatheredRows gathered_;
        std::string line_;
    };

    // Where the line of `epoch` belongs: behind what is published and what is staged before it. Staging an
    // epoch again gives the same place.
    int64_t place(Epoch epoch, int64_t size)
    {
        std::lock_guard lock(mutex_);
        if (staged_.epoch != epoch) staged_ = {epoch, std::max(end_, staged_.at + staged_.size), 0};
        staged_.size = size;
        return staged_.at;
    }

    struct Place {
        Epoch epoch;
        int64_t at = 0;
        int64_t size = 0;
    };

    fs::path file_;
    bool sorted_;
    std::mutex mutex_;  // batches stage while an earlier one is published
    int64_t end_ = 0;   // of what is published
    Place staged_;
};

// The file as it stands; opening it to append changes nothing.
Result<std::string> standing(const fs::path& file)
{
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return "it is made when the run starts";
    const auto opened = File::append(file);
    if (!opened) return opened.error();
    return fmt::format("it holds {} bytes, which a run without a checkpoint to go on from replaces", opened->size());
}

}

NodeType recordSink()
{
    return Declare<Options>("sink.record", Group::Sink)
        .summary("Write every batch as a line of JSON rows, for replay and comparison.")
        .input("in")
        .afterRewind("its lines stay; the rows are appended again")
        .field(&Options::file, {.name = "file", .help = "File of JSON lines; one line a batch.", .kind = FieldKind::Path, .required = true, .example = Json::string("counts.jsonl")})
        .field(&Options::sorted, {.name = "sorted", .help = "Sort the rows of each batch by their text.", .kind = FieldKind::Boolean, .fallback = Json::boolean(false)})
        .make([](const Options& o, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<Sink>> {
            return std::unique_ptr<Sink>(std::make_unique<Record>(context.folder / o.file, o.sorted));
        })
        .verify([](const Options& o, const Inputs&, const PlanContext& context, Probe& probe) {
            const fs::path file = context.folder / o.file;
            if (probeFolder(file.parent_path(), probe)) probe.step("open the file " + file.string(), standing(file));
        });
}

}
