#include "engine/flow/capture.h"

#include <array>
#include <unistd.h>

namespace streamwright {

OutputCapture::OutputCapture() : file_(std::tmpfile())
{
    if (!file_) return;
    std::fflush(stdout);
    original_ = ::dup(STDOUT_FILENO);
    ::dup2(::fileno(file_), STDOUT_FILENO);
}

OutputCapture::~OutputCapture() { take(); }

std::string OutputCapture::take()
{
    std::string text;
    if (!file_) return text;
    std::fflush(stdout);
    ::dup2(original_, STDOUT_FILENO);
    ::close(original_);
    std::rewind(file_);
    std::array<char, 4096> buffer{};
    for (size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), file_)) > 0;) text.append(buffer.data(), size);
    std::fclose(file_);
    file_ = nullptr;
    return text;
}

}
