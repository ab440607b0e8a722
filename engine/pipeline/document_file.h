// A document with the text it came from. Saving an unchanged document gives the same bytes: write what
// `print` returns with base/files writeDurably.
#pragma once
#include "engine/base/result.h"
#include "engine/pipeline/document_json.h"

#include <filesystem>

namespace streamwright {

class DocumentFile {
public:
    // Fails if the file cannot be read; broken JSON gives no document, but diagnostics.
    static Result<DocumentFile> load(const std::filesystem::path& path);
    static DocumentFile fromText(std::string text);

    const std::optional<Document>& document() const { return read_.document; }
    const Diagnostics& diagnostics() const { return read_.diagnostics; }

    // The text to save `now` as: the original bytes as long as it equals what was read.
    std::string print(const Document& now) const;

private:
    std::string text_;
    DocumentRead read_;
};

}
