// A source that reads the files which arrive in a folder, wherever the folder is.
#pragma once
#include "engine/nodes/record_options.h"
#include "engine/nodes/sources/shared/file_pieces.h"
#include "engine/nodes/sources/shared/file_place.h"

namespace streamwright {

struct WatchOptions : RecordOptions {
    std::string path;
    std::string pattern;
    bool header = true;
    bool multiLine = false;
    std::string existing = "read";
    int64_t maxFiles = 0;
    Duration forgetAfter = seconds(7 * 24 * 3600);
};

// Fields from `pattern` on; `path` is the node's own.
template <class Options>
void declareWatchFields(Declare<Options>& declare)
{
    const auto member = [](auto WatchOptions::*of) { return static_cast<std::remove_reference_t<decltype(std::declval<Options>().*of)> Options::*>(of); };
    declare.field(member(&WatchOptions::pattern), {.name = "pattern", .help = "A glob that file names must fit; empty: all.", .kind = FieldKind::Text, .fallback = Json::string(""), .example = Json::string("*.csv")});
    declareRecordFields(declare);
    declare
        .field(member(&WatchOptions::header), {.name = "header", .help = "The first line of each CSV file names its columns.", .kind = FieldKind::Boolean, .fallback = Json::boolean(true), .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .field(member(&WatchOptions::multiLine), {.name = "multi_line", .help = "Quoted CSV fields may hold line ends; a file is then read by one worker.", .kind = FieldKind::Boolean, .fallback = Json::boolean(false), .advanced = true, .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .field(member(&WatchOptions::existing), {.name = "existing", .help = "What to do with the files that are there when the stream first starts.", .kind = FieldKind::Choice, .fallback = Json::string("read"), .choices = {"read", "ignore"}})
        .field(member(&WatchOptions::maxFiles), {.name = "max_files", .help = "At most so many files in a batch; 0: no limit. With the trigger once the batch takes all.", .kind = FieldKind::Integer, .fallback = Json::integer(0), .unit = "files", .least = 0, .advanced = true})
        .field(member(&WatchOptions::forgetAfter), {.name = "forget_after", .help = "Files this much older than the newest one read are left out, and need not be remembered.", .kind = FieldKind::Duration, .fallback = Json::string("7d"), .advanced = true});
}

std::vector<FieldError> checkWatchOptions(const WatchOptions& options);

std::unique_ptr<ReplayableSource> watchedFiles(const WatchOptions& options, const PlanContext& context, std::unique_ptr<FilePlace> place);

// Verify, from the place that was reached on: the folder, its files, their first rows.
void probeFiles(WatchOptions options, const PlanContext& context, std::unique_ptr<FilePlace> place, Probe& probe);

}
