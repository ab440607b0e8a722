// Numbers keep their text ("1.50", "1e3"); Up and Down count within the declared range.
#include "engine/pipeline/json.h"
#include "widgets/inspector/editors/line_editor.h"
#include "widgets/inspector/editors/makers.h"

#include <cmath>

namespace streamwright {

namespace {

class NumberEditor : public LineEditor {
public:
    NumberEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : LineEditor(spec, scope, CodeEdit::Lines::One, parent)
    {
        connect(edit(), &CodeEdit::stepped, this, &NumberEditor::step);
    }
    bool takes(const Json& value) const override { return value.isNumber() || value.isString(); }

protected:
    // Text that is no number is kept as text, as is a number that the file has in quotes.
    QString textOf(const Json& value) const override { return QString::fromStdString(value.isNumber() ? value.numberText() : readNumber(value.asString()) ? printJsonLine(value) : value.asString()); }
    Json read(const QString& text) const override
    {
        if (auto number = readNumber(text.toStdString())) return *number;
        const Json quoted = readPlainText(text);
        return quoted.isString() ? quoted : Json::string(text.toStdString());
    }

private:
    static std::optional<Json> readNumber(const std::string& text)
    {
        auto read = readJson(text);
        const Json* value = std::get_if<Json>(&read);
        return value && value->isNumber() && value->numberText() == text ? std::optional<Json>(*value) : std::nullopt;
    }

    void step(int by)
    {
        const Json base = value() ? *value() : spec().fallback;
        const double from = base.asDouble().value_or(spec().least.value_or(0) - by);
        const double to = std::clamp(std::floor(from) + by, spec().least.value_or(-9e15), spec().most.value_or(9e15));
        const Json stepped = Json::integer(static_cast<int64_t>(to));
        edit()->setText(QString::fromStdString(stepped.numberText()));
        take(stepped);
    }
};

}

FieldEditor* makeNumberEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new NumberEditor(spec, scope, parent);
}

}
