#include "widgets/problems/problems_model.h"

#include "widgets/theme/names.h"
#include "widgets/theme/severity_icon.h"

namespace streamwright {

namespace {

QString severityText(Severity severity)
{
    return severity == Severity::Error ? ProblemsModel::tr("Error") : ProblemsModel::tr("Warning");
}

QString placeOf(const Diagnostic& diagnostic)
{
    const QString node = QString::fromStdString(diagnostic.node), field = QString::fromStdString(diagnostic.field);
    if (node.isEmpty()) return field;
    return field.isEmpty() ? node : node + '.' + field;
}

}

void ProblemsModel::setDiagnostics(Diagnostics diagnostics)
{
    std::stable_partition(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& one) { return one.severity == Severity::Error; });
    if (diagnostics == diagnostics_) return;
    beginResetModel();
    diagnostics_ = std::move(diagnostics);
    endResetModel();
}

int ProblemsModel::count(Severity severity) const
{
    return static_cast<int>(std::count_if(diagnostics_.begin(), diagnostics_.end(), [&](const Diagnostic& one) { return one.severity == severity; }));
}

QString ProblemsModel::textOf(int row) const
{
    const Diagnostic& one = at(row);
    const QString place = placeOf(one);
    const QString hint = one.hint.empty() ? QString() : " (" + engineText(one.hint) + ')';
    return severityText(one.severity).toLower() + ": " + (place.isEmpty() ? QString() : place + ": ") + engineText(one.message) + hint;
}

QVariant ProblemsModel::data(const QModelIndex& index, int role) const
{
    const Diagnostic& one = at(index.row());
    if (role == Qt::AccessibleTextRole && index.column() == Message) return severityText(one.severity) + ": " + engineText(one.message);
    if (role == Qt::DecorationRole && index.column() == Message) return severityIcon(one.severity);
    if (role == Qt::ToolTipRole) return engineText(one.message) + (one.hint.empty() ? QString() : '\n' + engineText(one.hint));
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
    case Message: return engineText(one.message);
    case Where: return placeOf(one);
    case Hint: return engineText(one.hint);
    default: return {};
    }
}

QVariant ProblemsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
    case Message: return tr("Problem");
    case Where: return tr("Where");
    case Hint: return tr("What to do");
    default: return {};
    }
}

}
