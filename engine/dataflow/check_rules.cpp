#include "engine/dataflow/checking.h"
#include "engine/pipeline/json.h"

#include <set>

namespace streamwright {

namespace {

void checkThereIsASink(Checking& checking)
{
    for (const CheckedNode& checked : checking.nodes) {
        if (checked.runs && (!checked.type || checked.type->spec.group == Group::Sink)) return;
    }
    checking.tellDocument("nodes", "no output operations registered, so nothing to execute: no sink runs", "add a sink, for example {\"type\": \"sink.console\"}", 0);
}

void checkTime(Checking& checking, const CheckedNode& checked)
{
    const Trigger trigger = checking.result.settings.trigger;
    if (!checked.type->spec.needsInterval || trigger == Trigger::Interval) return;
    checking.tell(*checked.node, {}, checked.type->spec.type + " works over batch time and needs `trigger: interval`, but the trigger is " + std::string(triggerName(trigger)), "remove \"trigger\" from the settings");
}

void checkEnd(Checking& checking, const CheckedNode& checked)
{
    if (const auto warning = waitsInVain(checked.node->id, checked.type->spec, checking.result.settings.trigger)) checking.tell(*checked.node, {}, warning->message, warning->hint, 0, Severity::Warning);
}

void checkCheckpoint(Checking& checking, const CheckedNode& checked)
{
    if (checking.result.settings.checkpoint) return;
    const std::string hint = "add \"checkpoint\": \"NAME.checkpoint\" to the settings";
    if (checked.type->spec.stateful) checking.tell(*checked.node, {}, "its state is lost when the run ends, since the pipeline has no checkpoint", hint, 0, Severity::Warning);
    if (checked.type->spec.receives) checking.tell(*checked.node, {}, "what it has received is lost in a crash, since the pipeline has no checkpoint", hint, 0, Severity::Warning);
}

// The options that say where a sink writes; empty if it does not write to a path.
std::string targetOf(const Checking& checking, const CheckedNode& checked)
{
    std::string target;
    bool path = false;
    for (const FieldSpec& field : checked.type->spec.fields) {
        const Json* value = checked.options.find(field.name);
        if (!value) value = &field.fallback;
        if (field.kind == FieldKind::Path && value->isString()) {
            path = true;
            target += field.name + " " + (checking.options.folder / value->asString()).lexically_normal().string() + " ";
        } else if (field.kind == FieldKind::Text) {
            target += field.name + " " + printJsonLine(*value) + " ";
        }
    }
    return path ? checked.type->spec.type + " " + target : std::string();
}

// Another machine that goes on from a shipped checkpoint has none of this one's files.
void checkMoves(Checking& checking, const CheckedNode& checked)
{
    if (!checking.result.settings.shipping || !checked.optionsGood) return;
    const NodeSpec& spec = checked.type->spec;
    const std::string hint = "another machine that goes on from the checkpoint does not have it";
    if (spec.receives) checking.tell(*checked.node, {}, "what it has received stays on this machine, though the checkpoint is shipped", hint, 0, Severity::Warning);
    if (spec.group == Group::Sink && !targetOf(checking, checked).empty()) checking.tell(*checked.node, {}, "it writes to this machine, though the checkpoint is shipped", hint, 0, Severity::Warning);
}

void checkTargets(Checking& checking)
{
    std::map<std::string, std::string> owners;
    for (const CheckedNode& checked : checking.nodes) {
        if (!checked.runs || !checked.type || !checked.optionsGood || checked.type->spec.group != Group::Sink) continue;
        const std::string target = targetOf(checking, checked);
        if (target.empty()) continue;
        const auto [owner, first] = owners.emplace(target, checked.node->id.name);
        if (!first) checking.tell(*checked.node, {}, "writes to the same target as " + owner->second, "give it another path, or unite the two streams before one sink");
    }
}

// What stands between the colon and the @ of `scheme://user:password@host`; empty if nothing does.
std::string_view passwordOfUrl(std::string_view text)
{
    const size_t scheme = text.find("://");
    if (scheme == std::string_view::npos) return {};
    std::string_view authority = text.substr(scheme + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    const std::string_view user = authority.substr(0, authority.rfind('@') == std::string_view::npos ? 0 : authority.rfind('@'));
    return user.find(':') == std::string_view::npos ? std::string_view() : user.substr(user.find(':') + 1);
}

// A pipeline file is shown, sent and kept in repositories: it refers to secrets, and holds none. Those that were inserted
// are asterisks here. Whether an address may have a password at all, its node knows.
void checkSecrets(Checking& checking, const CheckedNode& checked)
{
    for (const FieldSpec& field : checked.type->spec.fields) {
        if (Checking::isWrittenDown(field, checked.printable)) checking.tell(*checked.node, field.name, field.name + kIsWrittenDown, kReferToIt);
        const Json* shown = field.kind == FieldKind::Text && checked.optionsGood ? checked.printable.find(field.name) : nullptr;
        const std::string_view password = shown && shown->isString() ? passwordOfUrl(shown->asString()) : std::string_view();
        if (!password.empty() && password.find("***") == std::string_view::npos) checking.tell(*checked.node, field.name, "the password in " + field.name + kIsWrittenDown, kReferToIt);
    }
}

void checkRenames(Checking& checking)
{
    std::map<std::string, std::string> claims;
    for (const CheckedNode& checked : checking.nodes) {
        for (const std::string& old : checked.node->was) {
            const auto [owner, first] = claims.emplace(old, checked.node->id.name);
            if (!first) checking.tell(*checked.node, "was", "the state of " + old + " is claimed by " + owner->second + " too", "leave the old name with one of the two");
            else if (checking.byName.contains(old)) checking.tell(*checked.node, "was", "was called " + old + ", but a node of that name is there", "remove the name from \"was\", or rename the other node");
        }
    }
}

void checkRowsAreTaken(Checking& checking)
{
    std::set<size_t> feeding;
    for (const CheckedEdge& edge : checking.edges) feeding.insert(edge.from);
    for (size_t i = 0; i < checking.nodes.size(); ++i) {
        const CheckedNode& checked = checking.nodes[i];
        if (!checked.runs || !checked.type || checked.type->spec.outputs.empty() || feeding.contains(i)) continue;
        checking.tell(*checked.node, {}, "nothing takes its rows", "lead them to a sink, or remove the node", 0, Severity::Warning);
    }
}

}

std::optional<Diagnostic> waitsInVain(const NodeId& node, const NodeSpec& spec, Trigger trigger)
{
    if (!spec.endless || (trigger != Trigger::Once && trigger != Trigger::AvailableNow)) return std::nullopt;
    Diagnostic warning{.node = node.name, .severity = Severity::Warning};
    warning.message = trigger == Trigger::Once ? fmt::format("trigger once waits for the end of the stream before its only batch, but {} never ends: nothing is computed", spec.type)
                                               : fmt::format("trigger available_now ends the run when all is read, but {} never ends: the run goes on until it is stopped", spec.type);
    warning.hint = "let trigger be interval or as_data_arrives; Ctrl-C or --batches N ends the run";
    return warning;
}

void checkRules(Checking& checking)
{
    if (!checking.document.extra.isObject()) return;
    checkThereIsASink(checking);
    for (const CheckedNode& checked : checking.nodes) {
        if (!checked.runs || !checked.type) continue;
        checkMoves(checking, checked);
        checkTime(checking, checked);
        checkEnd(checking, checked);
        checkCheckpoint(checking, checked);
        checkSecrets(checking, checked);
    }
    checkTargets(checking);
    checkRenames(checking);
    checkRowsAreTaken(checking);
}

}
