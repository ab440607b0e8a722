// Text of one line: text, durations, sizes, names of columns, types, time zones, secrets.
#include "widgets/inspector/editors/line_editor.h"
#include "widgets/inspector/editors/makers.h"

namespace streamwright {

FieldEditor* makeTextEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new LineEditor(spec, scope, CodeEdit::Lines::One, parent);
}

}
