// A document with the file it came from. Saving an unchanged document gives the file's own bytes back.
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

// Writes through a temporary file beside it, fsync and rename: after a crash the old or the new file
// stands there, never half of one.
Result<void> saveFile(const std::filesystem::path& path, std::string_view text);

Result<std::string> loadFile(const std::filesystem::path& path);

}
