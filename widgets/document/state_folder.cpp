#include "widgets/document/state_folder.h"

#include <QCryptographicHash>
#include <QDir>

namespace streamwright {

std::filesystem::path stateFolder()
{
    const QString home = qEnvironmentVariable("XDG_STATE_HOME");
    // The standard has relative paths ignored.
    const QString base = QDir::isAbsolutePath(home) ? home : QDir::homePath() + QStringLiteral("/.local/state");
    return std::filesystem::path(base.toStdString()) / "streamwright";
}

std::string hashOf(std::string_view bytes)
{
    const QByteArray view = QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size()));
    return QCryptographicHash::hash(view, QCryptographicHash::Sha256).toHex().toStdString();
}

}
