#include "widgets/canvas/links.h"

#include "engine/pipeline/document_json.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/theme/names.h"

#include <QCoreApplication>

namespace streamwright {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Links)
};

LinkVerdict refused(QString reason) { return {false, std::move(reason)}; }

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

bool reaches(const CanvasGraph& graph, size_t from, size_t to, const Wire* instead)
{
    std::vector<char> seen(graph.boxes().size(), 0);
    std::vector<size_t> open{from};
    while (!open.empty()) {
        const size_t box = open.back();
        open.pop_back();
        if (box == to) return true;
        if (std::exchange(seen[box], 1)) continue;
        for (size_t wire : graph.boxes()[box].wires) {
            const Wire& leaving = graph.wires()[wire];
            if (leaving.from == box && &leaving != instead) open.push_back(leaving.to);
        }
    }
    return false;
}

const Wire* wireInto(const CanvasGraph& graph, size_t box, size_t port, const Wire* instead)
{
    for (size_t wire : graph.boxes()[box].wires) {
        const Wire& entering = graph.wires()[wire];
        if (entering.to == box && entering.toPort == port && &entering != instead) return &entering;
    }
    return nullptr;
}

LinkVerdict judgeShape(const CanvasGraph& graph, const LinkEnd& output, const LinkEnd& input, const Wire* instead)
{
    const auto from = graph.indexOf(output.node), to = graph.indexOf(input.node);
    if (!from || !to) return refused(Words::tr("the node is gone"));
    if (*from == *to) return refused(Words::tr("a node cannot feed itself"));
    const NodeBox& target = graph.boxes()[*to];
    const PortBox& port = target.inputs[input.port];
    if (!port.known) return refused(Words::tr("%1 has no port %2").arg(target.title.text(), text(port.name)));
    if (const Wire* taken = wireInto(graph, *to, input.port, instead)) {
        const NodeBox& feeder = graph.boxes()[taken->from];
        if (taken->from == *from && taken->fromPort == output.port) return refused(Words::tr("they are connected already"));
        if (!port.many) return refused(Words::tr("%1 already takes its rows from %2").arg(target.title.text(), feeder.title.text()));
    }
    if (reaches(graph, *to, *from, instead)) return refused(Words::tr("a cycle: %1 already feeds %2").arg(target.title.text(), graph.boxes()[*from].title.text()));
    return {};
}

// What check() says about the node that is new with the edge. Of an option it can be mended later.
LinkVerdict judgeByCheck(const PipelineDocument& document, const CanvasGraph& graph, const Edge& edge, const Wire* instead)
{
    Document after = document.document();
    if (instead) std::erase(after.edges, instead->edge);
    after.edges.push_back(edge);
    const auto before = document.checked();
    const CheckedPipeline checked = check(after, document.catalog(), {.folder = document.folder(), .parameters = {}});
    LinkVerdict verdict;
    for (const Diagnostic& found : checked.diagnostics) {
        if (found.node != edge.to || found.severity != Severity::Error) continue;
        const bool old = std::any_of(before->diagnostics.begin(), before->diagnostics.end(), [&](const Diagnostic& other) { return other.node == found.node && other.message == found.message; });
        if (old) continue;
        const NodeType* type = graph.box({edge.to})->type;
        if (type && type->spec.field(found.field)) verdict.reason = engineText(found.message);
        else return refused(engineText(found.message));
    }
    return verdict;
}

}

LinkVerdict judgeLink(const PipelineDocument& document, const CanvasGraph& graph, LinkEnd a, LinkEnd b, const Wire* instead)
{
    if (a.side == b.side) {
        const NodeBox* target = graph.box(b.node);
        return refused((a.side == Side::Output ? Words::tr("%1 takes no rows") : Words::tr("%1 hands no rows on")).arg(target ? target->title.text() : text(b.node.name)));
    }
    if (a.side == Side::Input) std::swap(a, b);
    const LinkVerdict shape = judgeShape(graph, a, b, instead);
    return shape.allowed ? judgeByCheck(document, graph, edgeBetween(graph, a, b), instead) : shape;
}

std::string portText(const NodeSpec& spec, Side side, size_t port)
{
    if (side == Side::Input) return spec.inputs.size() <= 1 ? std::string() : spec.inputs[port].name;
    if (port == 0 && !spec.outputs.empty()) return {};
    return port < spec.outputs.size() ? spec.outputs[port].name : std::string(kRejectedPort);
}

Edge edgeBetween(const CanvasGraph& graph, const LinkEnd& a, const LinkEnd& b)
{
    const LinkEnd& output = a.side == Side::Output ? a : b;
    const LinkEnd& input = a.side == Side::Output ? b : a;
    const auto nameOf = [&](const LinkEnd& end) {
        const NodeBox& box = *graph.box(end.node);
        const PortBox& port = (end.side == Side::Input ? box.inputs : box.outputs)[end.port];
        return box.type && port.known ? portText(box.type->spec, end.side, end.port) : port.name;
    };
    return {output.node.name, nameOf(output), input.node.name, nameOf(input)};
}

}
