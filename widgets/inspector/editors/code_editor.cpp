// Text of several lines: expressions and schemas.
#include "widgets/inspector/editors/line_editor.h"
#include "widgets/inspector/editors/makers.h"

namespace streamwright {

FieldEditor* makeCodeEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new LineEditor(spec, scope, CodeEdit::Lines::Many, parent);
}

}
