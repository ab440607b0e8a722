#include "widgets/document/find.h"

#include "engine/pipeline/json.h"

namespace streamwright {

namespace {

QString shown(const Json& value)
{
    const QString text = QString::fromStdString(value.isString() ? value.asString() : printJsonLine(value));
    return text.simplified();
}

class Search {
public:
    explicit Search(const QString& wanted) : wanted_(wanted.simplified()) {}

    std::vector<FoundText> in(const Document& document)
    {
        if (wanted_.isEmpty()) return {};
        field(FoundText::Place::Pipeline, {}, QStringLiteral("name"), QString::fromStdString(document.name));
        members(FoundText::Place::Pipeline, {}, document.settings);
        members(FoundText::Place::Pipeline, {}, document.parameters);
        for (const Node& node : document.nodes) in(node);
        things(FoundText::Place::Frame, document.layout.find("frames"));
        things(FoundText::Place::Note, document.layout.find("notes"));
        return std::move(hits_);
    }

private:
    void in(const Node& node)
    {
        value(FoundText::Place::Node, node.id.name, {}, QString::fromStdString(node.id.name));
        value(FoundText::Place::Node, node.id.name, QStringLiteral("title"), QString::fromStdString(node.title));
        value(FoundText::Place::Node, node.id.name, QStringLiteral("type"), QString::fromStdString(node.type));
        members(FoundText::Place::Node, node.id.name, node.options);
        members(FoundText::Place::Node, node.id.name, node.extra);
    }

    void things(FoundText::Place place, const Json* all)
    {
        if (!all) return;
        for (const auto& [id, thing] : all->members()) {
            for (const char* text : {"title", "text"}) {
                if (const Json* there = thing.find(text)) value(place, id, QString::fromLatin1(text), shown(*there));
            }
        }
    }

    void members(FoundText::Place place, const std::string& id, const Json& object)
    {
        for (const auto& [name, json] : object.members()) field(place, id, QString::fromStdString(name), shown(json));
    }

    void value(FoundText::Place place, const std::string& id, const QString& field, const QString& text)
    {
        const qsizetype at = text.indexOf(wanted_, 0, Qt::CaseInsensitive);
        if (at >= 0) hits_.push_back({place, id, field, text, at});
    }

    // By its value, else by its name.
    void field(FoundText::Place place, const std::string& id, const QString& name, const QString& text)
    {
        const size_t before = hits_.size();
        value(place, id, name, text);
        if (hits_.size() == before && !text.isEmpty() && name.contains(wanted_, Qt::CaseInsensitive)) hits_.push_back({place, id, name, text, -1});
    }

    QString wanted_;
    std::vector<FoundText> hits_;
};

}

std::vector<FoundText> find(const Document& document, const QString& wanted)
{
    return Search(wanted).in(document);
}

}
