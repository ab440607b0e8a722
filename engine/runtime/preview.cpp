#include "engine/runtime/preview.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>

namespace streamwright {

namespace {

class Nothing final : public SinkWork {
public:
    void consume(const Morsel&, size_t, Emitter&) override {}
    Result<std::optional<std::string>> stage(Epoch) override { return std::optional<std::string>(); }
};

class Discarding final : public Sink {
public:
    explicit Discarding(std::string description) : description_(std::move(description)) {}
    Result<void> open(const SinkContext&) override { return {}; }
    std::unique_ptr<SinkWork> begin(const BatchContext&, uint32_t, size_t) override { return std::make_unique<Nothing>(); }
    Result<void> publish(const Pending&) override { return {}; }
    std::string description() const override { return description_; }

private:
    std::string description_;
};

}

std::unique_ptr<Sink> discardingSink(const Sink& instead) { return std::make_unique<Discarding>("preview: discarded instead of " + instead.description()); }

Result<TemporaryFolder> TemporaryFolder::make()
{
    std::error_code failure;
    std::string name = (std::filesystem::temp_directory_path(failure) / "streamwright-preview-XXXXXX").string();
    if (!::mkdtemp(name.data())) return permanent(fmt::format("no temporary folder could be made for the preview: {}: {}", name, std::strerror(errno)));
    return TemporaryFolder(name);
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}
