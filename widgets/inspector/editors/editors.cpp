#include "widgets/inspector/editors/editors.h"

#include "widgets/inspector/editors/makers.h"

namespace streamwright {

namespace {

struct EditorRow {
    FieldKind kind;
    FieldEditor* (*make)(const FieldSpec&, const FieldScope&, QWidget*);
};

constexpr EditorRow kEditors[] = {
    {FieldKind::Text, makeTextEditor},         {FieldKind::Texts, makeListEditor},      {FieldKind::Integer, makeNumberEditor}, {FieldKind::Number, makeNumberEditor},
    {FieldKind::Boolean, makeBooleanEditor},   {FieldKind::Duration, makeTextEditor},   {FieldKind::Bytes, makeTextEditor},     {FieldKind::TimeZone, makeTextEditor},
    {FieldKind::Choice, makeChoiceEditor},     {FieldKind::Path, makePathEditor},       {FieldKind::Glob, makePathEditor},      {FieldKind::Secret, makeTextEditor},
    {FieldKind::Schema, makeCodeEditor},       {FieldKind::Type, makeTextEditor},       {FieldKind::Column, makeTextEditor},    {FieldKind::Columns, makeListEditor},
    {FieldKind::Expression, makeCodeEditor},   {FieldKind::Expressions, makeListEditor}, {FieldKind::Ordering, makeListEditor}, {FieldKind::Aggregates, makeListEditor},
    {FieldKind::Table, makeTableEditor},       {FieldKind::Object, makeObjectEditor},   {FieldKind::Map, makeMapEditor},
};

}

FieldEditor* makeEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    for (const EditorRow& row : kEditors) {
        if (row.kind == spec.kind) return row.make(spec, scope, parent);
    }
    return makeJsonEditor(spec, scope, parent);
}

}
