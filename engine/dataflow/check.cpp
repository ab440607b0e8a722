#include "engine/dataflow/check.h"

#include "engine/dataflow/checking.h"

namespace streamwright {

void Checking::tell(const Node& node, std::string field, std::string message, std::string hint, int line, Severity severity)
{
    const auto at = byName.find(node.id.name);
    const bool idle = node.disabled || node.bypassed || (at != byName.end() && !nodes.empty() && !nodes[at->second].runs);
    if (line == 0) {
        const Json* option = node.options.find(field);
        line = option ? option->line() : node.line;
    }
    result.diagnostics.push_back({node.id.name, std::move(field), parameters.redact(std::move(message)), parameters.redact(std::move(hint)), line, idle ? Severity::Warning : severity});
}

void Checking::tellDocument(std::string field, std::string message, std::string hint, int line, Severity severity)
{
    result.diagnostics.push_back({{}, std::move(field), parameters.redact(std::move(message)), std::move(hint), line, severity});
}

bool Checking::isWrittenDown(const FieldSpec& field, const Json& printable)
{
    const Json* shown = field.kind == FieldKind::Secret ? printable.find(field.name) : nullptr;
    return shown && shown->isString() && !shown->asString().empty() && shown->asString().find("***") == std::string::npos;
}

namespace {

void readSettingsOf(Checking& checking)
{
    Diagnostics wrong;
    const Parameters::Inserted settings = checking.parameters.insert(checking.document.settings, wrong);
    for (Diagnostic& diagnostic : wrong) checking.tellDocument("settings", diagnostic.message, diagnostic.hint, diagnostic.line);
    const size_t before = checking.result.diagnostics.size();
    checking.result.settings = readSettings(settings.value, checking.options.folder, checking.result.diagnostics);
    for (size_t i = before; i < checking.result.diagnostics.size(); ++i) {
        std::string& message = checking.result.diagnostics[i].message;
        message = checking.parameters.redact(std::move(message));
    }
    for (const FieldSpec& field : settingFields()) {
        if (!Checking::isWrittenDown(field, settings.printable)) continue;
        checking.tellDocument("settings." + field.name, field.name + kIsWrittenDown, kReferToIt, settings.printable.find(field.name)->line());
    }
    const Settings& read = checking.result.settings;
    checking.result.context = {checking.options.folder, read.timeZone, read.trigger == Trigger::Interval ? read.batchInterval : Duration{}};
}

}

CheckedPipeline check(const Document& document, const Catalog& catalog, const CheckOptions& options)
{
    Diagnostics diagnostics;
    Parameters parameters(document.parameters, options.parameters, options.folder, diagnostics);
    Checking checking{document, catalog, options, std::move(parameters), {}, {}, {}, {}};
    checking.result.diagnostics = std::move(diagnostics);
    checking.result.name = document.name;

    checkStructure(checking);
    readSettingsOf(checking);
    checkTypes(checking);
    checkEdges(checking);
    leaveOutWhatDoesNotRun(checking);
    checkNodeOptions(checking);
    checkInputs(checking);
    planNodes(checking);
    checkRules(checking);
    checking.result.documentHash = documentHashOf(checking);

    auto& found = checking.result.diagnostics;
    std::stable_sort(found.begin(), found.end(), [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
    checking.result.parameters = std::make_shared<const Parameters>(std::move(checking.parameters));
    return std::move(checking.result);
}

}
