// Any bytes as a pipeline file: they are read or are a mistake; what is read is saved unchanged, survives
// being printed, and can be checked.
#include "engine/dataflow/check.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_file.h"

using namespace streamwright;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const Catalog catalog = builtInNodes();
    const std::string text(reinterpret_cast<const char*>(data), size);
    const DocumentFile file = DocumentFile::fromText(text);
    if (!file.document()) return 0;
    if (file.print(*file.document()) != text) __builtin_trap();
    const DocumentRead again = readDocument(printDocument(*file.document()));
    if (!again.document || !(*again.document == *file.document())) __builtin_trap();
    // Files of this machine are not looked at.
    if (text.find("${file:") == std::string::npos) check(*file.document(), catalog, {.folder = "/nonexistent"});
    return 0;
}
