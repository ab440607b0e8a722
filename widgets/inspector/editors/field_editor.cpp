#include "widgets/inspector/editors/field_editor.h"

#include "engine/pipeline/json.h"

namespace streamwright {

void FieldEditor::show(const std::optional<Json>& value)
{
    if (shown_ && value == value_) return;
    shown_ = true;
    value_ = value;
    display(value);
}

void FieldEditor::take(std::optional<Json> value)
{
    if (value == value_) return;
    value_ = std::move(value);
    Q_EMIT edited();
}

QString plainText(const Json& value)
{
    if (!value.isString()) return QString::fromStdString(printJsonLine(value));
    const QString text = QString::fromStdString(value.asString());
    return readPlainText(text) == value ? text : QString::fromStdString(printJsonLine(value));
}

Json readPlainText(const QString& text)
{
    auto read = readJson(text.toStdString());
    if (Json* value = std::get_if<Json>(&read)) return std::move(*value);
    return Json::string(text.toStdString());
}

}
