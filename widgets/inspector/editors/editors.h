// The one table from kinds of fields to their editors.
#pragma once
#include "widgets/inspector/editors/field_editor.h"

namespace streamwright {

// A child of `parent`, who owns it.
FieldEditor* makeEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
// For values that the field's own editor cannot show: their JSON text, or a text such as "${name}" as it is.
FieldEditor* makeJsonEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);

}
