#include "engine/runtime/recorder_files.h"

#include "engine/columns/print.h"

#include <algorithm>

namespace streamwright {

Result<RecorderFiles> RecorderFiles::open(const std::vector<Recording>& records, bool continued)
{
    RecorderFiles made;
    made.records_ = records;
    for (const Recording& record : records) {
        std::optional<File>& file = made.files_.emplace_back();
        if (record.file.empty()) continue;
        auto opened = File::append(record.file);
        if (!opened) return mistake(opened.error().message, "--record names a file that can be written");
        if (!continued) {
            if (auto cut = opened->truncate(0); !cut) return cut.error();
        }
        file = std::move(*opened);
    }
    return made;
}

Result<void> RecorderFiles::write(int64_t batch, Pass& pass)
{
    for (size_t i = 0; i < records_.size(); ++i) {
        std::vector<std::string> rows;
        for (const BatchPtr& part : pass.recorded(i)) {
            for (size_t row = 0; row < part->rows(); ++row) appendJsonRow(*part, row, rows.emplace_back());
        }
        if (records_[i].sorted) std::ranges::sort(rows);
        std::string line = "[";
        for (const std::string& row : rows) {
            if (line.size() > 1) line += ',';
            line += row;
        }
        line += ']';
        if (records_[i].line) records_[i].line(batch, line);
        if (!files_[i]) continue;
        if (auto written = files_[i]->write({line, "\n"}); !written) return written;
    }
    return {};
}

}
