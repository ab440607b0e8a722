// What may be written at the cursor of a field: columns with their types, functions with their help, parameters.
#pragma once
#include "widgets/inspector/editors/function_completions.h"
#include "widgets/inspector/field_scope.h"

namespace streamwright {

// Words of a field of this kind, best first.
std::vector<Completion> wordCompletions(const FieldSpec& field, const FieldScope& scope);
// `${name}` of every parameter.
std::vector<Completion> parameterCompletions(const FieldScope& scope);

}
