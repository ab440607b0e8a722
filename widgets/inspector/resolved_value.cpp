#include "widgets/inspector/resolved_value.h"

#include "engine/pipeline/json.h"
#include "engine/pipeline/parameters.h"
#include "widgets/inspector/editors/field_editor.h"

namespace streamwright {

namespace {

bool mentions(const Json& value, std::string_view text)
{
    if (value.isString()) return value.asString().find(text) != std::string::npos;
    const auto& items = value.items();
    if (std::any_of(items.begin(), items.end(), [&](const Json& item) { return mentions(item, text); })) return true;
    const auto& members = value.members();
    return std::any_of(members.begin(), members.end(), [&](const Json::Member& member) { return mentions(member.second, text); });
}

// Files may be slow or far away, and hold secrets: a field does not look into them.
Json withoutFiles(Json value)
{
    if (value.isString() && mentions(value, "${file:")) return Json::string("***");
    for (Json& item : value.items()) item = withoutFiles(item);
    for (auto& [name, member] : value.members()) member = withoutFiles(member);
    return value;
}

}

QString resolvedText(const Json& value, const Json& parameters, const std::filesystem::path& folder)
{
    if (!mentions(value, "${")) return {};
    Diagnostics wrong;
    Parameters known(withoutFiles(parameters), {}, folder, wrong);
    wrong.clear();
    const Parameters::Inserted inserted = known.insert(withoutFiles(value), wrong);
    return wrong.empty() && inserted.complete ? plainText(inserted.printable) : QString();
}

}
