// A check box. Left out it shows the default, and says so.
#include "widgets/inspector/editors/makers.h"
#include "widgets/theme/names.h"

#include <QCheckBox>

namespace streamwright {

namespace {

class BooleanEditor : public FieldEditor {
public:
    BooleanEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : FieldEditor(spec, scope, parent), box_(new QCheckBox(fieldTitle(spec.name), this))
    {
        box_->setAccessibleDescription(engineText(spec.help));
        auto* row = new QHBoxLayout(this);
        row->setContentsMargins(0, 0, 0, 0);
        row->addWidget(box_);
        setFocusProxy(box_);
        // Not toggled: that comes from the document too.
        connect(box_, &QCheckBox::clicked, this, [this](bool checked) {
            box_->setTristate(false);
            take(Json::boolean(checked));
            Q_EMIT left();
        });
    }

    bool takes(const Json& value) const override { return value.isBoolean(); }
    // The default is what the box shows; several nodes that differ: neither.
    void setPlaceholder(const QString&) override {}
    bool hasOwnTitle() const override { return true; }

protected:
    void display(const std::optional<Json>& value) override
    {
        const Json& shown = value ? *value : spec().fallback;
        box_->setChecked(shown.isBoolean() && shown.asBoolean());
    }

private:
    QCheckBox* box_;
};

}

FieldEditor* makeBooleanEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new BooleanEditor(spec, scope, parent);
}

}
