#include "widgets/document/state_folder.h"

#include <QCryptographicHash>
#include <QDir>

namespace streamwright {

namespace {

std::filesystem::path ownFolder(const char* variable, const QString& fallback)
{
    const QString home = qEnvironmentVariable(variable);
    // The standard has relative paths ignored.
    const QString base = QDir::isAbsolutePath(home) ? home : QDir::homePath() + fallback;
    return std::filesystem::path(base.toStdString()) / "streamwright";
}

}

std::filesystem::path stateFolder() { return ownFolder("XDG_STATE_HOME", QStringLiteral("/.local/state")); }

std::filesystem::path untitledFolder() { return ownFolder("XDG_DATA_HOME", QStringLiteral("/.local/share")); }

std::string hashOf(std::string_view bytes)
{
    const QByteArray view = QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size()));
    return QCryptographicHash::hash(view, QCryptographicHash::Sha256).toHex().toStdString();
}

}
