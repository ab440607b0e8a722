#include "engine/dataflow/settings.h"

#include "engine/base/hdfs_place.h"
#include "engine/base/suggest.h"
#include "engine/columns/calendar.h"
#include "engine/columns/row_keys.h"
#include "engine/dataflow/declare.h"

namespace streamwright {

namespace {

constexpr std::string_view kTriggers[] = {"interval", "as_data_arrives", "available_now", "once"};
constexpr std::string_view kCatchUps[] = {"automatic", "every_tick", "skip"};

template <size_t N>
std::vector<std::string> choicesOf(const std::string_view (&names)[N])
{
    return {std::begin(names), std::end(names)};
}

const std::vector<FieldSpec>& retainFields()
{
    static const std::vector<FieldSpec> fields{
        {.name = "epochs", .help = "Epochs that can be browsed and rewound to.", .kind = FieldKind::Integer, .fallback = Json::integer(100), .unit = "epochs", .least = 1, .example = Json::integer(100)},
        {.name = "bytes", .help = "Size of the kept past; the newest epochs always stay.", .kind = FieldKind::Bytes, .fallback = Json::string("1GiB"), .unit = "bytes", .least = 0, .example = Json::string("1GiB")},
    };
    return fields;
}

// Reads members of one object against its fields and tells what is wrong with each.
class Reader {
public:
    Reader(const Json& json, const std::vector<FieldSpec>& fields, std::string prefix, Diagnostics& out) : json_(json), fields_(fields), prefix_(std::move(prefix)), out_(out)
    {
        std::vector<std::string> known;
        for (const FieldSpec& field : fields_) known.push_back(field.name);
        for (const auto& [name, value] : json_.members()) {
            if (std::find(known.begin(), known.end(), name) == known.end()) tell(name, name + " is not a setting", didYouMean(name, known));
        }
    }

    // True when the setting is there and well formed.
    template <class T>
    bool read(std::string_view name, T& out)
    {
        const Json* value = json_.find(name);
        if (!value) return false;
        const auto field = std::find_if(fields_.begin(), fields_.end(), [&](const FieldSpec& f) { return f.name == name; });
        T read{};
        if (auto error = readOption(*value, *field, read)) {
            tell(name, error->message, error->hint);
            return false;
        }
        out = std::move(read);
        return true;
    }

