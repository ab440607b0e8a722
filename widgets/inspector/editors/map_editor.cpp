// An object of any names and values: a line each, `name = value`. Names in order, values as JSON where they are
// no text.
#include "engine/pipeline/json.h"
#include "widgets/inspector/editors/line_editor.h"
#include "widgets/inspector/editors/makers.h"

namespace streamwright {

namespace {

class MapEditor : public LineEditor {
public:
    MapEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : LineEditor(spec, scope, CodeEdit::Lines::Many, parent) {}
    bool takes(const Json& value) const override { return value.isString() || (value.isObject() && read(textOf(value)) == value); }

protected:
    QString textOf(const Json& value) const override
    {
        if (value.isString()) return QString::fromStdString(value.asString());
        QStringList lines;
        for (const auto& [name, member] : value.members()) lines += QString::fromStdString(name) + " = " + plainText(member);
        return lines.join('\n');
    }

    // Until every line is `name = value`, and no name stands twice, the text as it is.
    Json read(const QString& text) const override
    {
        Json object = Json::object();
        for (const QString& line : text.split('\n')) {
            if (line.trimmed().isEmpty()) continue;
            const qsizetype equals = line.indexOf('=');
            const std::string name = line.left(std::max<qsizetype>(equals, 0)).trimmed().toStdString();
            if (name.empty() || object.find(name)) return Json::string(text.toStdString());
            object.set(name, readPlainText(line.mid(equals + 1).trimmed()));
        }
        return object.members().empty() ? Json::string(text.toStdString()) : object;
    }
};

}

FieldEditor* makeMapEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new MapEditor(spec, scope, parent);
}

}
