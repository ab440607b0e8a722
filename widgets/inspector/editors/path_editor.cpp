// A path, or a glob: text with a button that opens the file dialog. Paths below the pipeline's folder are written
// relative to it.
#include "widgets/inspector/editors/line_editor.h"
#include "widgets/inspector/editors/makers.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QDir>
#include <QFileDialog>
#include <QMenu>
#include <QToolButton>

namespace streamwright {

namespace {

class PathEditor : public LineEditor {
    Q_DECLARE_TR_FUNCTIONS(streamwright::PathEditor)

public:
    PathEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : LineEditor(spec, scope, CodeEdit::Lines::One, parent)
    {
        auto* browse = new QToolButton(this);
        browse->setText("…");
        browse->setAccessibleName(tr("Browse for %1").arg(fieldTitle(spec.name)));
        browse->setToolTip(tr("Browse"));
        browse->setPopupMode(QToolButton::InstantPopup);
        auto* menu = new QMenu(browse);
        menu->addAction(tr("File…"), this, [this] { browseFor(QFileDialog::AnyFile); });
        menu->addAction(tr("Folder…"), this, [this] { browseFor(QFileDialog::Directory); });
        browse->setMenu(menu);
        layout()->setSpacing(measure::kTiny);
        layout()->addWidget(browse);
    }

private:
    QDir base() const
    {
        const QString folder = QString::fromStdString(scope().folder().string());
        return folder.isEmpty() ? QDir::home() : QDir(folder);
    }

    void browseFor(QFileDialog::FileMode mode)
    {
        auto* dialog = new QFileDialog(this, fieldTitle(spec().name), base().absoluteFilePath(edit()->text()));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(mode);
        dialog->setOption(QFileDialog::DontConfirmOverwrite);
        connect(dialog, &QFileDialog::fileSelected, this, &PathEditor::choose);
        dialog->open();
    }

    void choose(const QString& path)
    {
        const QString relative = base().relativeFilePath(path);
        const QString written = relative.startsWith("../") || scope().folder().empty() ? path : relative;
        edit()->setText(written);
        take(read(written));
    }
};

}

FieldEditor* makePathEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new PathEditor(spec, scope, parent);
}

}
