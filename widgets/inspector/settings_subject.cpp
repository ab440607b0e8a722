#include "widgets/inspector/subject.h"
#include "widgets/theme/names.h"

#include <QCoreApplication>

namespace streamwright {

namespace {

QString say(const char* text) { return QCoreApplication::translate("SettingsSubject", text); }

class SettingsSubject : public Subject {
public:
    using Subject::Subject;

    std::vector<FieldSpec> fields() const override
    {
        std::vector<FieldSpec> fields = settingFields();
        for (const auto& [name, value] : document().document().settings.members()) {
            if (std::any_of(fields.begin(), fields.end(), [&](const FieldSpec& field) { return field.name == name; })) continue;
            fields.push_back({.name = name, .help = say("Not a setting; kept as it is.").toStdString()});
        }
        return fields;
    }

    std::optional<Json> value(const std::string& field) const override
    {
        const Json* value = document().document().settings.find(field);
        return value ? std::optional<Json>(*value) : std::nullopt;
    }

    void write(const std::string& field, const std::optional<Json>& value) override
    {
        document().apply(setSetting(document().document(), field, value), say("Change setting %1").arg(fieldTitle(field)), "setting " + QString::fromStdString(field));
    }

    // `settings.retain.epochs` is a problem of `retain`.
    Diagnostics problems(const std::string& field) const override
    {
        const std::string name = "settings." + field;
        Diagnostics found;
        for (const Diagnostic& one : document().checked()->diagnostics) {
            if (one.node.empty() && (one.field == name || one.field.starts_with(name + '.'))) found.push_back(one);
        }
        return found;
    }
};

}

std::unique_ptr<Subject> settingsSubject(PipelineDocument& document, RunController* run)
{
    return std::make_unique<SettingsSubject>(document, run);
}

}
