#include "widgets/inspector/problem_list.h"

#include "widgets/inspector/themed_label.h"
#include "widgets/theme/names.h"
#include "widgets/theme/severity_icon.h"

namespace streamwright {

namespace {

constexpr int kIconSize = 14;

// Paints its icon anew each time: it takes its colour from the theme of the moment.
class SignLabel : public QWidget {
public:
    SignLabel(Severity severity, QWidget* parent) : QWidget(parent), icon_(severityIcon(severity)) { setFixedSize(kIconSize, kIconSize + 2); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        icon_.paint(&painter, QRect(0, 2, kIconSize, kIconSize));
    }

private:
    QIcon icon_;
};

}

ProblemList::ProblemList(QWidget* parent) : QWidget(parent)
{
    auto* lines = new QVBoxLayout(this);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(2);
    hide();
}

void ProblemList::show(const Diagnostics& problems)
{
    setVisible(!problems.empty());
    if (problems == shown_) return;
    shown_ = problems;
    while (QLayoutItem* item = layout()->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const Diagnostic& one : problems) {
        auto* line = new QWidget(this);
        auto* row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(measure::kTiny);
        row->addWidget(new SignLabel(one.severity, line), 0, Qt::AlignTop);
        auto* text = new ThemedLabel(TextRole::Secondary, one.severity == Severity::Error ? ThemedLabel::Tone::Error : ThemedLabel::Tone::Warning, line);
        text->setWordWrap(true);
        text->setText(one.hint.empty() ? engineText(one.message) : engineText(one.message) + QStringLiteral(": ") + engineText(one.hint));
        row->addWidget(text, 1);
        layout()->addWidget(line);
    }
}

}
