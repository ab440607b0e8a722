#include "widgets/inspector/editors/completions.h"

#include "engine/columns/ddl.h"
#include "engine/pipeline/json.h"
#include "widgets/inspector/editors/function_completions.h"
#include "widgets/theme/names.h"

#include <QCoreApplication>
#include <QTimeZone>

namespace streamwright {

namespace {

QString say(const char* text) { return QCoreApplication::translate("Completion", text); }

void addColumns(std::vector<Completion>& out, const FieldSpec& field, const FieldScope& scope, bool quote)
{
    const Schema columns = scope.columns();
    for (const Field& column : columns.fields()) {
        const std::string name = quote ? quoteName(column.name) : column.name;
        out.push_back({QString::fromStdString(name), QString::fromStdString(column.type.toDdl()), say("Column of the rows that come in")});
    }
    for (const std::string& name : field.names) out.push_back({QString::fromStdString(name), {}, engineText(field.help)});
}

void append(std::vector<Completion>& out, std::vector<Completion> more)
{
    out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<Completion> plain(const QStringList& words)
{
    std::vector<Completion> out;
    for (const QString& word : words) out.push_back({word, {}, {}});
    return out;
}

std::vector<Completion> timeZones()
{
    std::vector<Completion> out;
    for (const QByteArray& zone : QTimeZone::availableTimeZoneIds()) out.push_back({QString::fromLatin1(zone), {}, {}});
    return out;
}

}

std::vector<Completion> wordCompletions(const FieldSpec& field, const FieldScope& scope)
{
    std::vector<Completion> out;
    switch (field.kind) {
    case FieldKind::Column:
    case FieldKind::Columns: addColumns(out, field, scope, false); return out;
    case FieldKind::Expression:
    case FieldKind::Expressions:
    case FieldKind::Ordering:
        addColumns(out, field, scope, true);
        append(out, functionCompletions());
        return out;
    case FieldKind::Aggregates:
        append(out, aggregateCompletions());
        addColumns(out, field, scope, true);
        append(out, functionCompletions());
        return out;
    case FieldKind::Schema:
    case FieldKind::Type: return plain({"STRING", "BIGINT", "INT", "DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "BINARY", "ARRAY<STRING>", "STRUCT<>"});
    case FieldKind::TimeZone: return timeZones();
    default: return out;
    }
}

std::vector<Completion> parameterCompletions(const FieldScope& scope)
{
    std::vector<Completion> out;
    const Json parameters = scope.parameters();
    for (const auto& [name, declared] : parameters.members()) {
        const Json* value = declared.isObject() ? declared.find("value") : &declared;
        const Json* help = declared.isObject() ? declared.find("help") : nullptr;
        out.push_back({"${" + QString::fromStdString(name) + '}', value ? QString::fromStdString(printJsonLine(*value)) : QString(), help ? QString::fromStdString(help->asString()) : say("Parameter of this pipeline")});
    }
    return out;
}

}
