#include "engine/formats/csv.h"

#include "engine/columns/print.h"
#include "engine/formats/cast.h"
#include "engine/formats/row_assembly.h"
#include "engine/formats/text.h"

#include <deque>

namespace streamwright {

namespace {

struct FieldText {
    std::string_view text;
    bool quoted = false;
    bool owned = false;     // the text is in the splitter's scratch, not in the record
};

// Cuts records into fields; reused from record to record.
class Splitter {
public:
    explicit Splitter(const CsvFormat& format) : format_(format) {}

    // False when the record is malformed: `reason` says how.
    bool split(std::string_view record)
    {
        fields_.clear();
        scratch_.clear();
        const char* at = record.data();
        const char* end = at + record.size();
        while (true) {
            if (at < end && *at == format_.quote) {
                if (!quotedField(at, end)) return false;
            } else {
                const void* found = at < end ? std::memchr(at, format_.separator, static_cast<size_t>(end - at)) : nullptr;
                const char* stop = found ? static_cast<const char*>(found) : end;
                fields_.push_back({{at, static_cast<size_t>(stop - at)}});
                at = stop;
            }
            if (at >= end) return true;
            ++at;  // the separator
        }
    }

    const std::vector<FieldText>& fields() const { return fields_; }
    const std::string& reason() const { return reason_; }

private:
    // `at` stands on the opening quote; left on the separator or the end.
    bool quotedField(const char*& at, const char* end)
    {
        const char* from = ++at;
        std::string* changed = nullptr;
        const auto take = [&](const char* to) {
            if (!changed) changed = &scratch_.emplace_back();
            changed->append(from, to);
        };
        while (at < end) {
            const bool escaped = *at == format_.escape && format_.escape != format_.quote && at + 1 < end && (at[1] == format_.quote || at[1] == format_.escape);
            const bool doubled = *at == format_.quote && at + 1 < end && at[1] == format_.quote;
            if (escaped || doubled) {
                take(at);
                from = at + 1;
                at += 2;
            } else if (*at == format_.quote) {
                if (changed) take(at);
                fields_.push_back({changed ? std::string_view(*changed) : std::string_view(from, static_cast<size_t>(at - from)), true, changed != nullptr});
                return closeQuote(++at, end);
            } else {
                ++at;
            }
        }
        reason_ = fmt::format("field {} opens a quote that is not closed", fields_.size() + 1);
        return false;
    }

    bool closeQuote(const char*& at, const char* end)
    {
        while (at < end && (*at == ' ' || *at == '\t') && *at != format_.separator) ++at;
        if (at == end || *at == format_.separator) return true;
        reason_ = fmt::format("field {} has text behind its closing quote", fields_.size());
        return false;
    }

    const CsvFormat& format_;
    std::vector<FieldText> fields_;
    std::deque<std::string> scratch_;
    std::string reason_;
};

class CsvDecoder final : public RecordDecoder {
public:
    CsvDecoder(SchemaPtr schema, CsvFormat format, CsvLayout layout) : schema_(std::move(schema)), format_(std::move(format)), layout_(std::move(layout)) {}

    const SchemaPtr& schema() const override { return schema_; }

    DecodedRows decode(std::span<const StringRef> records, const uint8_t* nulls, const std::vector<Owner>& owners) const override
    {
        RowAssembly rows(schema_, records.size());
        for (size_t c = 0; c < schema_->size(); ++c) {
            if (isText((*schema_)[c].type.kind())) rows.column(c).keep(owners);
        }
        Splitter splitter(format_);
        const Zone zone = Zone::findOrUtc(format_.timeZone);
        for (size_t i = 0; i < records.size(); ++i) {
            const std::string_view record = records[i].view();
            if ((nulls && nulls[i]) || (format_.blank == Blank::NullRow && isBlank(record))) {
                rows.nullRow(i);
            } else if (!isBlank(record)) {
                decodeRecord(record, i, splitter, zone, rows);
            }
        }
        return rows.finish(records.size());
    }

private:
    void decodeRecord(std::string_view record, size_t index, Splitter& splitter, const Zone& zone, RowAssembly& rows) const
    {
        if (!splitter.split(record)) return rows.bad({index, {}, splitter.reason(), {}});
        const std::vector<FieldText>& fields = splitter.fields();
        if (fields.size() != layout_.width) {
            return rows.bad({index, {}, fmt::format("the row must have {} fields, but it has {}", layout_.width, fields.size()), {}});
        }
        for (size_t c = 0; c < schema_->size(); ++c) {
            const FieldText& field = fields[layout_.positions[c]];
            if (!append(field, zone, rows.column(c))) return rows.bad({index, (*schema_)[c].name, cannotCast(field.text, (*schema_)[c].type), {}});
        }
        rows.good(index);
    }

    bool append(const FieldText& field, const Zone& zone, ColumnBuilder& out) const
    {
        const bool text = isText(out.type().kind());
        if ((!field.quoted && field.text == format_.nullValue) || (field.text.empty() && !text)) return out.pushNull(), true;
        if (!text) return appendCast(field.text, zone, out);
        if (field.owned) {
            out.pushText(field.text);
        } else {
            out.pushView(StringRef(field.text));
        }
        return true;
    }

