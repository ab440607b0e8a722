// Runs elsewhere: those that this user's programs left word of, and any address. The run's own document is opened, in
// the tab that has the same one if there is one.
#include "app/designer/dialogs.h"
#include "app/designer/document_difference.h"
#include "app/designer/main_window.h"
#include "engine/pipeline/document_json.h"
#include "engine/remote/published_run.h"
#include "engine/remote/remote_session.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QDateTime>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTreeWidget>

namespace streamwright {

namespace {

QString textOf(const std::string& text) { return QString::fromStdString(text); }

// Whether the user wants the run shown in that tab, whose document differs; none: neither.
std::optional<bool> askAboutDifference(QWidget* parent, const PipelineTab& tab, const QString& difference)
{
    QMessageBox box(QMessageBox::Question, MainWindow::tr("Which document?"), MainWindow::tr("%1 is not what runs there.").arg(tab.title()), QMessageBox::NoButton, parent);
    box.setInformativeText(difference);
    const auto* theirs = box.addButton(MainWindow::tr("Show what runs"), QMessageBox::AcceptRole);
    const auto* ours = box.addButton(MainWindow::tr("Stay with the file"), QMessageBox::ActionRole);
    box.setEscapeButton(box.addButton(MainWindow::tr("Cancel"), QMessageBox::RejectRole));
    box.exec();
    if (box.clickedButton() == theirs) return false;
    return box.clickedButton() == ours ? std::optional(true) : std::nullopt;
}

class AttachDialog : public QDialog {
public:
    explicit AttachDialog(MainWindow& window) : QDialog(&window), window_(window)
    {
        setWindowTitle(MainWindow::tr("Attach to a run"));
        auto* layout = new QVBoxLayout(this);
        buildRuns(layout);
        auto* form = new QFormLayout;
        form->addRow(MainWindow::tr("Address"), address_ = new QLineEdit(this));
        form->addRow(MainWindow::tr("Token"), token_ = new QLineEdit(this));
        address_->setPlaceholderText(QStringLiteral("127.0.0.1:9090"));
        token_->setEchoMode(QLineEdit::Password);
        layout->addLayout(form);
        layout->addWidget(problem_ = new QLabel(this));
        problem_->setWordWrap(true);
        problem_->setTextFormat(Qt::PlainText);
        problem_->setAccessibleDescription(MainWindow::tr("What went wrong"));
        auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
        attach_ = buttons->addButton(MainWindow::tr("Attach"), QDialogButtonBox::AcceptRole);
        layout->addWidget(buttons);
        connect(buttons, &QDialogButtonBox::accepted, this, [this] { tryToAttach(); });
        connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
        connect(address_, &QLineEdit::textEdited, this, [this] { runs_->clearSelection(); });
        resize(640, 380);
        fill();
    }

private:
    void buildRuns(QVBoxLayout* layout)
    {
        runs_ = new QTreeWidget(this);
        runs_->setHeaderLabels({MainWindow::tr("Pipeline"), MainWindow::tr("Address"), MainWindow::tr("Since"), MainWindow::tr("File")});
        runs_->setRootIsDecorated(false);
        runs_->setAccessibleName(MainWindow::tr("Runs of this user"));
        layout->addWidget(new QLabel(MainWindow::tr("Runs of this user that listen:"), this));
        layout->addWidget(runs_, 1);
        connect(runs_, &QTreeWidget::itemSelectionChanged, this, [this] { choose(); });
        connect(runs_, &QTreeWidget::itemActivated, this, [this] { tryToAttach(); });
    }
    void fill()
    {
        auto found = publishedRuns();
        if (!found) problem_->setText(textOf(found.error().message));
        else published_ = std::move(*found);
        for (const PublishedRun& run : published_) {
            const QString name = run.name.empty() ? MainWindow::tr("Process %1").arg(run.process) : textOf(run.name);
            const QString since = QLocale().toString(QDateTime::fromMSecsSinceEpoch(run.since.millis()), QLocale::ShortFormat);
            new QTreeWidgetItem(runs_, {name, textOf(run.address), since, textOf(run.file.string())});
        }
        for (int column = 0; column < 3; ++column) runs_->resizeColumnToContents(column);
        if (!published_.empty()) runs_->setCurrentItem(runs_->topLevelItem(0));
        else if (problem_->text().isEmpty()) problem_->setText(MainWindow::tr("None is going on. `streamwright run FILE --listen` begins one."));
    }
    const PublishedRun* chosen() const
    {
        const QList<QTreeWidgetItem*> selected = runs_->selectedItems();
        return selected.isEmpty() ? nullptr : &published_[static_cast<size_t>(runs_->indexOfTopLevelItem(selected.front()))];
    }
    void choose()
    {
        const PublishedRun* run = chosen();
        if (!run) return;
        address_->setText(textOf(run->address));
        token_->setText(textOf(run->token));
    }

    // Its document is asked for first: what does not answer is told here.
    void tryToAttach()
    {
        PublishedRun run{.address = address_->text().trimmed().toStdString(), .token = token_->text().trimmed().toStdString()};
        if (const PublishedRun* known = chosen()) run = *known;
        if (run.address.empty()) return problem_->setText(MainWindow::tr("Choose a run, or enter the address that it printed."));
        problem_->setText(MainWindow::tr("Asking %1…").arg(textOf(run.address)));
        attach_->setEnabled(false);
        asked_ = remoteSession(placeAt({run.address, run.token}));
        const Executor onUiThread = [guard = QPointer<QObject>(this)](std::function<void()> work) {
            QMetaObject::invokeMethod(qApp, [guard, work = std::move(work)] { if (guard) work(); }, Qt::QueuedConnection);
        };
        asked_->document({.answerOn = onUiThread}, [this, run](const Result<Document>& document) {
            attach_->setEnabled(true);
            // A process where nothing was started yet has none: the pipeline of the tab can be started there.
            const bool empty = !document && document.error().kind == ErrorKind::Mistake;
            if (!document && !empty) return problem_->setText(textOf(document.error().message + (document.error().hint.empty() ? "" : ": " + document.error().hint)));
            if (show(run, document ? &*document : nullptr)) accept();
        });
    }

    bool show(PublishedRun run, const Document* document)
    {
        if (document && run.name.empty()) run.name = document->name;
        PipelineTab* tab = document ? nullptr : window_.tab();
        for (PipelineTab* one : window_.tabs()) {
            if (!document || one->run().isRunning()) continue;
            const QString difference = differenceOf(one->document().document(), *document);
            if (difference.isEmpty()) {
                tab = one;
                break;
            }
            std::error_code ignored;
            if (run.file.empty() || !std::filesystem::equivalent(one->document().path(), run.file, ignored)) continue;
            const auto ours = askAboutDifference(this, *one, difference);
            if (!ours) return false;
            if (*ours) tab = one;
        }
        if (!tab) tab = document ? window_.openText(printDocument(*document)) : (window_.newPipeline(), window_.tab());
        window_.showTab(*tab);
        tab->attach(run, std::move(asked_));
        return true;
    }

    MainWindow& window_;
    std::vector<PublishedRun> published_;
    std::unique_ptr<Session> asked_;
    QTreeWidget* runs_ = nullptr;
    QLineEdit* address_ = nullptr;
    QLineEdit* token_ = nullptr;
    QLabel* problem_ = nullptr;
    QPushButton* attach_ = nullptr;
};

}

void showAttach(MainWindow& window)
{
    auto* dialog = new AttachDialog(window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

}
