// An object of declared members: an editor below the other.
#include "widgets/inspector/editors/makers.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QFormLayout>

namespace streamwright {

namespace {

class ObjectEditor : public FieldEditor {
public:
    ObjectEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : FieldEditor(spec, scope, parent)
    {
        auto* form = new QFormLayout(this);
        form->setContentsMargins(measure::kMedium, 0, 0, 0);
        form->setVerticalSpacing(measure::kTiny);
        for (const FieldSpec& member : spec.members) {
            FieldEditor* editor = makeEditor(member, scope, this);
            editor->setPlaceholder(member.fallback.isNull() ? QString() : plainText(member.fallback));
            editor->setToolTip(engineText(member.help));
            form->addRow(new QLabel(fieldTitle(member.name), this), editor);
            connect(editor, &FieldEditor::edited, this, &ObjectEditor::gather);
            connect(editor, &FieldEditor::left, this, &FieldEditor::left);
            members_.push_back(editor);
        }
        if (!members_.empty()) setFocusProxy(members_.front());
    }

    // Members that are not declared cannot be shown here.
    bool takes(const Json& value) const override
    {
        return value.isObject() && std::all_of(value.members().begin(), value.members().end(), [&](const Json::Member& member) {
            return std::any_of(members_.begin(), members_.end(), [&](const FieldEditor* editor) { return editor->spec().name == member.first && editor->takes(member.second); });
        });
    }
    void setPlaceholder(const QString&) override {}

protected:
    void display(const std::optional<Json>& value) override
    {
        for (FieldEditor* editor : members_) {
            const Json* member = value ? value->find(editor->spec().name) : nullptr;
            editor->show(member ? std::optional<Json>(*member) : std::nullopt);
        }
    }

private:
    void gather()
    {
        Json object = value() ? *value() : Json::object();
        for (const FieldEditor* editor : members_) {
            if (editor->value()) object.set(editor->spec().name, *editor->value());
            else object.erase(editor->spec().name);
        }
        take(object.members().empty() ? std::nullopt : std::optional<Json>(std::move(object)));
    }

    std::vector<FieldEditor*> members_;
};

}

FieldEditor* makeObjectEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    if (spec.members.empty()) return makeJsonEditor(spec, scope, parent);
    return new ObjectEditor(spec, scope, parent);
}

}