    void tell(std::string_view name, std::string message, std::string hint)
    {
        const Json* value = json_.find(name);
        out_.push_back({{}, prefix_ + std::string(name), std::move(message), std::move(hint), value ? value->line() : json_.line(), Severity::Error});
    }

private:
    const Json& json_;
    const std::vector<FieldSpec>& fields_;
    std::string prefix_;
    Diagnostics& out_;
};

template <class Enum, size_t N>
void readChoice(Reader& reader, std::string_view name, const std::string_view (&names)[N], Enum& out)
{
    std::string written;
    if (!reader.read(name, written)) return;
    out = static_cast<Enum>(std::find(std::begin(names), std::end(names), written) - std::begin(names));
}

void readInterval(Reader& reader, Settings& settings)
{
    Duration interval;
    if (!reader.read("batch_interval", interval)) return;
    if (interval.micros < 1000 || interval.micros % 1000 != 0) return reader.tell("batch_interval", "batch_interval must be whole milliseconds, at least 1ms, but is " + printDuration(interval), {});
    settings.batchInterval = interval;
}

void readCheckpoint(Reader& reader, Settings& settings, const std::filesystem::path& folder)
{
    std::string place, copy, token;
    int64_t every = CheckpointShipping().snapshotEvery;
    if (reader.read("checkpoint", place)) setCheckpoint(settings, place, folder);
    if (reader.read("checkpoint_copy", copy)) {
        if (!settings.checkpoint) reader.tell("checkpoint_copy", "checkpoint_copy is a copy of the checkpoint, but there is none", "name a folder with \"checkpoint\"");
        else if (settings.shipping) reader.tell("checkpoint_copy", "checkpoint is in HDFS already", "leave checkpoint_copy out, or let checkpoint be a folder of this machine");
        else if (copy.empty()) reader.tell("checkpoint_copy", "checkpoint_copy must name a folder, but is empty", {});
        else settings.shipping = CheckpointShipping{.place = isHdfs(copy) ? copy : std::filesystem::absolute(folder / copy).lexically_normal().string()};
        if (settings.shipping && settings.checkpoint && settings.shipping->place == settings.checkpoint->string()) reader.tell("checkpoint_copy", "checkpoint_copy is the checkpoint's own folder", "name another one, best on another machine");
    }
    const bool given = reader.read("checkpoint_token", token);
    if (reader.read("checkpoint_snapshots", every) && !settings.shipping) reader.tell("checkpoint_snapshots", "checkpoint_snapshots belongs to a checkpoint that is shipped", "add checkpoint_copy, or leave it out");
    if (given && !(settings.shipping && isHdfs(settings.shipping->place))) reader.tell("checkpoint_token", "checkpoint_token belongs to a checkpoint in HDFS", "leave it out");
    if (!settings.shipping) return;
    settings.shipping->token = token;
    settings.shipping->snapshotEvery = every;
}

}

std::filesystem::path workingCopyOf(const std::string& url)
{
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    const std::filesystem::path base = state && *state ? std::filesystem::path(state) : std::filesystem::path(home && *home ? home : "/var/tmp") / ".local/state";
    const std::string name = url.substr(url.find_last_of('/') + 1);
    return base / "streamwright" / fmt::format("{}-{:08x}", name.empty() ? "checkpoint" : name, hashBytes(url.data(), url.size()) >> 32);
}

void setCheckpoint(Settings& settings, const std::string& place, const std::filesystem::path& folder)
{
    if (settings.shipping && settings.shipping->isCheckpoint) settings.shipping.reset();
    if (!isHdfs(place)) {
        settings.checkpoint = std::filesystem::absolute(folder / place).lexically_normal();
        return;
    }
    settings.checkpoint = workingCopyOf(place);
    settings.shipping = CheckpointShipping{.place = place, .isCheckpoint = true};
}

const std::vector<FieldSpec>& settingFields()
{
    static const std::vector<FieldSpec> fields{
        {.name = "batch_interval", .help = "A batch is made of what came in this time.", .kind = FieldKind::Duration, .fallback = Json::string("1s"), .example = Json::string("500ms")},
        {.name = "trigger", .help = "When batches are made: every interval, as soon as data arrives, until all that is there is read, or once.", .kind = FieldKind::Choice, .fallback = Json::string("interval"), .choices = choicesOf(kTriggers), .example = Json::string("available_now")},
        {.name = "catch_up", .help = "After a pause: a batch for every missed tick, or one for all; automatic skips when more than 100 were missed.", .kind = FieldKind::Choice, .fallback = Json::string("automatic"), .choices = choicesOf(kCatchUps), .example = Json::string("skip")},
        {.name = "checkpoint", .help = "Folder of state, offsets and received records, or hdfs://host:port/folder; without it a run starts from nothing.", .kind = FieldKind::Path, .example = Json::string("orders.checkpoint")},
        {.name = "checkpoint_interval", .help = "Batches whose sinks may repeat themselves are committed together, this often; after a crash the batches of this time run again.", .kind = FieldKind::Duration, .fallback = Json::string("20ms"), .example = Json::string("1s"), .advanced = true},
        {.name = "checkpoint_copy", .help = "A second folder, or hdfs://host:port/folder, that every decision is shipped to before it counts: another machine goes on from there.", .kind = FieldKind::Text, .example = Json::string("hdfs://namenode:9870/checkpoints/orders")},
        {.name = "checkpoint_token", .help = "A delegation token for a checkpoint in HDFS.", .kind = FieldKind::Secret, .example = Json::string("${env:HDFS_TOKEN}"), .advanced = true},
        {.name = "checkpoint_snapshots", .help = "A snapshot is shipped after so many epochs, from which a restore begins.", .kind = FieldKind::Integer, .fallback = Json::integer(100), .unit = "epochs", .least = 1, .example = Json::integer(100), .advanced = true},
        {.name = "parallelism", .help = "Workers; one per core if left out.", .kind = FieldKind::Integer, .unit = "workers", .least = 1, .example = Json::integer(4)},
        {.name = "backpressure", .help = "Makes batches smaller when they take longer than the interval.", .kind = FieldKind::Boolean, .fallback = Json::boolean(true), .example = Json::boolean(true)},
        {.name = "max_rows_per_second", .help = "Limit per source.", .kind = FieldKind::Integer, .unit = "rows/s", .least = 1, .example = Json::integer(10000)},
        {.name = "max_rows_per_batch", .help = "Limit per source.", .kind = FieldKind::Integer, .unit = "rows", .least = 1, .example = Json::integer(1000000)},
        {.name = "memory", .help = "Budget of the run; half of the machine's if left out.", .kind = FieldKind::Bytes, .unit = "bytes", .least = 1 << 20, .example = Json::string("2GiB")},
        {.name = "time_zone", .help = "Zone in which expressions read and print times.", .kind = FieldKind::TimeZone, .fallback = Json::string("UTC"), .example = Json::string("Europe/Berlin")},
        {.name = "retries", .help = "How often a batch that an operator broke is tried again.", .kind = FieldKind::Integer, .fallback = Json::integer(3), .unit = "times", .least = 0, .example = Json::integer(3)},
        {.name = "retain", .help = "How much of the past the checkpoint keeps: epochs and bytes.", .kind = FieldKind::Object, .example = Json::object({{"epochs", Json::integer(100)}, {"bytes", Json::string("1GiB")}}), .members = retainFields()},
    };
    return fields;
}

std::string_view triggerName(Trigger trigger)
{
    return kTriggers[static_cast<size_t>(trigger)];
}

Settings readSettings(const Json& json, const std::filesystem::path& folder, Diagnostics& out)
{
    Settings settings;
    Reader reader(json, settingFields(), "settings.", out);
    readInterval(reader, settings);
    readChoice(reader, "trigger", kTriggers, settings.trigger);
    readChoice(reader, "catch_up", kCatchUps, settings.catchUp);
    std::string text;
    readCheckpoint(reader, settings, folder);
    reader.read("checkpoint_interval", settings.checkpointInterval);
    int64_t workers = 0;
    if (reader.read("parallelism", workers)) settings.parallelism = static_cast<size_t>(std::min<int64_t>(workers, 1024));
    reader.read("backpressure", settings.backpressure);
    int64_t limit = 0;
    if (reader.read("max_rows_per_second", limit)) settings.maxRowsPerSecond = limit;
    if (reader.read("max_rows_per_batch", limit)) settings.maxRowsPerBatch = limit;
    reader.read("memory", settings.memory);
    if (reader.read("time_zone", text)) {
        if (Zone::find(text)) settings.timeZone = text;
        else reader.tell("time_zone", "no time zone called " + text, "write for example Europe/Berlin, +02:00 or UTC");
    }
    int64_t retries = settings.retries;
    if (reader.read("retries", retries)) settings.retries = static_cast<int>(std::min<int64_t>(retries, 1'000'000));
    Json retain;
    if (reader.read("retain", retain)) {
        Reader inner(retain, retainFields(), "settings.retain.", out);
        inner.read("epochs", settings.retainEpochs);
        inner.read("bytes", settings.retainBytes);
    }
    return settings;
}

}
