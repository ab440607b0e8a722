#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"
#include "engine/columns/print.h"
#include "widgets/log/log_view.h"

#include <QClipboard>
#include <QMessageBox>
#include <QSysInfo>

namespace streamwright {

void showAbout(MainWindow& window)
{
    QMessageBox box(QMessageBox::NoIcon, MainWindow::tr("About Streamwright"), MainWindow::tr("Streamwright %1").arg(QStringLiteral(STREAMWRIGHT_VERSION)), QMessageBox::Close, &window);
    box.setInformativeText(MainWindow::tr("A designer and monitor for stream pipelines, and the engine that runs them.\n\n"
                                          "Free software under the GNU General Public License, version 3 or later. It uses Qt (LGPL 3), QCustomPlot (GPL 3), Boost, SQLite, "
                                          "simdjson, zstd, PCRE2, ICU, fmt, CLI11, date and Graphviz under their own free licences, the Inter typeface (OFL) and Breeze icons (LGPL)."));
    box.exec();
}

void copyReport(MainWindow& window)
{
    QString report = QStringLiteral("Streamwright %1, Qt %2, %3\n").arg(QStringLiteral(STREAMWRIGHT_VERSION), QString::fromLatin1(qVersion()), QSysInfo::prettyProductName());
    if (PipelineTab* tab = window.tab()) {
        report += QStringLiteral("\n%1\n%2\n").arg(tab->document().displayName(), tab->stateText());
        for (const Diagnostic& problem : tab->document().checked()->diagnostics) report += QString::fromStdString(describe(problem, tab->document().displayName().toStdString())) + QLatin1Char('\n');
        report += QStringLiteral("\n") + QString::fromStdString(tab->document().text());
        for (const LogLine& line : tab->run().log()) report += QString::fromStdString(line.text) + QLatin1Char('\n');
    }
    QApplication::clipboard()->setText(report);
    window.say(MainWindow::tr("The report is on the clipboard"));
}

}
