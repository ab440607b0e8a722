// One of the declared choices. Left out it shows the default.
#include "widgets/inspector/editors/makers.h"
#include "widgets/theme/names.h"

#include <QComboBox>
#include <QWheelEvent>

namespace streamwright {

namespace {

// Scrolling the form must not change what the pointer happens to pass over.
class QuietComboBox : public QComboBox {
public:
    using QComboBox::QComboBox;

protected:
    void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

class ChoiceEditor : public FieldEditor {
    Q_DECLARE_TR_FUNCTIONS(streamwright::ChoiceEditor)

public:
    ChoiceEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : FieldEditor(spec, scope, parent), box_(new QuietComboBox(this))
    {
        for (const std::string& choice : spec.choices) {
            const bool isDefault = spec.fallback.isString() && spec.fallback.asString() == choice;
            const QString text = fieldTitle(choice);
            box_->addItem(isDefault ? tr("%1 (default)").arg(text) : text, QString::fromStdString(choice));
        }
        box_->setAccessibleName(fieldTitle(spec.name));
        box_->setAccessibleDescription(engineText(spec.help));
        box_->setFocusPolicy(Qt::StrongFocus);
        box_->setMinimumWidth(60);
        auto* row = new QHBoxLayout(this);
        row->setContentsMargins(0, 0, 0, 0);
        row->addWidget(box_);
        setFocusProxy(box_);
        connect(box_, &QComboBox::activated, this, [this](int index) {
            // The default that is shown anyway needs no entry.
            if (!value() && index == box_->findData(QString::fromStdString(this->spec().fallback.asString()))) return;
            take(Json::string(box_->itemData(index).toString().toStdString()));
            Q_EMIT left();
        });
    }

    bool takes(const Json& value) const override { return value.isString() && box_->findData(QString::fromStdString(value.asString())) >= 0; }
    void setPlaceholder(const QString& text) override { box_->setPlaceholderText(text); }

protected:
    void display(const std::optional<Json>& value) override
    {
        const Json& shown = value ? *value : spec().fallback;
        box_->setCurrentIndex(shown.isString() ? box_->findData(QString::fromStdString(shown.asString())) : -1);
    }

private:
    QComboBox* box_;
};

}

FieldEditor* makeChoiceEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new ChoiceEditor(spec, scope, parent);
}

}
