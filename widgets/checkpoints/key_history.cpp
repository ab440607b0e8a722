#include "widgets/checkpoints/key_history.h"

#include "widgets/checkpoints/epoch_tab.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDialog>
#include <QTableWidget>

namespace streamwright {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("streamwright::KeyHistory", text); }

// Newest first; the columns of the state that a person wants to see.
void fill(QTableWidget& table, const KeyHistory& history)
{
    QStringList titles{tr("Epoch"), tr("Batch time")};
    for (const size_t column : history.shown) titles += QString::fromStdString(history.grid.schema[column].name);
    table.setColumnCount(static_cast<int>(titles.size()));
    table.setHorizontalHeaderLabels(titles);
    table.setRowCount(static_cast<int>(history.versions.size()));
    for (int row = 0; row < table.rowCount(); ++row) {
        const KeyVersion& version = history.versions[history.versions.size() - 1 - static_cast<size_t>(row)];
        table.setItem(row, 0, new QTableWidgetItem(exactText(version.epoch.value)));
        table.setItem(row, 1, new QTableWidgetItem(QDateTime::fromMSecsSinceEpoch(version.batchTime.millis()).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"))));
        if (!version.there) table.setItem(row, 2, new QTableWidgetItem(tr("gone")));
        for (size_t c = 0; version.there && c < history.shown.size(); ++c) {
            const Cell& cell = history.grid.rows[version.row][history.shown[c]];
            table.setItem(row, static_cast<int>(c) + 2, new QTableWidgetItem(cell.null ? QStringLiteral("NULL") : QString::fromStdString(cell.text)));
        }
    }
    fitColumns(table);
}

}

void showKeyHistory(QWidget* parent, RunController& run, const StateQuery& state, const QString& key)
{
    auto* window = new QDialog(parent);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->setWindowTitle(tr("History of %1").arg(key));
    auto* layout = new QVBoxLayout(window);
    auto* note = new QLabel(tr("Looking through the kept epochs…"), window);
    note->setWordWrap(true);
    auto* table = new QTableWidget(window);
    dressTable(*table, window->windowTitle());
    layout->addWidget(note);
    layout->addWidget(table, 1);
    run.session().keyHistory({.node = state.node, .state = state.state, .key = key.toStdString()}, run.call(table, seconds(120)), [note, table](Result<KeyHistory> history) {
        if (!history) return note->setText(engineText(history.error().message));
        const auto epochs = static_cast<int64_t>(history->versions.size());
        note->setText(epochs == 0 ? tr("The key is in none of the kept epochs.") : epochs == 1 ? tr("One kept epoch has changed it, or it is as old as the oldest.") : tr("%1 kept epochs changed it; the last line is its value in the oldest one.").arg(exactText(epochs)));
        fill(*table, *history);
    });
    window->resize(640, 420);
    window->show();
}

}
