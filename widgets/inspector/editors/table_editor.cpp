// Rows as JSON lines: an object a line.
#include "engine/pipeline/json.h"
#include "widgets/inspector/editors/line_editor.h"
#include "widgets/inspector/editors/makers.h"

namespace streamwright {

namespace {

class TableEditor : public LineEditor {
public:
    TableEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : LineEditor(spec, scope, CodeEdit::Lines::Many, parent) {}
    bool takes(const Json& value) const override
    {
        return value.isString() || (value.isArray() && !value.items().empty() && std::all_of(value.items().begin(), value.items().end(), [](const Json& row) { return row.isObject(); }));
    }

protected:
    QString textOf(const Json& value) const override
    {
        if (value.isString()) return QString::fromStdString(value.asString());
        QStringList lines;
        for (const Json& row : value.items()) lines += QString::fromStdString(printJsonLine(row));
        return lines.join('\n');
    }

    // Until every line is an object the text as it is: the check says what it should be.
    Json read(const QString& text) const override
    {
        std::vector<Json> rows;
        for (const QString& line : text.split('\n')) {
            if (line.trimmed().isEmpty()) continue;
            auto read = readJson(line.toStdString());
            Json* row = std::get_if<Json>(&read);
            if (!row || !row->isObject()) return Json::string(text.toStdString());
            rows.push_back(std::move(*row));
        }
        return rows.empty() ? Json::string(text.toStdString()) : Json::array(std::move(rows));
    }
};

}

FieldEditor* makeTableEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new TableEditor(spec, scope, parent);
}

}
