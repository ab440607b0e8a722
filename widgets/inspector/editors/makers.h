// What editors.cpp puts into its table: each is defined in the file of its name. Private to this folder.
#pragma once
#include "widgets/inspector/editors/editors.h"

namespace streamwright {

FieldEditor* makeTextEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makeNumberEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makeBooleanEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makeChoiceEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makePathEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makeCodeEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makeListEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makeTableEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makeObjectEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);
FieldEditor* makeMapEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent);

}
