#include "widgets/document/versions.h"

#include "engine/base/files.h"
#include "widgets/document/state_folder.h"

#include <QDateTime>

#include <algorithm>

namespace streamwright {

namespace {

std::filesystem::path folderOf(const std::filesystem::path& file)
{
    return stateFolder() / "versions" / (file.stem().string() + "-" + hashOf(file.string()).substr(0, 16));
}

}

std::vector<std::filesystem::path> versionsOf(const std::filesystem::path& file)
{
    std::vector<std::filesystem::path> versions;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folderOf(file), failure)) {
        if (entry.path().filename().string().ends_with(file.filename().string())) versions.push_back(entry.path());
    }
    std::ranges::sort(versions, std::greater());
    return versions;
}

Result<void> keepVersion(const std::filesystem::path& file, std::string_view text)
{
    const std::filesystem::path folder = folderOf(file);
    if (auto made = makeFolder(folder); !made) return made;
    const std::string time = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz")).toStdString();
    if (auto kept = writeDurably(folder / (time + "-" + file.filename().string()), text); !kept) return kept;
    const auto versions = versionsOf(file);
    for (size_t i = kKeptVersions; i < versions.size(); ++i) (void)removeAll(versions[i]);
    return {};
}

}
