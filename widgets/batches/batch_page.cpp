#include "widgets/batches/batches_view.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QDateTime>

namespace streamwright {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("streamwright::BatchPage", text); }

QString cell(const QString& text, bool right = false) { return QStringLiteral("<td align=\"%1\" style=\"padding-right:12px;white-space:nowrap\">%2</td>").arg(right ? QStringLiteral("right") : QStringLiteral("left"), text.toHtmlEscaped()); }

QString head(std::initializer_list<QString> titles)
{
    QString row = QStringLiteral("<tr>");
    for (const QString& title : titles) row += QStringLiteral("<th align=\"left\" style=\"padding-right:12px;white-space:nowrap;color:%1;font-weight:normal\">%2</th>").arg(Theme::current().secondary.name(), title.toHtmlEscaped());
    return row + QStringLiteral("</tr>");
}

QString sourcesTable(const BatchProgress& batch)
{
    QString table = QStringLiteral("<table>") + head({tr("Source"), tr("From"), tr("To"), tr("Rows")});
    for (const SourceProgress& source : batch.sources) {
        table += QStringLiteral("<tr>") + cell(QString::fromStdString(source.node.name)) + cell(QString::fromStdString(source.startOffset)) + cell(QString::fromStdString(source.endOffset)) + cell(exactText(source.rows), true) + QStringLiteral("</tr>");
    }
    return table + QStringLiteral("</table>");
}

QString nodesTable(const BatchProgress& batch)
{
    QString table = QStringLiteral("<table>") + head({tr("Node"), tr("Rows in"), tr("Rows out"), tr("Rejected"), tr("Busy"), tr("State"), tr("Changed")});
    for (const NodeProgress& node : batch.nodes) {
        table += QStringLiteral("<tr>") + cell(QString::fromStdString(node.node.name)) + cell(exactText(node.rowsIn), true) + cell(exactText(node.rowsOut), true) +
                 cell(node.rejected > 0 ? exactText(node.rejected) : QString(), true) + cell(durationText(node.busyNanos), true) +
                 cell(node.stateRows > 0 ? tr("%1 · %2").arg(exactText(node.stateRows), bytesText(node.stateBytes)) : QString(), true) +
                 cell(node.stateUpdated > 0 ? exactText(node.stateUpdated) : QString(), true) + QStringLiteral("</tr>");
    }
    return table + QStringLiteral("</table>");
}

QString timesTable(const Waterfall& time)
{
    const std::pair<QString, int64_t> parts[] = {{tr("Scheduling delay"), time.wait}, {tr("Ranges fixed"), time.plan}, {tr("Ranges logged"), time.logRanges}, {tr("Computed"), time.compute}, {tr("Staged"), time.stage},
                                                 {tr("State taken out"), time.freeze}, {tr("Waited for the commit"), time.handOver}, {tr("Published"), time.publish}};
    QString table = QStringLiteral("<table>");
    for (const auto& [name, nanos] : parts) {
        if (nanos > 0) table += QStringLiteral("<tr>") + cell(name) + cell(durationText(nanos), true) + QStringLiteral("</tr>");
    }
    return table + QStringLiteral("<tr>") + cell(tr("All")) + cell(durationText(time.wait + time.total), true) + QStringLiteral("</tr></table>");
}

}

QString batchPage(const BatchProgress& batch, const PipelineDocument&)
{
    const QString time = QDateTime::fromMSecsSinceEpoch(batch.batchTime.millis()).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"));
    QString page = QStringLiteral("<h3>%1</h3><p>%2</p>").arg(tr("Batch %1").arg(exactText(batch.number)), tr("%1 · %2 rows in, %3 rows out").arg(time, exactText(batch.rowsIn), exactText(batch.rowsOut)));
    if (batch.attempts > 1) page += QStringLiteral("<p style=\"color:%1\">%2</p>").arg(Theme::current().warning.name(), tr("Rolled back and tried again: %1 attempts. The log says why.").arg(batch.attempts));
    page += QStringLiteral("<h4>%1</h4>").arg(tr("Read")) + sourcesTable(batch);
    page += QStringLiteral("<h4>%1</h4>").arg(tr("Nodes")) + nodesTable(batch);
    return page + QStringLiteral("<h4>%1</h4>").arg(tr("Time")) + timesTable(batch.time);
}

}
