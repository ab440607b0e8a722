#include "engine/dataflow/settings.h"

#include "engine/base/suggest.h"
#include "engine/columns/calendar.h"
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
        {.name = "bytes", .help = "Size of the kept past; the newest epochs always stay.", .kind = FieldKind::Bytes, .fallback = Json::string("1GiB"), .unit = "bytes", .example = Json::string("1GiB")},
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

    // As read, for a size that has a least value.
    bool readAtLeast(std::string_view name, int64_t least, int64_t& out)
    {
        int64_t value = 0;
        if (!read(name, value)) return false;
        if (value < least) {
            tell(name, fmt::format("{} must be at least {}, but is {}", name, least, value), {});
            return false;
        }
        out = value;
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

}

const std::vector<FieldSpec>& settingFields()
{
    static const std::vector<FieldSpec> fields{
        {.name = "batch_interval", .help = "A batch is made of what came in this time.", .kind = FieldKind::Duration, .fallback = Json::string("1s"), .example = Json::string("500ms")},
        {.name = "trigger", .help = "When batches are made: every interval, as soon as data arrives, until all that is there is read, or once.", .kind = FieldKind::Choice, .fallback = Json::string("interval"), .choices = choicesOf(kTriggers), .example = Json::string("available_now")},
        {.name = "catch_up", .help = "After a pause: a batch for every missed tick, or one for all; automatic skips when more than 100 were missed.", .kind = FieldKind::Choice, .fallback = Json::string("automatic"), .choices = choicesOf(kCatchUps), .example = Json::string("skip")},
        {.name = "checkpoint", .help = "Folder of state, offsets and received records; without it a run starts from nothing.", .kind = FieldKind::Path, .example = Json::string("orders.checkpoint")},
        {.name = "checkpoint_interval", .help = "Batches whose sinks may repeat themselves are committed together, this often; after a crash the batches of this time run again.", .kind = FieldKind::Duration, .fallback = Json::string("20ms"), .example = Json::string("1s"), .advanced = true},
        {.name = "parallelism", .help = "Workers; one per core if left out.", .kind = FieldKind::Integer, .unit = "workers", .least = 1, .example = Json::integer(4)},
        {.name = "backpressure", .help = "Makes batches smaller when they take longer than the interval.", .kind = FieldKind::Boolean, .fallback = Json::boolean(true), .example = Json::boolean(true)},
        {.name = "max_rows_per_second", .help = "Limit per source.", .kind = FieldKind::Integer, .unit = "rows/s", .least = 1, .example = Json::integer(10000)},
        {.name = "max_rows_per_batch", .help = "Limit per source.", .kind = FieldKind::Integer, .unit = "rows", .least = 1, .example = Json::integer(1000000)},
        {.name = "memory", .help = "Budget of the run; half of the machine's if left out.", .kind = FieldKind::Bytes, .unit = "bytes", .example = Json::string("2GiB")},
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
    if (reader.read("checkpoint", text)) settings.checkpoint = std::filesystem::absolute(folder / text).lexically_normal();
    reader.read("checkpoint_interval", settings.checkpointInterval);
    int64_t workers = 0;
    if (reader.read("parallelism", workers)) settings.parallelism = static_cast<size_t>(std::min<int64_t>(workers, 1024));
    reader.read("backpressure", settings.backpressure);
    int64_t limit = 0;
    if (reader.read("max_rows_per_second", limit)) settings.maxRowsPerSecond = limit;
    if (reader.read("max_rows_per_batch", limit)) settings.maxRowsPerBatch = limit;
    reader.readAtLeast("memory", int64_t{1} << 20, settings.memory);
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
        inner.readAtLeast("bytes", 0, settings.retainBytes);
    }
    return settings;
}

}
