#include "app/designer/document_difference.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace streamwright {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("streamwright::Difference", text); }

bool sameMeaning(const Node& a, const Node& b)
{
    return a.type == b.type && a.options == b.options && a.disabled == b.disabled && a.bypassed == b.bypassed;
}

void add(QStringList& lines, const QString& what, const QStringList& names)
{
    if (!names.isEmpty()) lines += what.arg(names.join(QStringLiteral(", ")));
}

}

QString differenceOf(const Document& here, const Document& there)
{
    QStringList changed, added, removed, lines;
    for (const Node& node : here.nodes) {
        const QString name = QString::fromStdString(node.id.name);
        const Node* other = there.find(node.id.name);
        if (!other) added += name;
        else if (!sameMeaning(node, *other)) changed += name;
    }
    for (const Node& node : there.nodes) {
        if (!here.find(node.id.name)) removed += QString::fromStdString(node.id.name);
    }
    add(lines, tr("Changed: %1."), changed);
    add(lines, tr("Only here: %1."), added);
    add(lines, tr("Only there: %1."), removed);
    if (!std::ranges::is_permutation(here.edges, there.edges)) lines += tr("The wires differ.");
    if (here.settings != there.settings) lines += tr("The settings differ.");
    if (here.parameters != there.parameters) lines += tr("The parameters differ.");
    return lines.join(QLatin1Char(' '));
}

}
