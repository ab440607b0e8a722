#include "app/designer/start_page.h"

#include "app/designer/main_window.h"
#include "widgets/document/recent_files.h"
#include "widgets/theme/theme.h"

#include "engine/pipeline/document_file.h"

#include <QDir>
#include <QListWidget>
#include <QPushButton>

namespace streamwright {

namespace {

constexpr int kPathRole = Qt::UserRole;

QLabel* heading(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setFont(streamwright::font(TextRole::Title));
    return label;
}

QListWidget* list(const QString& name, QWidget* parent)
{
    auto* widget = new QListWidget(parent);
    widget->setAccessibleName(name);
    widget->setFrameShape(QFrame::NoFrame);
    widget->setUniformItemSizes(true);
    return widget;
}

// The folders of examples, the simplest first. window_test: each folder of pipelines/ is here.
struct Chapter {
    const char* folder;
    const char* title;
};
constexpr Chapter kChapters[] = {
    {"quickstart", QT_TRANSLATE_NOOP("streamwright::StartPage", "Quick start")},
    {"windows", QT_TRANSLATE_NOOP("streamwright::StartPage", "Windows")},
    {"dashboard", QT_TRANSLATE_NOOP("streamwright::StartPage", "Dashboard")},
    {"connectors", QT_TRANSLATE_NOOP("streamwright::StartPage", "Connectors (their server must be running)")},
};

// "Word count of a socket", as the file itself says.
QString nameOf(const QString& path)
{
    const auto file = DocumentFile::load(path.toStdString());
    const std::string name = file && file->document() ? file->document()->name : std::string();
    return name.empty() ? QFileInfo(path).completeBaseName() : QString::fromStdString(name);
}

}

std::filesystem::path examplesFolder()
{
    const QString program = QCoreApplication::applicationDirPath();
    for (const char* folder : {"/../pipelines", "/../share/streamwright/pipelines"}) {
        if (QFileInfo(program + QString::fromLatin1(folder)).isDir()) return QDir::cleanPath(program + QString::fromLatin1(folder)).toStdString();
    }
    return {};
}

StartPage::StartPage(MainWindow& window) : window_(window)
{
    auto* columns = new QHBoxLayout(this);
    columns->setContentsMargins(48, 48, 48, 48);
    columns->setSpacing(48);
    columns->addWidget(buildRecent(), 1);
    columns->addWidget(buildExamples(), 1);
    connect(&window_.recentFiles(), &RecentFiles::changed, this, &StartPage::refresh);
    refresh();
    addExamples();
}

QWidget* StartPage::buildRecent()
{
    auto* part = new QWidget(this);
    auto* layout = new QVBoxLayout(part);
    layout->addWidget(heading(tr("Streamwright"), part));
    auto* what = new QLabel(tr("Draw a stream pipeline, run it, see the data on every wire."), part);
    what->setWordWrap(true);
    layout->addWidget(what);
    auto* buttons = new QHBoxLayout;
    auto* fresh = new QPushButton(tr("New pipeline"), part);
    fresh->setDefault(true);
    auto* open = new QPushButton(tr("Open…"), part);
    buttons->addWidget(fresh);
    buttons->addWidget(open);
    buttons->addStretch();
    layout->addLayout(buttons);
    layout->addSpacing(measure::kLarge);
    layout->addWidget(heading(tr("Recent"), part));
    layout->addWidget(recent_ = list(tr("Recent pipelines"), part), 1);
    connect(fresh, &QPushButton::clicked, &window_, &MainWindow::newPipeline);
    connect(open, &QPushButton::clicked, &window_, &MainWindow::askToOpen);
    connect(recent_, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) { window_.openFile(item->data(kPathRole).toString().toStdString()); });
    return part;
}

QWidget* StartPage::buildExamples()
{
    auto* part = new QWidget(this);
    auto* layout = new QVBoxLayout(part);
    layout->addWidget(heading(tr("Examples"), part));
    auto* what = new QLabel(tr("They open as copies: run them, and change them as you like."), part);
    what->setWordWrap(true);
    layout->addWidget(what);
    layout->addWidget(examples_ = list(tr("Examples"), part), 1);
    connect(examples_, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) { window_.openExample(item->data(kPathRole).toString().toStdString()); });
    return part;
}

void StartPage::refresh()
{
    const QSignalBlocker quiet(&window_.recentFiles());
    recent_->clear();
    window_.recentFiles().look();
    for (const RecentFiles::Entry& file : window_.recentFiles().entries()) {
        const QString path = QString::fromStdString(file.path.string());
        auto* item = new QListWidgetItem(file.missing ? tr("%1 (missing)").arg(path) : path, recent_);
        item->setData(kPathRole, path);
        if (file.missing) item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
    }
    if (recent_->count() > 0) return;
    auto* none = new QListWidgetItem(tr("Pipelines that you save appear here."), recent_);
    none->setFlags(Qt::NoItemFlags);
}

void StartPage::addExamples()
{
    const QDir root(QString::fromStdString(examplesFolder().string()));
    for (const Chapter& chapter : kChapters) {
        auto* title = new QListWidgetItem(tr(chapter.title), examples_);
        title->setFlags(Qt::NoItemFlags);
        title->setFont(streamwright::font(TextRole::Secondary));
        const QDir folder(root.filePath(QString::fromLatin1(chapter.folder)));
        for (const QFileInfo& file : folder.entryInfoList({QStringLiteral("*.json")}, QDir::Files, QDir::Name)) {
            auto* item = new QListWidgetItem(nameOf(file.filePath()), examples_);
            item->setData(kPathRole, file.filePath());
            item->setToolTip(root.relativeFilePath(file.filePath()));
        }
    }
}

}
