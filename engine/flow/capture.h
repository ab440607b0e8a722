// Holds back what is written to standard output while it lives. One at a time in a process.
#pragma once
#include <cstdio>
#include <string>

namespace streamwright {

class OutputCapture {
public:
    OutputCapture();
    ~OutputCapture();
    OutputCapture(const OutputCapture&) = delete;
    OutputCapture& operator=(const OutputCapture&) = delete;
    std::string take();     // ends the capture

private:
    std::FILE* file_ = nullptr;
    int original_ = -1;
};

}