    SchemaPtr schema_;
    CsvFormat format_;
    CsvLayout layout_;
};

void appendField(std::string_view text, bool quoteAnyway, const CsvFormat& format, std::string& out)
{
    const auto special = [&](char c) { return c == format.separator || c == format.quote || c == '\n' || c == '\r'; };
    const bool quoted = quoteAnyway || text.empty() || text == format.nullValue || std::any_of(text.begin(), text.end(), special);
    if (!quoted) {
        out += text;
        return;
    }
    out += format.quote;
    for (const char c : text) {
        if (c == format.quote) out += format.quote;
        // An escape character stands for itself only when it is escaped too.
        else if (c == format.escape && format.escape != format.quote) out += format.escape;
        out += c;
    }
    out += format.quote;
}

}

Result<std::vector<std::string>> splitCsv(std::string_view record, const CsvFormat& format)
{
    Splitter splitter(format);
    if (!splitter.split(record)) return mistake(splitter.reason());
    std::vector<std::string> fields;
    for (const FieldText& field : splitter.fields()) fields.emplace_back(field.text);
    return fields;
}

CsvLayout layoutOf(const Schema& schema)
{
    CsvLayout layout{{}, schema.size()};
    for (size_t c = 0; c < schema.size(); ++c) layout.positions.push_back(c);
    return layout;
}

Result<CsvLayout> layoutOf(const Schema& schema, const std::vector<std::string>& header)
{
    CsvLayout layout{{}, header.size()};
    std::string missing;
    for (const Field& field : schema.fields()) {
        const auto found = std::find_if(header.begin(), header.end(), [&](const std::string& name) { return sameName(name, field.name); });
        if (found == header.end()) {
            missing += (missing.empty() ? "" : ", ") + field.name;
        } else {
            layout.positions.push_back(static_cast<size_t>(found - header.begin()));
        }
    }
    if (missing.empty()) return layout;
    if (layout.positions.empty() && header.size() == schema.size()) return layoutOf(schema);
    return mistake(fmt::format("the header must name the columns of the schema, but it lacks {}", missing),
                   "mend the header, name the schema's columns as it does, or rename them all: then they are taken in order");
}

std::unique_ptr<RecordDecoder> csvDecoder(SchemaPtr schema, CsvFormat format, CsvLayout layout)
{
    return std::make_unique<CsvDecoder>(std::move(schema), std::move(format), std::move(layout));
}

std::unique_ptr<RecordDecoder> csvDecoder(SchemaPtr schema, CsvFormat format)
{
    CsvLayout layout = layoutOf(*schema);
    return csvDecoder(std::move(schema), std::move(format), std::move(layout));
}

size_t splitCsvRecords(std::string_view text, const CsvFormat& format, bool last, std::vector<StringRef>& records)
{
    size_t taken = 0;
    bool quoted = false;
    bool fieldStart = true;
    const auto give = [&](size_t end) { records.emplace_back(text.substr(taken, end - taken)); };
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            const bool more = at + 1 < text.size();
            if (c == format.escape && format.escape != format.quote && more && (text[at + 1] == format.quote || text[at + 1] == format.escape)) {
                ++at;
            } else if (c == format.quote) {
                // A quote that is doubled closes and opens again, which comes to the same here.
                quoted = false;
            } else if (c == format.escape && !more && !last) {
                return taken;
            }
        } else if (c == '\n' || c == '\r') {
            if (c == '\r' && at + 1 == text.size() && !last) return taken;
            give(at);
            if (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++at;
            taken = at + 1;
            fieldStart = true;
            continue;
        } else if (c == format.quote && (fieldStart || (at > 0 && text[at - 1] == format.quote))) {
            quoted = true;
        }
        fieldStart = !quoted && c == format.separator;
    }
    if (last && taken < text.size()) {
        give(text.size());
        taken = text.size();
    }
    return taken;
}

void appendCsvRow(const Batch& batch, size_t row, const CsvFormat& format, std::string& out)
{
    std::string text;
    for (size_t c = 0; c < batch.columns().size(); ++c) {
        if (c > 0) out += format.separator;
        const Column& column = *batch.column(c);
        if (column.isNull(row)) {
            out += format.nullValue;
            continue;
        }
        const TypeKind kind = column.type().kind();
        text.clear();
        if (kind == TypeKind::Array || kind == TypeKind::Struct) {
            appendJson(column, row, text);
        } else {
            appendText(column, row, format.timeZone, text);
        }
        // A lone empty line would be no record.
        appendField(text, false, format, out);
    }
    out += '\n';
}

void appendCsvHeader(const Schema& schema, const CsvFormat& format, std::string& out)
{
    for (size_t c = 0; c < schema.size(); ++c) {
        if (c > 0) out += format.separator;
        appendField(schema[c].name, false, format, out);
    }
    out += '\n';
}

}
