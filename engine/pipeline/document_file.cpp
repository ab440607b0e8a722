#include "engine/pipeline/document_file.h"

#include "engine/base/files.h"

namespace streamwright {

DocumentFile DocumentFile::fromText(std::string text)
{
    DocumentFile file;
    file.read_ = readDocument(text);
    file.text_ = std::move(text);
    return file;
}

Result<DocumentFile> DocumentFile::load(const std::filesystem::path& path)
{
    auto text = readFile(path);
    if (!text) return text.error();
    return fromText(std::move(*text));
}

std::string DocumentFile::print(const Document& now) const
{
    return read_.document && *read_.document == now ? text_ : printDocument(now);
}

}
