// Any value as its JSON text; text as it is where it reads as nothing else.
#include "widgets/inspector/editors/line_editor.h"
#include "widgets/inspector/editors/makers.h"

namespace streamwright {

namespace {

class JsonEditor : public LineEditor {
public:
    JsonEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : LineEditor(spec, scope, CodeEdit::Lines::Many, parent) {}
    bool takes(const Json&) const override { return true; }
    QString expression() const override { return {}; }

protected:
    QString textOf(const Json& value) const override { return plainText(value); }
    Json read(const QString& text) const override { return readPlainText(text); }
};

}

FieldEditor* makeJsonEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    FieldSpec json = spec;
    json.kind = FieldKind::Text;
    return new JsonEditor(json, scope, parent);
}

}
