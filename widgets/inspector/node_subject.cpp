#include "widgets/inspector/live_schema.h"
#include "widgets/inspector/subject.h"
#include "widgets/theme/names.h"

#include <QCoreApplication>

namespace streamwright {

namespace {

QString say(const char* text) { return QCoreApplication::translate("NodeSubject", text); }

class NodeSubject : public Subject {
public:
    NodeSubject(PipelineDocument& document, RunController* run, std::set<NodeId> nodes) : Subject(document, run), nodes_(nodes.begin(), nodes.end()) {}

    std::vector<FieldSpec> fields() const override
    {
        const NodeType* type = document().typeOf(nodes_.front());
        std::vector<FieldSpec> fields = type ? type->spec.fields : std::vector<FieldSpec>();
        for (size_t i = 1; i < nodes_.size(); ++i) {
            const NodeType* other = document().typeOf(nodes_[i]);
            std::erase_if(fields, [&](const FieldSpec& field) {
                const FieldSpec* same = other ? other->spec.field(field.name) : nullptr;
                return !same || same->kind != field.kind || same->choices != field.choices;
            });
        }
        if (nodes_.size() == 1) addUnknown(fields);
        return fields;
    }

    std::optional<Json> value(const std::string& field) const override { return differs(field) ? std::nullopt : valueOf(nodes_.front(), field); }

    bool differs(const std::string& field) const override
    {
        const auto first = valueOf(nodes_.front(), field);
        return std::any_of(nodes_.begin() + 1, nodes_.end(), [&](const NodeId& node) { return valueOf(node, field) != first; });
    }

    void write(const std::string& field, const std::optional<Json>& value) override
    {
        Edit edit;
        QString key = "option " + QString::fromStdString(field);
        for (const NodeId& node : nodes_) {
            if (!document().node(node)) continue;
            edit.add(setOption(document().document(), node, field, value));
            key += ' ' + QString::fromStdString(node.name);
        }
        const QString name = nodes_.size() == 1 ? say("Change %1 of %2").arg(fieldTitle(field), QString::fromStdString(nodes_.front().name)) : say("Change %1 of %2 nodes").arg(fieldTitle(field)).arg(nodes_.size());
        document().apply(edit, name, key);
    }

    Diagnostics problems(const std::string& field) const override
    {
        Diagnostics found;
        for (const NodeId& node : nodes_) {
            for (const Diagnostic& one : document().diagnosticsOf(node)) {
                if (one.field == field && std::none_of(found.begin(), found.end(), [&](const Diagnostic& known) { return known.message == one.message; })) found.push_back(one);
            }
        }
        return found;
    }

    Schema columns() const override { return incomingColumns(document(), nodes_.front()); }

    std::optional<EvaluateQuery> rows() const override
    {
        const auto incoming = incomingRows(document(), nodes_.front());
        if (nodes_.size() != 1 || incoming.size() != 1 || !incoming.front().schema) return std::nullopt;
        EvaluateQuery query;
        query.schema = *incoming.front().schema;
        query.most = 2;
        if (run() && run()->isRunning()) {
            query.node = incoming.front().from;
            query.port = incoming.front().fromPort;
            query.moment = run()->moment();
        } else {
            query.rows = sampleRows(query.schema);
        }
        return query;
    }

private:
    std::optional<Json> valueOf(const NodeId& id, const std::string& field) const
    {
        const Node* node = document().node(id);
        const Json* value = node ? node->options.find(field) : nullptr;
        return value ? std::optional<Json>(*value) : std::nullopt;
    }

    void addUnknown(std::vector<FieldSpec>& fields) const
    {
        const Node* node = document().node(nodes_.front());
        if (!node) return;
        for (const auto& [name, value] : node->options.members()) {
            if (std::any_of(fields.begin(), fields.end(), [&](const FieldSpec& field) { return field.name == name; })) continue;
            fields.push_back({.name = name, .help = say("Not an option of this type; kept as it is.").toStdString()});
        }
    }

    std::vector<NodeId> nodes_;
};

}

std::unique_ptr<Subject> nodeSubject(PipelineDocument& document, RunController* run, std::set<NodeId> nodes)
{
    return std::make_unique<NodeSubject>(document, run, std::move(nodes));
}

}
