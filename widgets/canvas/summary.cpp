#include "widgets/canvas/summary.h"

#include "engine/pipeline/json.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace streamwright {

namespace {

constexpr qsizetype kLongest = 120;     // characters; a node shows some thirty of them

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Summary)
};

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

// Lists without brackets, texts without quotes.
QString valueText(const Json& value)
{
    if (value.isString()) return text(value.asString()).simplified();
    if (value.isArray()) {
        QStringList items;
        for (const Json& item : value.items()) items += valueText(item);
        return items.join(QStringLiteral(", "));
    }
    if (value.isObject()) {
        QStringList members;
        for (const auto& [name, member] : value.members()) members += text(name) + QStringLiteral(": ") + valueText(member);
        return members.join(QStringLiteral(", "));
    }
    return text(printJsonLine(value)).trimmed();
}

QString fieldText(const FieldSpec& field, const Json& value)
{
    if (field.kind == FieldKind::Boolean) return value.asBoolean() ? text(field.name).replace(QLatin1Char('_'), QLatin1Char(' ')) : QString();
    const QString plain = valueText(value);
    if (field.unit.empty()) return field.kind == FieldKind::Integer || field.kind == FieldKind::Number ? text(field.name).replace(QLatin1Char('_'), QLatin1Char(' ')) + QLatin1Char(' ') + plain : plain;
    return plain + QLatin1Char(' ') + text(field.unit);
}

bool isComputation(FieldKind kind) { return kind == FieldKind::Expression || kind == FieldKind::Expressions || kind == FieldKind::Aggregates; }

}

QString nodeTitle(const Node& node) { return text(node.title.empty() ? node.id.name : node.title); }

QString nodeSummary(const Node& node, const NodeType* type)
{
    if (!type) return Words::tr("unknown type %1").arg(text(node.type));
    // Where it computes something, that and its keys are what it does; names of results are left out.
    const auto& fields = type->spec.fields;
    const bool computes = std::any_of(fields.begin(), fields.end(), [&](const FieldSpec& field) { return isComputation(field.kind) && node.options.find(field.name); });
    QStringList parts;
    for (const FieldSpec& field : fields) {
        const Json* value = node.options.find(field.name);
        if (!value || (field.advanced && !field.required)) continue;
        if (computes && !isComputation(field.kind) && field.kind != FieldKind::Columns) continue;
        if (const QString part = fieldText(field, *value); !part.isEmpty()) parts += part;
    }
    // Without options it says what it is, unless the title does already.
    if (parts.isEmpty()) return typeTitle(node.type).toLower();
    return parts.join(QStringLiteral(" · ")).left(kLongest);
}

}
