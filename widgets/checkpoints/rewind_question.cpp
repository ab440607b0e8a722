#include "widgets/checkpoints/rewind_question.h"

#include "widgets/checkpoints/epoch_model.h"
#include "widgets/session/run_controller.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QDialog>
#include <QFile>
#include <QHeaderView>
#include <QMessageBox>
#include <QPushButton>
#include <QTableWidget>

namespace streamwright {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("streamwright::RewindQuestion", text); }

QString linesOf(const RewindReport& report)
{
    QStringList lines;
    for (const auto* part : {&report.sources, &report.sinks}) {
        for (const RewindReport::Line& line : *part) lines += QStringLiteral("%1%2: %3").arg(line.loses ? QStringLiteral("▲ ") : QString(), QString::fromStdString(line.node.name), QString::fromStdString(line.what));
    }
    lines += QString();
    lines += tr("The checkpoint as it is now is copied first, to %1.").arg(QString::fromStdString(report.copy.string()));
    return lines.join(QLatin1Char('\n'));
}

void rewind(QWidget* parent, RunController& run, Epoch epoch)
{
    run.session().rewind({.epoch = epoch, .dryRun = false}, run.call(parent, seconds(120)), [parent, epoch](Result<RewindReport> done) {
        const QString text = done ? tr("The checkpoint is back at epoch %1. The way forward again: %2").arg(exactText(epoch.value), QString::fromStdString(done->copy.string())) : QString::fromStdString(done.error().message);
        QMessageBox(done ? QMessageBox::Information : QMessageBox::Warning, tr("Rewind"), text, QMessageBox::Ok, parent).exec();
    });
}

void ask(QWidget* parent, RunController& run, const RewindReport& report)
{
    QMessageBox box(QMessageBox::Question, tr("Rewind?"), tr("What happens when the run goes on after epoch %1:").arg(exactText(report.epoch.value)), QMessageBox::NoButton, parent);
    box.setInformativeText(linesOf(report));
    QPushButton* go = box.addButton(tr("Rewind to epoch %1").arg(exactText(report.epoch.value)), QMessageBox::AcceptRole);
    QPushButton* cancel = box.addButton(tr("Cancel"), QMessageBox::RejectRole);
    box.setEscapeButton(cancel);
    box.setDefaultButton(report.canReadAgain ? go : cancel);
    box.exec();
    if (box.clickedButton() == go) rewind(parent, run, report.epoch);
}

}

void askToRewind(QWidget* parent, RunController& run, Epoch epoch)
{
    run.session().rewind({.epoch = epoch, .dryRun = true}, run.call(parent), [parent, &run](Result<RewindReport> report) {
        if (report) return ask(parent, run, *report);
        QMessageBox(QMessageBox::Warning, tr("Rewind"), QString::fromStdString(report.error().message), QMessageBox::Ok, parent).exec();
    });
}

void showKeyHistory(QWidget* parent, RunController& run, const EpochModel& epochs, StateQuery query, const QString& key)
{
    auto* window = new QDialog(parent);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->setWindowTitle(tr("History of %1").arg(key));
    auto* layout = new QVBoxLayout(window);
    auto* table = new QTableWidget(epochs.rowCount(), 2, window);
    table->setHorizontalHeaderLabels({tr("Epoch"), tr("Value")});
    table->horizontalHeader()->setStretchLastSection(true);
    table->verticalHeader()->hide();
    layout->addWidget(table);
    query.search = {.key = key.toStdString(), .match = EntrySearch::Match::Exact, .from = 0, .limit = 1};
    query.sortBy.clear();
    for (int row = 0; row < epochs.rowCount(); ++row) {
        const Epoch epoch = epochs.at(row)->epoch;
        table->setItem(row, 0, new QTableWidgetItem(exactText(epoch.value)));
        query.moment = Moment::ofBatch(epoch.value);
        run.session().statePage(query, run.call(table, seconds(60)), [table, row](Result<StatePage> page) {
            QStringList cells;
            if (page && !page->grid.rows.empty()) {
                const auto& found = page->grid.rows.front();
                for (size_t c = page->keyColumns; c < found.size(); ++c) cells += found[c].null ? QStringLiteral("NULL") : QString::fromStdString(found[c].text);
            }
            table->setItem(row, 1, new QTableWidgetItem(page ? cells.isEmpty() ? tr("not there") : cells.join(QStringLiteral(", ")) : QString::fromStdString(page.error().message)));
        });
    }
    window->resize(480, 420);
    window->show();
}

QString writeCsv(const Grid& grid, const QString& path)
{
    QFile file(path);
    if (!file.open(QFile::WriteOnly | QFile::Truncate)) return tr("%1 cannot be written: %2").arg(path, file.errorString());
    const auto line = [&file](const QStringList& cells) { file.write(cells.join(QLatin1Char(',')).toUtf8() + '\n'); };
    const auto quoted = [](QString text) { return QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"'); };
    QStringList cells;
    for (const Field& field : grid.schema.fields()) cells += quoted(QString::fromStdString(field.name));
    line(cells);
    for (const auto& row : grid.rows) {
        cells.clear();
        for (const Cell& cell : row) cells += cell.null ? QString() : quoted(QString::fromStdString(cell.text));
        line(cells);
    }
    return file.flush() ? QString() : tr("%1 cannot be written: %2").arg(path, file.errorString());
}

}
